"""Two runs side by side: which alerts are new, and which are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow.parquet as pq

from engine.columns import AMOUNT, RECEIVER, SENDER, TIME
from engine.lake import Lake, RunPaths
from engine.query.database import fetch, require
from engine.query.lineage import trace_runs

#: Columns of :attr:`AlertChanges.gained` and ``lost``.
CHANGE_COLUMNS = (
    "alert_id", "ring_id", "title", "typology", "score", "amount", "n_accounts", "opened",
    "other_ring", "other_score",
)  # fmt: skip

_ALERTS = """
SELECT alert_id, ring_id, tx_id, title, typology, score, amount, n_accounts, opened
FROM read_parquet($alerts) ORDER BY score DESC, alert_id
"""
_LONE = """
SELECT alert_id, {key} AS key
FROM read_parquet($alerts) AS alert JOIN read_parquet($transactions) AS moved USING (tx_id)
WHERE alert.ring_id IS NULL
"""
_SCORES = "SELECT ring_id, score FROM read_parquet($rings)"

#: Ring of one run to the rings of the other that it comes from, or that continue it.
_Links = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class AlertChanges:
    """Alerts of a run that the other one has not, and the other way round.

    Attributes
    ----------
    gained, lost
        Columns as :data:`CHANGE_COLUMNS`, the riskiest first: alerts of the run, and of the other
        one. Where the ring is in the run without the alert as well, under its threshold,
        ``other_ring`` and ``other_score`` name it there.
    kept
        Alerts of the run that the other one has too.
    """

    gained: pd.DataFrame
    lost: pd.DataFrame
    kept: int


def alert_changes(lake: Lake, run_id: str, against: str) -> AlertChanges:
    """Tell which alerts of a run the other one has not, and which of the other one are gone.

    Rings are the same where their lineage says so (:func:`engine.rings.lineage.trace_rings`): an
    alert stays if a ring that its own comes from, or that continues it, has an alert too. Lone
    transactions are the same by id where both runs read the same bytes, else by sender, receiver,
    time, and amount.

    Raises
    ------
    RunError
        If a run's files are missing.
    """
    mine, other = lake.run(run_id), lake.run(against)
    hashes = {lake.read_manifest(name)["input"]["sha256"] for name in (run_id, against)}
    before, after = _linked_rings(lake, run_id, against)
    alerts, others = _alerts(mine, len(hashes) == 1), _alerts(other, len(hashes) == 1)
    gained = _missing_in(others, alerts, before, other)
    return AlertChanges(gained, _missing_in(alerts, others, after, mine), len(alerts) - len(gained))


def _linked_rings(lake: Lake, run_id: str, against: str) -> tuple[_Links, _Links]:
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    if not all(lake.run(name).rings.exists() for name in (run_id, against)):
        return before, after
    for row in trace_runs(lake, run_id, against):
        if row.ring_id is not None:
            before[row.ring_id] += row.previous
            for earlier in row.previous:
                after[earlier].append(row.ring_id)
    return before, after


def _alerts(paths: RunPaths, by_id: bool) -> pd.DataFrame:
    """Return the alerts; ``key`` names the transaction of a lone one in both runs."""
    alerts = fetch(_ALERTS, {"alerts": require(paths.alerts)})
    if by_id:
        return alerts.assign(key=alerts["tx_id"].where(alerts["ring_id"].isna()))
    names = pq.read_schema(require(paths.augmented)).names
    columns = ", ".join(f"moved.{name}" for name in (SENDER, RECEIVER, TIME, AMOUNT)
                        if name in names)  # fmt: skip
    lone = fetch(
        _LONE.format(key=f"concat_ws(chr(31), {columns})"),
        {"alerts": require(paths.alerts), "transactions": require(paths.augmented)},
    )
    return alerts.merge(lone, on="alert_id", how="left")


def _missing_in(
    there: pd.DataFrame, alerts: pd.DataFrame, links: _Links, paths: RunPaths
) -> pd.DataFrame:
    """Return the alerts that have no partner in the other run, whose alerts and files are given."""
    alerted = set(there["ring_id"].dropna())
    linked = {ring: links.get(ring, []) for ring in alerts["ring_id"].dropna()}
    kept_rings = {ring for ring, partners in linked.items() if alerted.intersection(partners)}
    is_kept = alerts["ring_id"].isin(kept_rings) | (
        alerts["ring_id"].isna() & alerts["key"].isin(set(there["key"].dropna()))
    )
    missing = alerts[~is_kept].copy()
    partners = {ring: names[0] for ring, names in linked.items() if names}
    missing["other_ring"] = missing["ring_id"].map(partners).astype("string")
    missing["other_score"] = missing["other_ring"].map(_scores(paths)).astype("Float64")
    return missing[list(CHANGE_COLUMNS)].reset_index(drop=True)


def _scores(paths: RunPaths) -> dict[str, float]:
    if not paths.rings.exists():
        return {}
    found = fetch(_SCORES, {"rings": str(paths.rings)})
    return dict(zip(found["ring_id"], found["score"], strict=True))
