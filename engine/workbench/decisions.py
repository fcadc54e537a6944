"""How an alert ends: a disposition with its reason, a second person where one is asked for."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import clock, suppressions
from engine.workbench.changes import changing, current_evidence, found_row, free, pending_decision
from engine.workbench.dispositions import check
from engine.workbench.growth import due_at
from engine.workbench.models import Alert, Decision, User
from engine.workbench.names import alert_name
from engine.workbench.permissions import Actor, NotAllowedError, Role, allows, guarded
from engine.workbench.settings import current
from engine.workbench.texts import checked, storable


@guarded("work")
def decide(
    session: Session,
    actor: Actor,
    alert_id: int,
    version: int | None,
    disposition: str,
    reason_code: str,
    comment: str = "",
    *,
    duplicate_of: int | None = None,
) -> int:
    """Decide on an alert, and return its new version.

    It is closed then, or waits for another person where the disposition needs approval.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who decides.
    alert_id, version
        The alert, and the version that the actor saw (``None`` where they saw none).
    disposition, reason_code, comment
        As :mod:`engine.workbench.dispositions` asks for them.
    duplicate_of
        For a duplicate: the alert that goes on.

    Raises
    ------
    InputError
        If the reason, the comment or the other alert is missing or does not fit.
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    chosen = check(disposition, reason_code, comment)
    _check_duplicate(session, alert_id, disposition, duplicate_of)
    with changing(session, actor, "decide", alert_id, version) as change:
        alert = change.alert
        evidence = current_evidence(session, alert)
        session.add(
            Decision(
                alert_id=alert_id, evidence_id=evidence.id, disposition=disposition,
                reason_code=reason_code, comment=storable(comment), decided_by_id=actor.user_id,
                decided_at=clock.now(),
                approval="pending" if chosen.needs_approval else "not_needed",
            )
        )  # fmt: skip
        alert.disposition, alert.reason_code = disposition, reason_code
        alert.merged_into_id = duplicate_of
        change.told = {"comment": storable(comment), "evidence": evidence.id}
        _end(alert, "awaiting_approval" if chosen.needs_approval else "closed")
    return alert.version


@guarded("approve")
def approve(
    session: Session,
    actor: Actor,
    alert_id: int,
    version: int | None,
    *,
    accept: bool,
    comment: str = "",
) -> int:
    """Agree to somebody else's decision, or send it back; return the alert's new version.

    Parameters
    ----------
    session
        Of a change.
    actor
        The second person: never who decided, whatever roles they have had.
    alert_id, version
        The alert, and the version that the actor saw (``None`` where they saw none).
    accept
        Whether the decision counts from now on; else the alert is in review again, with who
        decided.
    comment
        Asked for where it is sent back.

    Raises
    ------
    NotAllowedError
        If the decision is the actor's own.
    InputError
        If the comment is missing.
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    kept = checked("the comment to what is sent back", comment, needed=not accept)
    action = "approve" if accept else "reject"
    with changing(session, actor, action, alert_id, version, ("awaiting_approval",)) as change:
        decision = pending_decision(session, change.alert)
        if decision.decided_by_id == actor.user_id:
            raise NotAllowedError(
                f"{actor.login} decided on {alert_name(alert_id)}; another person has to agree"
            )
        decision.approval = "approved" if accept else "rejected"
        decision.approved_by_id, decision.approved_at = actor.user_id, clock.now()
        decision.approval_comment = kept
        change.told = {"comment": kept, "decision": decision.id}
        if accept:
            _end(change.alert, "closed")
        else:
            _go_on(change.alert)
            change.alert.assignee_id = _again_with(session, decision)
    return change.alert.version


@guarded("work")
def withdraw(
    session: Session, actor: Actor, alert_id: int, version: int | None, comment: str = ""
) -> int:
    """Take back one's own decision before it is approved, and return the alert's new version.

    Raises
    ------
    NotAllowedError
        If the decision is somebody else's.
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    kept = checked("the comment", comment)
    with changing(session, actor, "withdraw", alert_id, version, ("awaiting_approval",)) as change:
        decision = pending_decision(session, change.alert)
        if decision.decided_by_id != actor.user_id:
            raise NotAllowedError(
                f"the decision on {alert_name(alert_id)} is somebody else's; it can be sent back"
            )
        decision.approval, decision.approval_comment = "withdrawn", kept
        decision.approved_at = clock.now()
        change.told = {"comment": kept, "decision": decision.id}
        _go_on(change.alert)
    return change.alert.version


@guarded("reopen")
def reopen(session: Session, actor: Actor, alert_id: int, version: int | None, comment: str) -> int:
    """Open a closed alert again, and return its new version.

    What was decided stays in its history; its clock begins anew. It waits where a suppression in
    force fits it.

    Raises
    ------
    InputError
        If the comment, which says why, is missing.
    NotFoundError, ConflictError
        As :func:`engine.workbench.changes.changing`.
    """
    kept = checked("the comment that says why", comment, needed=True)
    suppressions.hold(session)
    with changing(session, actor, "reopen", alert_id, version, ("closed",)) as change:
        alert = change.alert
        _go_on(alert)
        alert.opened_at = clock.now()
        alert.due_at = due_at(alert.opened_at, alert.priority, current(session))
        # What was suppressed or lifted while it was closed did not concern it.
        alert.suppressed_until = suppressions.waits_until(session, alert_id)
        change.told = {"comment": kept}
    return alert.version


def _end(alert: Alert, status: str) -> None:
    alert.status = status
    alert.closed_at = clock.now() if status == "closed" else None
    alert.snoozed_until = None
    free(alert)


def _go_on(alert: Alert) -> None:
    alert.status = "in_review"
    alert.disposition = alert.reason_code = alert.merged_into_id = alert.closed_at = None
    free(alert)


def _again_with(session: Session, decision: Decision) -> int | None:
    """Return who goes on with what was sent back: who decided, unless they no longer work."""
    user = session.get_one(User, decision.decided_by_id)
    role: Role = user.role  # type: ignore[assignment]
    return user.id if user.is_active and allows(role, "work") else None


def _check_duplicate(
    session: Session, alert_id: int, disposition: str, other_id: int | None
) -> None:
    if disposition != "duplicate":
        if other_id is not None:
            raise InputError("only a duplicate names another alert")
        return
    if other_id is None:
        raise InputError("Duplicate: name the other alert, which goes on, e.g. AL-12")
    if other_id == alert_id:
        raise InputError(f"{alert_name(alert_id)} is no duplicate of itself; name another alert")
    other = found_row(session, other_id)
    if other.merged_into_id is not None:
        raise InputError(
            f"{alert_name(other_id)} is itself a duplicate of {alert_name(other.merged_into_id)}; "
            "name that one"
        )
