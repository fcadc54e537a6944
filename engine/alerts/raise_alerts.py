"""Rings and scores -> the table of alerts, best first."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from engine.alerts.lone_alerts import lone_alerts
from engine.alerts.reasons import to_json
from engine.alerts.ring_alerts import ring_alerts
from engine.alerts.scored import Int64, Row, Scored
from engine.alerts.suspicious_text import suspicious_reasons
from engine.columns import TIME_TYPE
from engine.config import Config
from engine.progress import Progress, silent
from engine.rings import RingTables

ALERT_SCHEMA = pa.schema(
    [
        ("alert_id", pa.string()),
        ("ring_id", pa.string()),
        ("tx_id", pa.int64()),
        ("title", pa.string()),
        ("typology", pa.string()),
        ("score", pa.float64()),
        ("amount", pa.float64()),
        ("n_accounts", pa.int64()),
        ("opened", TIME_TYPE),
        ("reasons", pa.string()),
    ]
)


def _tell_suspicious(alerts: list[Row], scored: Scored, tx_ids: Int64, numbers: Int64) -> None:
    """Add a reason to each alert with suspicious texts behind it; no score changes.

    Parameters
    ----------
    tx_ids
        The transactions behind alerts, int64, shape (n,).
    numbers
        Of each, the position of its alert, int64, shape (n,).
    """
    found = suspicious_reasons(scored.transactions, scored.rows_of(tx_ids), numbers)
    for number, reason in found.items():
        alerts[number]["reasons"].append(reason)


def raise_alerts(
    scored: Scored, rings: RingTables | None, config: Config, progress: Progress = silent
) -> pa.Table:
    """Raise one alert a ring over the threshold, and one a risky transaction outside all rings.

    Returns
    -------
    pyarrow.Table
        The contract's ``alerts``, by score, then amount. ``opened`` is the time of the last
        transaction of the alert: results do not depend on when the run was made.
    """
    alerts = [] if rings is None else ring_alerts(scored, rings, config)
    progress(0.3, f"{len(alerts):,} rings over the threshold")
    behind, taken = np.empty(0, np.int64), np.empty(0, np.int64)
    if rings is not None and alerts:
        numbers = {alert["ring_id"]: number for number, alert in enumerate(alerts)}
        proof = rings.ring_transactions.to_pandas()
        proof = proof[proof["ring_id"].isin(numbers)]
        behind = proof["ring_id"].map(numbers).to_numpy(np.int64)
        taken = proof["tx_id"].to_numpy(np.int64)
    n_rings = len(alerts)
    alerts += lone_alerts(scored, taken, config)
    progress(0.8, f"{len(alerts):,} alerts")
    lone = np.array([alert["tx_id"] for alert in alerts[n_rings:]], np.int64)
    _tell_suspicious(
        alerts, scored,
        np.append(taken, lone), np.append(behind, np.arange(n_rings, len(alerts))),
    )  # fmt: skip
    alerts.sort(key=lambda a: (-a["score"], -a["amount"], a["ring_id"] or "", a["tx_id"] or 0))
    for number, alert in enumerate(alerts, start=1):
        alert["alert_id"] = f"A{number:06d}"
        alert["reasons"] = to_json(alert["reasons"])
    return pa.Table.from_pylist(alerts, ALERT_SCHEMA)
