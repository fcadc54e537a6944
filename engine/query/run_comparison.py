"""Two runs side by side: which alerts are new in one of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow.parquet as pq

from engine.columns import AMOUNT, RECEIVER, SENDER, TIME
from engine.lake import Lake, RunPaths
from engine.query.database import fetch, require
from engine.query.lineage import trace_runs

#: Columns of :attr:`NewAlerts.alerts`.
NEW_COLUMNS = (
    "alert_id", "ring_id", "tx_id", "title", "typology", "score", "amount", "n_accounts", "opened",
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


@dataclass(frozen=True, slots=True)
class NewAlerts:
    """Alerts of a run that another one has not.

    Attributes
    ----------
    alerts
        Columns as :data:`NEW_COLUMNS`, the riskiest first. Where the ring is in the other run as
        well, without an alert, ``other_ring`` and ``other_score`` name it there.
    kept
        Alerts of the run that the other one has too.
    """

    alerts: pd.DataFrame
    kept: int


def new_alerts(lake: Lake, run_id: str, against: str) -> NewAlerts:
    """Tell which alerts of a run another one has not; with the two exchanged, which are gone.

    Rings are the same where their lineage says so (:func:`engine.rings.lineage.trace_rings`): an
    alert is not new if a ring that its own comes from, or that continues it, has an alert too. Lone
    transactions are the same by id where both runs read the same bytes, else by sender, receiver,
    time, and amount.

    Raises
    ------
    RunError
        If a run's files are missing.
    """
    hashes = {lake.read_manifest(name)["input"]["sha256"] for name in (run_id, against)}
    alerts, others = (_alerts(lake.run(name), by_id=len(hashes) == 1) for name in (run_id, against))
    linked = _linked_rings(lake, run_id, against)
    alerted = set(others["ring_id"].dropna())
    kept_rings = {ring for ring, partners in linked.items() if alerted.intersection(partners)}
    is_kept = alerts["ring_id"].isin(kept_rings) | (
        alerts["ring_id"].isna() & alerts["key"].isin(set(others["key"].dropna()))
    )
    new = alerts[~is_kept].copy()
    partners = {ring: names[0] for ring, names in linked.items()}
    new["other_ring"] = new["ring_id"].map(partners).astype("string")
    new["other_score"] = new["other_ring"].map(_scores(lake.run(against))).astype("Float64")
    return NewAlerts(new[list(NEW_COLUMNS)].reset_index(drop=True), int(is_kept.sum()))


def _linked_rings(lake: Lake, run_id: str, against: str) -> dict[str, list[str]]:
    """Return, for rings of a run, those of the other one that they come from."""
    if not all(lake.run(name).rings.exists() for name in (run_id, against)):
        return {}
    traced = trace_runs(lake, run_id, against)
    return {row.ring_id: list(row.previous) for row in traced if row.ring_id and row.previous}


def _alerts(paths: RunPaths, *, by_id: bool) -> pd.DataFrame:
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


def _scores(paths: RunPaths) -> dict[str, float]:
    if not paths.rings.exists():
        return {}
    found = fetch(_SCORES, {"rings": str(paths.rings)})
    return dict(zip(found["ring_id"], found["score"], strict=True))
