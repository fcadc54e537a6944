"""Which state the workbench is in: what was counted in one state holds until the next."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench.models import AuditHead
from engine.workbench.permissions import Actor, guarded


@guarded("read")
def revision(session: Session, actor: Actor) -> int:
    """Return a number that grows with every change that the audit tells of.

    Locks and looks come and go without one. What depends on the time of day, such as how many
    alerts are overdue, may change without it.
    """
    return session.scalars(select(AuditHead.seq)).one()
