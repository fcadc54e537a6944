"""Take the alerts of finished runs into the queue: each run once, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, exists, or_, select, text
from sqlalchemy.orm import Session

from engine.errors import EngineError
from engine.lake import Lake
from engine.workbench import audit, clock, locks, suppressions
from engine.workbench.bulk import (
    ALERT_ACCOUNTS,
    ALERTS,
    EVIDENCE,
    insert_rows,
    new_ids,
    update_rows,
)  # fmt: skip
from engine.workbench.database import Workbench
from engine.workbench.growth import Basis, Row
from engine.workbench.identity import Known, match
from engine.workbench.models import Alert, AlertAccount, Decision, Evidence, TakenRun, User
from engine.workbench.outcome import work_out
from engine.workbench.run_alerts import RunAlerts, made, read_run_alerts
from engine.workbench.settings import current
from engine.workbench.taking import Outcome, Taking

#: How long to wait for another program that takes in a run of the same data set, in seconds.
WAIT_SECONDS = 60

#: Of two alerts that merge, the one with more work in it goes on.
_EFFORT = {"closed": 0, "open": 1, "in_review": 2, "awaiting_approval": 3}

#: What is read of every known alert.
_COLUMNS = (
    "id", "kind", "fingerprint", "typology", "title", "score", "amount", "currency", "n_accounts",
    "lineage", "status", "priority", "priority_set_by_id", "assignee_id", "snoozed_until",
    "disposition", "reason_code", "merged_into_id", "opened_at", "due_at", "version",
)  # fmt: skip

_PUT_ACCOUNT = text(
    "INSERT INTO alert_accounts (alert_id, account, role, is_current) "
    "VALUES (:alert_id, :account, :role, :is_current) ON CONFLICT (alert_id, account) "
    "DO UPDATE SET role = excluded.role, is_current = excluded.is_current"
)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of taking in all new runs: counts by run, and why a run could not be taken in."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def untaken(session: Session, lake: Lake) -> list[str]:
    """Return the finished runs whose alerts are not in the queue, the oldest first."""
    taken = {(run.run_id, run.made) for run in session.scalars(select(TakenRun))}
    return [
        str(manifest["run_id"])
        for manifest in reversed(lake.manifests())
        if manifest.get("status") == "done"
        and "alerts" in (manifest.get("outputs") or ())
        and (manifest["run_id"], made(manifest)) not in taken
    ]


def take_in_all(workbench: Workbench, lake: Lake) -> TakenIn:
    """Take in every run that is not in the queue yet, the oldest first.

    A run is read before the database is held, so that people go on working meanwhile. A run whose
    files are gone does not keep the later ones out.
    """
    done = TakenIn()
    for run_id in workbench.read(untaken, lake):
        try:
            run = read_run_alerts(lake, run_id)
        except EngineError as error:
            done.problems[run_id] = str(error)
            continue
        done.counts[run_id] = workbench.write(take, run)
    return done


def take_in(session: Session, lake: Lake, run_id: str) -> dict[str, int]:
    """Take the alerts of a finished run into the queue; a run taken before is left alone.

    Returns
    -------
    dict of str to int
        ``alerts`` of the run; how many of them are ``born``, ``same``, ``grew``, ``shrank``,
        ``merged``, ``split``; known ones ``dormant``, ``absorbed`` by another, ``reopened``,
        ``woken``; and alerts ``suppressed``. Names that count nothing may be missing.

    Raises
    ------
    InputError
        If there is no such run.
    RunError
        If it has not finished, or its files are missing.
    """
    manifest = lake.read_manifest(run_id)
    taken = session.get(TakenRun, (run_id, made(manifest)))
    return dict(taken.counts) if taken else take(session, read_run_alerts(lake, run_id))


def take(session: Session, run: RunAlerts) -> dict[str, int]:
    """Take the alerts of a run into the queue, as :func:`take_in` does."""
    locks.hold(session, f"take in {run.data_set}", WAIT_SECONDS)
    suppressions.hold(session, WAIT_SECONDS)
    # Another program may have taken it in while this one waited.
    taken = session.get(TakenRun, (run.run_id, run.made), populate_existing=True)
    if taken is not None:
        return dict(taken.counts)
    session.flush()
    taking = _taking(session, run)
    matches = match(_known(taking), run.found)
    ids = new_ids(session, ALERTS, sum(one.alert_id is None for one in matches.matches))
    outcome = work_out(taking, matches, iter(ids))
    _write(session, taking, outcome)
    hidden, _ = suppressions.refresh(session)
    counts = dict(outcome.counts) | {"suppressed": hidden}
    session.add(TakenRun(run_id=run.run_id, made=run.made, data_set=run.data_set,
                         taken_at=taking.now, counts=counts))  # fmt: skip
    session.flush()
    # Without knowing how many alerts a data set has, the database reads all of them for a few.
    session.execute(text("ANALYZE alerts"))
    _tell(session, run, outcome, counts)
    return counts


def _taking(session: Session, run: RunAlerts) -> Taking:
    is_late = _is_late(session, run)
    columns = [ALERTS.c[name] for name in _COLUMNS]
    wanted = select(*columns).where(ALERTS.c.data_set == run.data_set).order_by(ALERTS.c.id)
    if not is_late:
        wanted = wanted.where(or_(ALERTS.c.merged_into_id.is_(None), ALERTS.c.id.in_(_by_hand())))
    # Nobody decides on an alert while its evidence changes.
    rows = session.execute(wanted.with_for_update(key_share=True))
    alerts = {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in rows}
    return Taking(
        run, current(session), clock.now(), is_late, alerts, _roles(session, run.data_set),
        _bases(session, run.data_set), dict(session.execute(select(User.id, User.login)).all()),
    )  # fmt: skip


def _by_hand() -> Select[int]:
    """Select the alerts that somebody closed as duplicates: each is still found for itself.

    What a run has merged is a part of the other alert from then on, whoever had closed it before.
    """
    merged_since = exists().where(
        Evidence.alert_id == Decision.alert_id, Evidence.state == "merged",
        Evidence.run_alert_id.is_(None), Evidence.added_at >= Decision.decided_at,
    )  # fmt: skip
    return select(Decision.alert_id).where(
        Decision.disposition == "duplicate", Decision.approval == "not_needed", ~merged_since
    )


def _is_late(session: Session, run: RunAlerts) -> bool:
    others = session.scalars(select(TakenRun).where(TakenRun.data_set == run.data_set))
    own = _order(run.made, run.run_id)
    return any(_order(other.made, other.run_id) > own for other in others)


def _order(made_at: str, run_id: str) -> tuple[datetime, str]:
    started = datetime.fromisoformat(made_at)
    return started if started.tzinfo else started.replace(tzinfo=UTC), run_id


def _roles(session: Session, data_set: str) -> dict[int, dict[str, str]]:
    roles: dict[int, dict[str, str]] = defaultdict(dict)
    members = (
        select(AlertAccount.alert_id, AlertAccount.account, AlertAccount.role)
        .join(Alert, Alert.id == AlertAccount.alert_id)
        .where(Alert.data_set == data_set, Alert.kind == "ring", AlertAccount.is_current)
    )
    for alert_id, account, role in session.execute(members):
        roles[alert_id][account] = role
    return roles


def _bases(session: Session, data_set: str) -> dict[int, Basis]:
    """Return what stands behind each closed alert: the evidence decided on, else the last one."""
    closed = (Alert.data_set == data_set, Alert.status == "closed")
    decisions = (
        select(Decision.alert_id, Decision.evidence_id)
        .join(Alert, Alert.id == Decision.alert_id)
        .where(*closed, Decision.approval.in_(("not_needed", "approved")))
        .order_by(Decision.id)
    )
    decided: dict[int, int] = dict(session.execute(decisions).all())
    evidence = (
        select(
            Evidence.alert_id, Evidence.id, Evidence.n_accounts, Evidence.amount,
            Evidence.typology,
        )
        .join(Alert, Alert.id == Evidence.alert_id)
        .where(*closed)
        .order_by(Evidence.id)
    )  # fmt: skip
    bases: dict[int, Basis] = {}
    for alert_id, evidence_id, n_accounts, amount, typology in session.execute(evidence):
        if evidence_id <= decided.get(alert_id, evidence_id):
            seen = bases[alert_id].typologies if alert_id in bases else frozenset()
            bases[alert_id] = Basis(n_accounts, amount, seen | {typology})
    return bases


def _known(taking: Taking) -> list[Known]:
    return [
        Known(
            alert_id, alert["kind"], alert["fingerprint"], alert["score"], _effort(alert),
            frozenset(taking.roles.get(alert_id, ())),
        )
        for alert_id, alert in taking.alerts.items()
    ]  # fmt: skip


def _effort(alert: Row) -> int:
    # A duplicate never goes on in place of another: that one may be what it is a duplicate of.
    return _EFFORT[alert["status"]] if alert["merged_into_id"] is None else -1


def _write(session: Session, taking: Taking, outcome: Outcome) -> None:
    insert_rows(session, ALERTS, outcome.added)
    for rows in outcome.updated.values():
        update_rows(session, ALERTS, rows)
    insert_rows(session, EVIDENCE, outcome.evidence)
    insert_rows(session, ALERT_ACCOUNTS, outcome.new_accounts)
    if outcome.accounts:
        session.execute(_PUT_ACCOUNT, outcome.accounts)
    _withdraw_decisions(session, outcome, taking.now)
    session.expire_all()


def _withdraw_decisions(session: Session, outcome: Outcome, now: datetime) -> None:
    """End the wait for approval of alerts that have merged into another one, and tell of it."""
    merged = {one.alert_id: one for one in outcome.told if one.action == "run_merges"}
    pending = session.scalars(select(Decision).where(Decision.approval == "pending"))
    for decision in pending if merged else ():
        told = merged.get(decision.alert_id)
        if told is None:
            continue
        decision.approval, decision.approved_at = "rejected", now
        decision.approval_comment = "A later run found it to be one ring with another alert"
        told.before["approval"] = "pending"
        told.after.update(
            decision=decision.id, approval=decision.approval, comment=decision.approval_comment
        )
    session.flush()


def _tell(session: Session, run: RunAlerts, outcome: Outcome, counts: Mapping[str, Any]) -> None:
    told = ((one.action, f"alert {one.alert_id}", one.before, one.after) for one in outcome.told)
    audit.append_all(session, audit.SYSTEM, told)
    after: Row = {"data_set": run.data_set, "made": run.made, "counts": counts}
    audit.append(session, audit.SYSTEM, "take_in", f"run {run.run_id}", None, after)
