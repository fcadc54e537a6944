"""Alerts that wait: put off until a moment, and called back before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine.workbench import clock
from engine.workbench.changes import changing, free
from engine.workbench.permissions import Actor, guarded
from engine.workbench.settings import current
from engine.workbench.texts import checked


@guarded("work")
def snooze(
    session: Session,
    actor: Actor,
    alert_id: int,
    version: int | None,
    until: datetime,
    comment: str = "",
) -> int:
    """Put an alert off until a moment, and return its new version.

    Its clock goes on: what is due is due. New evidence that grows it brings it back earlier.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who asks.
    alert_id, version
        The alert, and the version that the actor saw (``None`` where they saw none).
    until
        With a time zone, in the future, at most ``snooze_days_max`` days from now.
    comment
        Why.

    Raises
    ------
    InputError
        If the moment is out of its range.
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    clock.check_ahead(until, current(session).snooze_days_max, "a snooze")
    why = checked("the comment", comment)
    with changing(session, actor, "snooze", alert_id, version) as change:
        change.alert.snoozed_until = until
        change.told = {"comment": why} if why.strip() else {}
        if change.alert.locked_by_id == actor.user_id:
            free(change.alert)
    return change.alert.version


@guarded("work")
def wake(session: Session, actor: Actor, alert_id: int, version: int | None) -> int:
    """End an alert's snooze now, and return its new version.

    Raises
    ------
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    with changing(session, actor, "wake", alert_id, version) as change:
        change.alert.snoozed_until = None
    return change.alert.version
