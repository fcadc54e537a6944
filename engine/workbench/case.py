"""One alert: all that is known of it without the lake, and what else is on its accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.workbench import audit, clock, history
from engine.workbench.case_record import (
    AlertRecord,
    CaseAccount,
    CaseDecision,
    CaseEvidence,
    CaseNote,
    EarlierAlerts,
    SinceLastLook,
)
from engine.workbench.changes import current_evidence, found_row
from engine.workbench.errors import NotFoundError
from engine.workbench.history import HistoryLine
from engine.workbench.models import Alert, AlertAccount, Decision, Evidence, Look, Note, User
from engine.workbench.names import Person, names_by_login, people
from engine.workbench.permissions import Actor, guarded
from engine.workbench.take_next import lock_of

#: Most other alerts that are named.
MAX_EARLIER = 50

#: An account in more alerts than this is a hub of the input: it says nothing about an alert.
MAX_ALERTS_OF_ACCOUNT = 500

_OWN = (
    "data_set", "kind", "title", "typology", "score", "amount", "currency", "n_accounts",
    "first_activity", "last_activity", "lineage", "run_id", "run_alert_id", "ring_id", "tx_id",
    "status", "priority", "snoozed_until", "suppressed_until", "disposition", "reason_code",
    "opened_at", "due_at", "closed_at", "version",
)  # fmt: skip


@guarded("read")
def alert_record(session: Session, actor: Actor, alert_id: int) -> AlertRecord:
    """Return an alert with its notes, decisions, evidence and history.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    alert = found_row(session, alert_id)
    everybody = people(session)
    evidence = _evidence(session, alert_id)
    return AlertRecord(
        alert_id=alert_id,
        **{name: getattr(alert, name) for name in _OWN},
        priority_set_by=_person(everybody, alert.priority_set_by_id),
        assignee=_person(everybody, alert.assignee_id),
        lock=lock_of(session, actor, alert),
        overdue_by=_overdue_by(alert),
        duplicate_of=alert.merged_into_id,
        duplicates=_ids(session, Alert.merged_into_id == alert_id),
        split_from=alert.split_from_id,
        accounts=_accounts(session, alert_id),
        notes=_notes(session, alert_id, everybody),
        decisions=_decisions(session, alert_id, everybody),
        evidence=evidence,
        since_last_look=_since_last_look(session, actor, alert, evidence),
        history=_history(session, alert_id),
    )


@guarded("read")
def look(session: Session, actor: Actor, alert_id: int) -> None:
    """Note that the actor has seen all there is of an alert.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    alert = found_row(session, alert_id)
    newest = current_evidence(session, alert).id
    # Two windows of one person look at once: the second waits for the first. Who assigns an alert
    # to that person need not.
    session.get(User, actor.user_id, with_for_update={"key_share": True})
    found = session.get(Look, (actor.user_id, alert_id), populate_existing=True)
    if found is None:
        session.add(
            Look(user_id=actor.user_id, alert_id=alert_id, evidence_id=newest, at=clock.now())
        )
    else:
        found.evidence_id, found.at = newest, clock.now()


@guarded("read")
def earlier_alerts(session: Session, actor: Actor, alert_id: int) -> EarlierAlerts:
    """Return other alerts that share accounts with one, of any data set, open or closed.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    found_row(session, alert_id)
    own = select(AlertAccount.account).where(AlertAccount.alert_id == alert_id)
    hubs = session.scalars(
        select(AlertAccount.account)
        .where(AlertAccount.account.in_(own))
        .group_by(AlertAccount.account)
        .having(func.count() > MAX_ALERTS_OF_ACCOUNT)
    ).all()
    shared = (
        select(AlertAccount.alert_id, func.count().label("shared_accounts"))
        .where(
            AlertAccount.account.in_(own),
            AlertAccount.account.not_in(hubs),
            AlertAccount.alert_id != alert_id,
        )
        .group_by(AlertAccount.alert_id)
        .subquery()
    )
    total = session.scalars(select(func.count()).select_from(shared)).one()
    return EarlierAlerts(_named(session, shared), total, len(hubs))


