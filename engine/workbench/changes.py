"""One change of an alert: who may overwrite what, and what the audit is told of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench import audit, clock, history
from engine.workbench.errors import ConflictError, NotFoundError
from engine.workbench.models import Alert, Decision, Evidence, User
from engine.workbench.names import alert_name, names_by_login
from engine.workbench.permissions import Actor
from engine.workbench.settings import current

#: Statuses of what is worked on; with those that wait for a second person; and all.
IN_WORK = ("open", "in_review")
NOT_CLOSED = (*IN_WORK, "awaiting_approval")
ANY_STATUS = (*NOT_CLOSED, "closed")

#: Largest id that a database can hold.
MAX_ID = 2**63 - 1

#: Why an action is refused at a status that it does not go with.
_REFUSALS = {
    "open": "is not decided",
    "in_review": "is not decided",
    "awaiting_approval": "waits for approval; approve it, send it back or withdraw it first",
    "closed": "is closed; it must be opened again first",
}


@dataclass(slots=True)
class Change:
    """An alert that is being changed, and what the audit shall be told beside its columns."""

    alert: Alert
    told: dict[str, Any] = field(default_factory=dict)


@contextmanager
def changing(
    session: Session,
    actor: Actor,
    action: str,
    alert_id: int,
    version: int | None,
    statuses: Collection[str] = IN_WORK,
    *,
    minds_lock: bool = True,
) -> Iterator[Change]:
    """Let the body change an alert; then count its version up and tell the audit (system).

    A body that changes nothing and tells nothing leaves no trace.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who changes it.
    action
        As the audit names it.
    alert_id
        The alert.
    version
        The version that the actor saw; ``None`` where they did not look at each alert.
    statuses
        Those at which the action makes sense.
    minds_lock
        Whether somebody else's lock stands in its way.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    ConflictError
        If it was changed since, somebody else has it open, or its status does not go with the
        action.
    """
    alert = locked_row(session, alert_id)
    check_version(session, alert, version)
    if minds_lock:
        _check_lock(session, actor, alert)
    if alert.status not in statuses:
        raise ConflictError(f"{alert_name(alert.id)} {_REFUSALS[alert.status]}")
    before = _columns(session, alert)
    change = Change(alert)
    yield change
    after = _columns(session, alert)
    if before == after and not change.told:
        return
    _renew_lock(session, actor, alert)
    alert.version += 1
    session.flush()
    changed = [name for name in before if before[name] != after[name]]
    audit.append(
        session, actor.login, action, f"alert {alert.id}",
        {name: before[name] for name in changed},
        {name: after[name] for name in changed} | change.told | {"version": alert.version},
    )  # fmt: skip


def locked_row(session: Session, alert_id: int) -> Alert:
    """Return an alert as it is now, locked against others' changes until the end (system).

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    # Others may refer to it meanwhile: who notes that they looked at it need not wait.
    return found_row(session, alert_id, with_for_update={"key_share": True}, populate_existing=True)


def found_row(session: Session, alert_id: int, **options: Any) -> Alert:
    """Return an alert, read with some options of ``Session.get`` (system).

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    alert = session.get(Alert, alert_id, **options) if 0 < alert_id <= MAX_ID else None
    if alert is None:
        raise NotFoundError(f"there is no alert {alert_name(alert_id)}")
    return alert


def check_version(session: Session, alert: Alert, version: int | None) -> None:
    """Refuse to go on from a version that is not the present one (system).

    Raises
    ------
    ConflictError
        With what has happened since.
    """
    if version is not None and version != alert.version:
        raise ConflictError(
            f"{alert_name(alert.id)} was changed since you saw it; nothing was overwritten. "
            "Look at what changed and do it again",
            _since(session, alert, version),
        )


def is_held_by_other(actor: Actor, alert: Alert) -> bool:
    """Tell whether somebody else has an alert open (system)."""
    return (
        alert.locked_by_id not in (None, actor.user_id)
        and alert.locked_until is not None
        and alert.locked_until > clock.now()
    )


def free(alert: Alert) -> None:
    """Take the lock off an alert (system)."""
    alert.locked_by_id = alert.locked_until = None


def current_evidence(session: Session, alert: Alert) -> Evidence:
    """Return the evidence that an alert's figures are those of (system)."""
    return session.scalars(
        select(Evidence)
        .where(Evidence.alert_id == alert.id)
        .order_by((Evidence.run_id == alert.run_id).desc(), Evidence.id.desc())
        .limit(1)
    ).one()


def pending_decision(session: Session, alert: Alert) -> Decision:
    """Return the decision of an alert that waits for approval (system)."""
    return session.scalars(
        select(Decision).where(Decision.alert_id == alert.id, Decision.approval == "pending")
    ).one()


def _check_lock(session: Session, actor: Actor, alert: Alert) -> None:
    if is_held_by_other(actor, alert):
        holder = session.get(User, alert.locked_by_id)
        assert holder is not None
        assert alert.locked_until is not None
        raise ConflictError(
            f"{holder.name} has {alert_name(alert.id)} open, until "
            f"{alert.locked_until:%H:%M} UTC unless they go on; notes can be added meanwhile"
        )


def _renew_lock(session: Session, actor: Actor, alert: Alert) -> None:
    if alert.locked_by_id == actor.user_id:
        alert.locked_until = clock.now() + timedelta(minutes=current(session).lock_minutes)


def _columns(session: Session, alert: Alert) -> dict[str, Any]:
    """Return what the audit follows of an alert, as it is written there."""
    assignee = session.get(User, alert.assignee_id) if alert.assignee_id else None
    return {
        "status": alert.status,
        "priority": alert.priority,
        "assignee": assignee and assignee.login,
        "snoozed_until": alert.snoozed_until,
        "due_at": alert.due_at,
        "disposition": alert.disposition,
        "reason_code": alert.reason_code,
        "duplicate_of": alert.merged_into_id,
    }


def _since(session: Session, alert: Alert, version: int) -> list[str]:
    entries = [
        entry
        for entry in audit.history(session, [f"alert {alert.id}"], limit=50)
        if (json.loads(entry.after) or {}).get("version", 0) > version
    ]
    told = history.lines(entries, names_by_login(session))
    told += _runs_since(session, alert, alert.version - version - len(entries))
    told.sort(key=lambda line: line.at)
    return [f"{line.text}, {line.at:%H:%M:%S} UTC" for line in told]


def _runs_since(session: Session, alert: Alert, number: int) -> list[history.HistoryLine]:
    """Return the last runs that changed an alert: they leave no version in the audit."""
    found = session.scalars(
        select(Evidence)
        .where(Evidence.alert_id == alert.id, Evidence.state != "dormant")
        .order_by(Evidence.id.desc())
        .limit(max(number, 0))
    )
    return [history.of_run(evidence) for evidence in found]
