"""Changes of the alert thresholds: proposed by one person, approved by another, then applied.

What is applied are the settings of the runs that the app starts from then on; a run's manifest
says which it was made with. A change that was proposed while other thresholds were in force cannot
be applied over theirs: what its effect was measured against is no more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.query.threshold_alerts import Thresholds
from engine.workbench import audit, clock, locks
from engine.workbench.database import BUSY_SECONDS
from engine.workbench.errors import ConflictError, NotFoundError
from engine.workbench.models import User
from engine.workbench.permissions import Actor, NotAllowedError, guarded
from engine.workbench.texts import checked
from engine.workbench.threshold_models import ThresholdChange

Status = Literal["proposed", "approved", "applied", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Change:
    """A version of the thresholds; people are named by their logins and names.

    Attributes
    ----------
    version
        Its number.
    base
        The version in force when it was proposed, ``None`` where there was none.
    effect
        Figures of its effect on ``run_id`` when it was proposed.
    is_stale
        Whether other thresholds came in force since it was proposed.
    """

    version: int
    thresholds: Thresholds
    base: int | None
    run_id: str
    effect: dict[str, Any]
    comment: str
    status: Status
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime
    reviewed_by_name: str | None
    reviewed_at: datetime | None
    review_comment: str | None
    applied_by_name: str | None
    applied_at: datetime | None
    is_stale: bool


@guarded("read")
def in_force(session: Session, actor: Actor) -> Change | None:
    """Return the version that runs started from the app are made with, ``None`` where none is."""
    found = _in_force(session)
    return None if found is None else _change(session, found, found.id)


@guarded("read")
def list_changes(session: Session, actor: Actor, limit: int = 50) -> list[Change]:
    """Return the versions, the latest first."""
    current = _in_force_id(session)
    wanted = select(ThresholdChange).order_by(ThresholdChange.id.desc()).limit(limit)
    return [_change(session, one, current) for one in session.scalars(wanted)]


@guarded("work")
def propose(
    session: Session,
    actor: Actor,
    thresholds: Thresholds,
    before: Thresholds,
    run_id: str,
    effect: dict[str, Any],
    comment: str,
) -> int:
    """Propose thresholds, with their effect on the last run; return the version's number.

    Parameters
    ----------
    session, actor
        Of a change, and who asks.
    thresholds, before
        What is proposed, and what it would take the place of.
    run_id, effect
        The run its effect was measured on, and that in a few figures.
    comment
        Why.

    Raises
    ------
    InputError
        If the thresholds are out of their ranges or those in force already, or no reason is given.
    """
    thresholds.check()
    why = checked("the reason", comment, needed=True)
    _hold(session)
    current = _in_force(session)
    if thresholds == before:
        raise InputError("these are the thresholds that are in force; move one of them first")
    made = ThresholdChange(
        thresholds=asdict(thresholds), base_id=None if current is None else current.id,
        run_id=run_id, effect=effect, comment=why.strip(), status="proposed",
        proposed_by_id=actor.user_id, proposed_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    after = asdict(thresholds) | {"run": run_id, "effect": effect, "comment": made.comment}
    audit.append(session, actor.login, "propose_thresholds", _subject(made), asdict(before), after)
    return made.id


@guarded("approve")
def review(
    session: Session, actor: Actor, version: int, *, accept: bool, comment: str = ""
) -> None:
    """Approve a proposal of somebody else, or send it back.

    Raises
    ------
    NotFoundError
        If there is no such version.
    NotAllowedError
        If it is the actor's own.
    ConflictError
        If it is not waiting, or other thresholds came in force since it was proposed.
    InputError
        If it is sent back without a reason.
    """
    said = checked("the reason", comment, needed=not accept)
    change = _locked(session, version, "proposed")
    if change.proposed_by_id == actor.user_id:
        raise NotAllowedError("a second person approves: this proposal is your own")
    if accept:
        _refuse_stale(session, change)
    change.status = "approved" if accept else "rejected"
    change.reviewed_by_id, change.reviewed_at = actor.user_id, clock.now()
    change.review_comment = said.strip()
    action = "approve_thresholds" if accept else "reject_thresholds"
    _tell(session, actor, action, change, "proposed", {"comment": change.review_comment})


@guarded("work")
def withdraw_change(session: Session, actor: Actor, version: int) -> None:
    """Take one's own proposal back, before it is applied.

    Raises
    ------
    NotFoundError
        If there is no such version.
    NotAllowedError
        If it is not the actor's.
    ConflictError
        If it is over already.
    """
    change = _locked(session, version, "proposed", "approved")
    if change.proposed_by_id != actor.user_id:
        raise NotAllowedError("only who proposed it can withdraw it")
    before, change.status = change.status, "withdrawn"
    _tell(session, actor, "withdraw_thresholds", change, before)


@guarded("work")
def apply(session: Session, actor: Actor, version: int) -> Thresholds:
    """Put approved thresholds in force, for the runs started from the app from now on.

    Raises
    ------
    NotFoundError
        If there is no such version.
    ConflictError
        If it is not approved, or other thresholds came in force since it was proposed.
    """
    change = _locked(session, version, "approved")
    _refuse_stale(session, change)
    change.status = "applied"
    change.applied_by_id, change.applied_at = actor.user_id, clock.now()
    _tell(session, actor, "apply_thresholds", change, "approved", dict(change.thresholds))
    return Thresholds(**change.thresholds)


def _in_force(session: Session) -> ThresholdChange | None:
    wanted = select(ThresholdChange).where(ThresholdChange.status == "applied")
    return session.scalars(
        wanted.order_by(ThresholdChange.applied_at.desc(), ThresholdChange.id.desc()).limit(1)
    ).first()


def _in_force_id(session: Session) -> int | None:
    found = _in_force(session)
    return None if found is None else found.id


def _hold(session: Session) -> None:
    locks.hold(session, "thresholds", BUSY_SECONDS)


def _locked(session: Session, version: int, *allowed: Status) -> ThresholdChange:
    _hold(session)
    change = session.get(ThresholdChange, version, with_for_update=True, populate_existing=True)
    if change is None:
        raise NotFoundError(f"there is no version {version} of the thresholds")
    if change.status not in allowed:
        raise ConflictError(f"version {version} of the thresholds is {change.status} already")
    return change


def _refuse_stale(session: Session, change: ThresholdChange) -> None:
    if change.base_id != _in_force_id(session):
        raise ConflictError(
            f"other thresholds came in force since version {change.id} was proposed; propose it "
            "anew to see its effect against them"
        )


def _tell(
    session: Session,
    actor: Actor,
    action: str,
    change: ThresholdChange,
    before: str,
    more: dict[str, Any] | None = None,
) -> None:
    session.flush()
    after = {"status": change.status} | (more or {})
    audit.append(session, actor.login, action, _subject(change), {"status": before}, after)


def _subject(change: ThresholdChange) -> str:
    return f"thresholds {change.id}"


def _change(session: Session, one: ThresholdChange, current: int | None) -> Change:
    def name(user_id: int | None) -> str | None:
        return None if user_id is None else session.get_one(User, user_id).name

    proposer = session.get_one(User, one.proposed_by_id)
    status: Any = one.status
    made = Change(
        one.id, Thresholds(**one.thresholds), one.base_id, one.run_id, dict(one.effect),
        one.comment, status, proposer.login, proposer.name, one.proposed_at,
        name(one.reviewed_by_id), one.reviewed_at, one.review_comment, name(one.applied_by_id),
        one.applied_at, False,
    )  # fmt: skip
    is_waiting = one.status in ("proposed", "approved")
    return replace(made, is_stale=is_waiting and one.base_id != current)