@guarded("read")
def resolve(session: Session, actor: Actor, run_id: str, run_alert_id: str) -> int:
    """Return the alert that an alert of a run is, the newest making of the run first.

    Raises
    ------
    NotFoundError
        If the run has no such alert, or is not in the queue.
    """
    found = session.scalars(
        select(Evidence.alert_id)
        .where(Evidence.run_id == run_id, Evidence.run_alert_id == run_alert_id)
        .order_by(Evidence.id.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFoundError(f"the queue has no alert {run_alert_id} of run {run_id}")
    return found


def _person(everybody: dict[int, Person], user_id: int | None) -> Person | None:
    return None if user_id is None else everybody[user_id]


def _overdue_by(alert: Alert) -> timedelta | None:
    late = clock.now() - alert.due_at
    return late if alert.status != "closed" and late > timedelta(0) else None


def _ids(session: Session, condition: Any) -> tuple[int, ...]:
    return tuple(session.scalars(select(Alert.id).where(condition).order_by(Alert.id)))


def _accounts(session: Session, alert_id: int) -> tuple[CaseAccount, ...]:
    found = session.execute(
        select(AlertAccount.account, AlertAccount.role, AlertAccount.is_current)
        .where(AlertAccount.alert_id == alert_id)
        .order_by(AlertAccount.is_current.desc(), AlertAccount.account)
    )
    return tuple(CaseAccount(*row) for row in found)


def _notes(session: Session, alert_id: int, everybody: dict[int, Person]) -> tuple[CaseNote, ...]:
    found = session.scalars(select(Note).where(Note.alert_id == alert_id).order_by(Note.id))
    return tuple(CaseNote(one.id, everybody[one.author_id], one.at, one.text) for one in found)


def _decisions(
    session: Session, alert_id: int, everybody: dict[int, Person]
) -> tuple[CaseDecision, ...]:
    found = session.scalars(
        select(Decision).where(Decision.alert_id == alert_id).order_by(Decision.id.desc())
    )
    return tuple(
        CaseDecision(
            one.id, one.disposition, one.reason_code, one.comment, everybody[one.decided_by_id],
            one.decided_at, one.evidence_id, one.approval, _person(everybody, one.approved_by_id),
            one.approved_at, one.approval_comment,
        )
        for one in found
    )  # fmt: skip


def _evidence(session: Session, alert_id: int) -> tuple[CaseEvidence, ...]:
    found: list[CaseEvidence] = []
    rows = session.scalars(
        select(Evidence).where(Evidence.alert_id == alert_id).order_by(Evidence.id)
    )
    for row in rows:
        before = found[-1] if found else None
        found.append(
            CaseEvidence(
                row.id, row.run_id, row.run_alert_id, row.ring_id, row.tx_id, row.state,
                row.typology, row.score, row.amount, row.n_accounts, tuple(row.gained),
                tuple(row.lost), row.reopened, row.added_at,
                None if before is None else row.n_accounts - before.n_accounts,
                None if before is None else row.amount - before.amount,
                row.made,
            )
        )  # fmt: skip
    return tuple(found)


def _since_last_look(
    session: Session, actor: Actor, alert: Alert, evidence: tuple[CaseEvidence, ...]
) -> SinceLastLook | None:
    seen = session.get(Look, (actor.user_id, alert.id))
    if seen is None:
        return None
    then = next(one for one in evidence if one.evidence_id == seen.evidence_id)
    later = tuple(one for one in evidence if one.evidence_id > seen.evidence_id)
    gained, lost = _gained_and_lost(later)
    return SinceLastLook(
        looked_at=seen.at,
        gained=gained,
        lost=lost,
        new_amount=alert.amount - then.amount,
        new_typology=alert.typology if alert.typology != then.typology else None,
        reopened=any(one.reopened for one in later),
        evidence=later,
    )


def _gained_and_lost(later: tuple[CaseEvidence, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Add up what runs brought and took, each run after the one before."""
    gained: set[str] = set()
    lost: set[str] = set()
    for one in later:
        back = lost & set(one.gained)
        gone = gained & set(one.lost)
        gained = (gained | set(one.gained)) - back - gone
        lost = (lost | set(one.lost)) - gone - back
    return tuple(sorted(gained)), tuple(sorted(lost))


def _history(session: Session, alert_id: int) -> tuple[HistoryLine, ...]:
    told = history.lines(audit.history(session, [f"alert {alert_id}"]), names_by_login(session))
    runs = session.scalars(
        select(Evidence).where(Evidence.alert_id == alert_id).order_by(Evidence.id.desc())
    )
    told += [history.of_run(one) for one in runs]
    told.sort(key=lambda line: line.at, reverse=True)
    return tuple(told)


def _named(session: Session, shared: Any) -> pd.DataFrame:
    found = session.execute(
        select(
            Alert.id, Alert.title, Alert.typology, Alert.score, Alert.amount, Alert.currency,
            Alert.status, Alert.disposition, Alert.opened_at, Alert.closed_at,
            shared.c.shared_accounts,
        )
        .join(shared, shared.c.alert_id == Alert.id)
        .order_by(shared.c.shared_accounts.desc(), Alert.opened_at.desc(), Alert.id.desc())
        .limit(MAX_EARLIER)
    )  # fmt: skip
    frame = pd.DataFrame(found.all(), columns=list(found.keys()))
    for name in ("opened_at", "closed_at"):
        frame[name] = frame[name].astype("datetime64[us, UTC]")
    return frame
