"""Decisions as labels: the transactions that people decided on, for a run that is told to learn
from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.columns import AMOUNT, LABEL, RECEIVER, SENDER, TIME
from engine.errors import EngineError
from engine.lake import Lake, RunPaths
from engine.query.database import fetch, require
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.models import Alert, Decision, Evidence
from engine.workbench.names import alert_name
from engine.workbench.permissions import Actor, guarded
from engine.workbench.run_alerts import made

#: Columns of :attr:`Decided.frame` with their dtypes.
COLUMNS = {
    SENDER: "string",
    RECEIVER: "string",
    TIME: "datetime64[us]",
    AMOUNT: "float64",
    LABEL: "int8",
    "alert": "string",
    "disposition": "string",
    "decided_at": "datetime64[us, UTC]",
}

_RINGS = """
SELECT ring_id AS key, sender, receiver, time, amount
FROM read_parquet($ring_transactions) AS proof
JOIN read_parquet($augmented) AS tx USING (tx_id)
WHERE ring_id IN (SELECT unnest($keys::VARCHAR[])) ORDER BY time, tx_id
"""

_LONE = """
SELECT tx_id AS key, sender, receiver, time, amount
FROM read_parquet($augmented) WHERE tx_id IN (SELECT unnest($keys::BIGINT[])) ORDER BY time, tx_id
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """The transactions that people decided on.

    Attributes
    ----------
    frame
        A row for each transaction of each alert; columns and dtypes as :data:`COLUMNS`. ``label``
        is 1 for fraud or laundering, 0 for clean.
    alerts
        How many alerts they are of.
    positives, negatives
        Rows of either label.
    missing
        Alerts whose transactions cannot be had, each with the reason; they are not in ``frame``.
    until
        When the last decision in ``frame`` was made; ``None`` where there is none.
    """

    frame: pd.DataFrame
    alerts: int
    positives: int
    negatives: int
    missing: list[str]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Case:
    """One alert with the decision in force, and where the evidence decided on lies."""

    alert_id: int
    disposition: str
    decided_at: datetime
    run_id: str
    made: str
    ring_id: str | None
    tx_id: int | None


@guarded("train_on_decisions")
def decided_transactions(
    session: Session, actor: Actor, lake: Lake, data_set: str | None = None
) -> Decided:
    """Return the transactions of closed alerts whose disposition is a label.

    Only decisions in force count: not those that wait for approval or were rejected, nor those of
    an alert that was opened again. The transactions are those of the evidence decided on.

    Parameters
    ----------
    session
        Of a reading transaction.
    actor
        Who asks.
    lake
        Where the runs lie.
    data_set
        Only decisions on this data set; by default on all.
    """
    frames, missing = [], []
    for run_id, cases in _by_run(_cases(session, data_set)).items():
        try:
            found = _read(lake, run_id, cases)
        except EngineError:
            found = {}
        for case in cases:
            rows = found.get(case.alert_id)
            if rows is None or rows.empty:
                missing.append(f"{alert_name(case.alert_id)}: {_why(lake, case)}")
            else:
                frames.append(_labelled(case, rows))
    return _together(frames, missing)


@guarded("train_on_decisions")
def labelling_decisions(session: Session, actor: Actor) -> tuple[int, ...]:
    """Return the ids of the decisions that :func:`decided_transactions` goes by, one an alert.

    As long as they are the same, it finds the same, but for runs that came or went.
    """
    wanted = select(Decision.id).join(Alert, Alert.id == Decision.alert_id)
    return tuple(session.scalars(wanted.where(*_in_force()).order_by(Decision.id)))


def _in_force() -> tuple[ColumnElement[bool], ...]:
    labelled = [name for name, one in DISPOSITIONS.items() if one.label is not None]
    latest = (
        select(func.max(Decision.id))
        .where(Decision.approval.in_(("not_needed", "approved")))
        .group_by(Decision.alert_id)
    )
    return (
        Decision.id.in_(latest),
        Alert.status == "closed",
        Alert.disposition == Decision.disposition,
        Decision.disposition.in_(labelled),
    )


def _cases(session: Session, data_set: str | None) -> list[_Case]:
    # A run that found nothing more of the alert has no transactions: those before it count.
    evidence = (
        select(func.max(Evidence.id))
        .where(
            Evidence.alert_id == Decision.alert_id, Evidence.id <= Decision.evidence_id,
            Evidence.run_alert_id.is_not(None),
        )
        .correlate(Decision)
        .scalar_subquery()
    )  # fmt: skip
    wanted = (
        select(
            Alert.id, Decision.disposition, Decision.decided_at, Evidence.run_id, Evidence.made,
            Evidence.ring_id, Evidence.tx_id,
        )
        .join(Decision, Decision.alert_id == Alert.id)
        .join(Evidence, Evidence.id == evidence)
        .where(*_in_force())
        .order_by(Alert.id)
    )  # fmt: skip
    if data_set is not None:
        wanted = wanted.where(Alert.data_set == data_set)
    return [_Case(*row) for row in session.execute(wanted)]


def _by_run(cases: Sequence[_Case]) -> dict[str, list[_Case]]:
    of_run: dict[str, list[_Case]] = {}
    for case in cases:
        of_run.setdefault(case.run_id, []).append(case)
    return of_run


def _read(lake: Lake, run_id: str, cases: Sequence[_Case]) -> dict[int, pd.DataFrame]:
    """Read the transactions of alerts by id, of those whose run is still the one decided on."""
    now_made = made(lake.read_manifest(run_id))
    whole = [case for case in cases if case.made == now_made]
    if not whole:
        return {}
    lake.fetch(run_id)
    paths = lake.run(run_id)
    if not {SENDER, RECEIVER} <= set(pq.read_schema(require(paths.augmented)).names):
        return {}
    rings = {case.ring_id: case.alert_id for case in whole if case.ring_id is not None}
    lone = {case.tx_id: case.alert_id for case in whole if case.tx_id is not None}
    found: dict[int, pd.DataFrame] = {}
    if rings:
        more = {"ring_transactions": require(paths.ring_transactions)}
        found |= _ask(paths, _RINGS, rings, more)
    return found | _ask(paths, _LONE, lone, {}) if lone else found


def _ask(
    paths: RunPaths, sql: str, alerts: Mapping[Any, int], more: Mapping[str, str]
) -> dict[int, pd.DataFrame]:
    parameters = {"keys": list(alerts), "augmented": require(paths.augmented), **more}
    return {
        alerts[key]: rows.drop(columns="key")
        for key, rows in fetch(sql, parameters).groupby("key", sort=False)
    }


def _why(lake: Lake, case: _Case) -> str:
    try:
        same = made(lake.read_manifest(case.run_id)) == case.made
    except EngineError:
        return f"run {case.run_id} is no longer in the lake"
    if not same:
        return f"run {case.run_id} was made anew after the decision"
    return f"run {case.run_id} has no transactions with accounts for it"


def _labelled(case: _Case, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        label=DISPOSITIONS[case.disposition].label,
        alert=alert_name(case.alert_id),
        disposition=case.disposition,
        decided_at=case.decided_at,
    )


def _together(frames: Sequence[pd.DataFrame], missing: list[str]) -> Decided:
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    frame = whole[list(COLUMNS)].astype(COLUMNS)
    positives = int((frame[LABEL] == 1).sum())
    until = frame["decided_at"].max().to_pydatetime() if len(frame) else None
    return Decided(frame, len(frames), positives, len(frame) - positives, missing, until)
