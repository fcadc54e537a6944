"""What people do with drills: allowed or not below the pages, and kept in the audit."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.permissions import Actor, guarded

DrillOrder = Literal["start", "cancel", "delete"]


@guarded("run")
def order_drill(
    session: Session, actor: Actor, order: DrillOrder, drill_id: str, about: Any = None
) -> None:
    """Record that somebody starts a drill, ends it, or deletes it with all it made.

    ``about`` says what is planted into what: what can be written as JSON.
    """
    audit.append(session, actor.login, f"{order}_drill", f"drill {drill_id}", None, about)
