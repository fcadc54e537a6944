"""One transaction, to be looked at in a sample."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq

from engine.columns import RECEIVER, SENDER, TYPE
from engine.lake import RunPaths
from engine.query.database import fetch, require


def transaction(paths: RunPaths, tx_id: int) -> pd.DataFrame:
    """Return a transaction of a run with its scores; no row where there is none.

    Returns
    -------
    pandas.DataFrame
        ``tx_id, time, sender, receiver, amount, type, rule_score, anomaly_score,
        fraud_probability, final_risk``; what the input lacks is null.
    """
    there = pq.read_schema(require(paths.augmented)).names
    own = (
        name if name in there else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in (SENDER, RECEIVER, TYPE)
    )  # fmt: skip
    return fetch(
        f"SELECT tx_id, time, amount, {', '.join(own)}, rule_score, anomaly_score, "
        "fraud_probability, final_risk FROM read_parquet($augmented) WHERE tx_id = $tx_id",
        {"augmented": require(paths.augmented), "tx_id": tx_id},
    )
