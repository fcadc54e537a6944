"""Next: the best alert that nobody else has, and the soft lock that keeps it so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.workbench import audit, clock
from engine.workbench.changes import (
    IN_WORK,
    free,
    is_held_by_other,
    locked_row,
    pending_decision,
)
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Alert, User
from engine.workbench.names import alert_name
from engine.workbench.permissions import Actor, Role, allows, guarded, require
from engine.workbench.queue_conditions import conditions, waits_for, working_order
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.settings import current

#: Share of a lock's time after which it is renewed.
RENEWED_AFTER = 0.1


@dataclass(frozen=True, slots=True)
class Lock:
    """Who has an alert open, until when unless they go on."""

    login: str
    name: str
    until: datetime
    is_mine: bool


@guarded("work")
def take_next(
    session: Session, actor: Actor, chosen: QueueFilter, passed: Collection[int] = ()
) -> int | None:
    """Lock the best alert that nobody else has, and return its id; ``None`` if there is none.

    It is the first in the working order that is open or in review, not put off, not open at
    somebody else's and not assigned to anybody else. Where the filter asks for what awaits
    approval, it may also be somebody else's decision that the actor may approve. What the actor had
    open before is free again.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who works.
    chosen
        Narrows the choice by what alerts are about, and to some statuses or an assignee; its order
        and ``show`` do not count.
    passed
        Alerts that the actor has looked at and left.

    Notes
    -----
    Two people never get one alert: on SQLite one change waits for the other; on PostgreSQL each
    skips rows that the other is about to take.
    """
    for held in _held(session, actor):
        free(held)
    session.flush()
    wanted = conditions(session, actor, replace(chosen, show="working"))
    found = session.scalars(
        select(Alert)
        .where(*wanted, *_is_free(session, actor, chosen), Alert.id.not_in(passed))
        .order_by(*working_order())
        .limit(1)
        .with_for_update(skip_locked=True, of=Alert)
    ).first()
    if found is None:
        return None
    _lock(session, actor, found)
    return found.id


@guarded("work")
def hold(session: Session, actor: Actor, alert_id: int) -> Lock | None:
    """Lock an alert for who has it open, or go on doing so; return who holds it now, if anybody.

    What the actor had open before is free again. Who can only read does not lock: a closed alert
    needs none, one that waits for approval is for those who may approve it, and one that is
    assigned is for its assignee. Locks come and go without an entry in the audit and without a new
    version.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    # In the order of their ids, as all do who lock several: nobody waits in a circle.
    held = _held(session, actor, alert_id)
    alert = next((one for one in held if one.id == alert_id), None)
    if alert is None:
        raise NotFoundError(f"there is no alert {alert_name(alert_id)}")
    if not is_held_by_other(actor, alert) and _is_for(session, actor, alert):
        for other in held:
            if other.id != alert_id:
                free(other)
        _lock(session, actor, alert)
    return lock_of(session, actor, alert)


@guarded("work")
def release(session: Session, actor: Actor, alert_id: int) -> None:
    """Let others have an alert; one that somebody else has open takes ``assign_others``.

    Raises
    ------
    NotAllowedError
        If somebody else holds it and the actor's role does not hold ``assign_others``.
    NotFoundError
        If there is no such alert.
    """
    alert = locked_row(session, alert_id)
    if not is_held_by_other(actor, alert):
        free(alert)
        return
    require(session, actor, "assign_others")
    holder = session.get(User, alert.locked_by_id)
    free(alert)
    session.flush()
    assert holder is not None
    audit.append(
        session, actor.login, "release", f"alert {alert_id}", {"locked_by": holder.login}, {}
    )


def lock_of(session: Session, actor: Actor, alert: Alert) -> Lock | None:
    """Return who has an alert open now, if anybody (system)."""
    if alert.locked_until is None or alert.locked_until <= clock.now():
        return None
    holder = session.get(User, alert.locked_by_id)
    assert holder is not None
    return Lock(holder.login, holder.name, alert.locked_until, holder.id == actor.user_id)


def _held(session: Session, actor: Actor, *others: int) -> list[Alert]:
    """Return the alerts that the actor has open, and some others, all locked for a change."""
    found = session.scalars(
        select(Alert)
        .where(or_(Alert.locked_by_id == actor.user_id, Alert.id.in_(others)))
        .order_by(Alert.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(found)


def _is_free(session: Session, actor: Actor, chosen: QueueFilter) -> list[ColumnElement[bool]]:
    to_do = and_(
        Alert.status.in_(IN_WORK),
        or_(Alert.assignee_id.is_(None), Alert.assignee_id == actor.user_id),
    )
    if "awaiting_approval" in chosen.statuses and _may_approve(session, actor):
        to_do = or_(to_do, waits_for(actor))
    return [to_do, or_(Alert.locked_until.is_(None), Alert.locked_until <= clock.now())]


def _is_for(session: Session, actor: Actor, alert: Alert) -> bool:
    if alert.status != "awaiting_approval":
        return alert.status != "closed" and alert.assignee_id in (None, actor.user_id)
    return (
        _may_approve(session, actor)
        and pending_decision(session, alert).decided_by_id != actor.user_id
    )


def _may_approve(session: Session, actor: Actor) -> bool:
    role: Role = session.get_one(User, actor.user_id).role  # type: ignore[assignment]
    return allows(role, "approve")


def _lock(session: Session, actor: Actor, alert: Alert) -> None:
    lasts = timedelta(minutes=current(session).lock_minutes)
    until = clock.now() + lasts
    held = alert.locked_until if alert.locked_by_id == actor.user_id else None
    # Each click of its holder comes here: a lock that has just begun is not written anew.
    if held is None or until - held >= lasts * RENEWED_AFTER:
        alert.locked_by_id, alert.locked_until = actor.user_id, until
