"""Which state the workbench is in: what was counted in one state holds until the next."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.workbench.models import AuditEntry, Evidence
from engine.workbench.permissions import Actor, guarded

#: Actions that leave every alert as it is; only a search in notes may find more by a note.
BESIDE_ALERTS = (
    "note", "freeze", "download", "sign_in", "sign_out", "set_preferences", "save_view",
    "share_view", "delete_view", "reveal_accounts", "change_password",
)  # fmt: skip


@guarded("read")
def revision(session: Session, actor: Actor, *, with_notes: bool = False) -> int:
    """Return a number that grows with every change to alerts that the audit tells of.

    Locks and looks come and go without one. What depends on the time of day, such as how many
    alerts are overdue, may change without it.

    Parameters
    ----------
    session
        To read with.
    actor
        Who asks.
    with_notes
        Whether it grows with notes too.
    """
    beside = [one for one in BESIDE_ALERTS if not (with_notes and one == "note")]
    last = (
        select(AuditEntry.seq)
        .where(AuditEntry.action.not_in(beside))
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    )
    return session.scalars(last).first() or 0


@guarded("read")
def intake(session: Session, actor: Actor) -> int:
    """Return a number that grows with every evidence that a run brings."""
    return session.scalars(select(func.max(Evidence.id))).one() or 0
