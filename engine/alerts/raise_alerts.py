"""Rings and scores -> the table of alerts, best first."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from engine.alerts.lone_alerts import lone_alerts
from engine.alerts.ring_alerts import ring_alerts
from engine.alerts.scored import Scored
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
    taken = np.empty(0, np.int64)
    if rings is not None and alerts:
        alerted = {alert["ring_id"] for alert in alerts}
        proof = rings.ring_transactions.to_pandas()
        taken = proof.loc[proof["ring_id"].isin(alerted), "tx_id"].to_numpy(np.int64)
    alerts += lone_alerts(scored, taken, config)
    progress(0.9, f"{len(alerts):,} alerts")
    alerts.sort(key=lambda a: (-a["score"], -a["amount"], a["ring_id"] or "", a["tx_id"] or 0))
    for number, alert in enumerate(alerts, start=1):
        alert["alert_id"] = f"A{number:06d}"
    return pa.Table.from_pylist(alerts, ALERT_SCHEMA)
