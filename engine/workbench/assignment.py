"""Who works on an alert, and how soon."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench.changes import NOT_CLOSED, changing, free
from engine.workbench.errors import NotFoundError
from engine.workbench.growth import due_at
from engine.workbench.models import User
from engine.workbench.permissions import Actor, Role, allows, guarded, require
from engine.workbench.settings import current

#: From the first to the last.
PRIORITIES = (1, 2, 3, 4)


@guarded("work")
def assign(
    session: Session, actor: Actor, alert_id: int, version: int | None, login: str | None
) -> int:
    """Give an alert to somebody, or with ``None`` back to the queue, and return its new version.

    To take what nobody has, and to give back one's own, takes no more than ``work``; all else is
    ``assign_others``.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who asks.
    alert_id, version
        The alert, and the version that the actor saw (``None`` where they saw none).
    login
        Of the assignee.

    Raises
    ------
    NotAllowedError
        If it concerns others and the actor's role does not hold ``assign_others``.
    NotFoundError
        If there is no such alert or person.
    InputError
        If the person may not work on alerts.
    ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    new = None if login is None else _worker(session, login).id
    with changing(session, actor, "assign", alert_id, version, NOT_CLOSED) as change:
        alert = change.alert
        if any(one not in (None, actor.user_id) for one in (alert.assignee_id, new)):
            require(session, actor, "assign_others")
        alert.assignee_id = new
        if new is not None and alert.status == "open":
            alert.status = "in_review"
        if new != actor.user_id and alert.locked_by_id == actor.user_id:
            free(alert)
    return alert.version


@guarded("assign_others")
def set_priority(
    session: Session, actor: Actor, alert_id: int, version: int | None, priority: int
) -> int:
    """Set the priority of an alert by hand, and with it when it is due; return its new version.

    Raises
    ------
    InputError
        If the priority is not 1, 2, 3 or 4.
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    if priority not in PRIORITIES:
        raise InputError(f"a priority is 1, 2, 3 or 4, not {priority!r}")
    with changing(session, actor, "set_priority", alert_id, version, NOT_CLOSED) as change:
        alert = change.alert
        if alert.priority != priority:
            # From when its clock began, by what the settings ask for now.
            alert.due_at = due_at(alert.opened_at, priority, current(session))
            alert.priority, alert.priority_set_by_id = priority, actor.user_id
    return alert.version


@guarded("read")
def workers(session: Session, actor: Actor) -> dict[str, str]:
    """Return the names of all whom an alert can be assigned to, by login, in their order."""
    found = session.scalars(select(User).where(User.is_active).order_by(User.name, User.login))
    return {user.login: user.name for user in found if _may_work(user)}


def _worker(session: Session, login: str) -> User:
    found = session.scalars(select(User).where(User.login == login)).first()
    if found is None:
        raise NotFoundError(f"there is nobody with the login {login!r}")
    if not found.is_active or not _may_work(found):
        raise InputError(f"{found.name} may not work on alerts; choose somebody else")
    return found


def _may_work(user: User) -> bool:
    role: Role = user.role  # type: ignore[assignment]
    return allows(role, "work")
