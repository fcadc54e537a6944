"""What can be told of scores without labels: how they spread, and where the unusual rows are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from engine.columns import TIME, TYPE
from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.model_rows import read, scores_of

_LEVELS = (0.5, 0.9, 0.99, 0.999, 1.0)
#: Longest series; the steps are days, and weeks where there are more days than this.
_MOST_DAYS = 120

_OVER_TIME = """
SELECT time_bucket(INTERVAL ({days}) DAY, time) AS time, count(*) AS transactions,
       count(*) FILTER (is_anomaly) AS unusual, avg(final_risk) AS mean_risk
FROM read_parquet($transactions) GROUP BY 1 ORDER BY 1
"""
_BY_TYPE = """
SELECT type, count(*) AS transactions, count(*) FILTER (is_anomaly) AS unusual,
       avg(final_risk) AS mean_risk
FROM read_parquet($transactions) GROUP BY 1 ORDER BY 2 DESC LIMIT 15
"""


def score_quantiles(paths: RunPaths) -> pd.DataFrame:
    """Return how the scores of all transactions spread.

    Returns
    -------
    pandas.DataFrame
        ``score`` and the quantiles ``median, p90, p99, p999, highest``.
    """
    rows, found = slice(0, pq.read_metadata(require(paths.augmented)).num_rows), []
    for score in scores_of(paths):
        # One column at a time: memory holds no more than that.
        values = read(paths, [score], rows)[score]
        levels = np.quantile(values, _LEVELS) if len(values) else [np.nan] * len(_LEVELS)
        found.append([score, *map(float, levels)])
    return pd.DataFrame(found, columns=["score", "median", "p90", "p99", "p999", "highest"])


def unusual_over_time(paths: RunPaths) -> pd.DataFrame:
    """Return ``time, transactions, unusual, mean_risk`` by day, or by several where there are many.

    ``unusual`` counts rows among the most abnormal share that the run was told to mark.
    """
    span = fetch(f"SELECT min({TIME}), max({TIME}) FROM read_parquet($transactions)", _files(paths))
    first, last = span.iloc[0]
    days = 1 if pd.isna(first) else max(1, -(-((last - first).days + 1) // _MOST_DAYS))
    return fetch(_OVER_TIME.format(days=days), _files(paths))


def unusual_by_type(paths: RunPaths) -> pd.DataFrame:
    """Return ``type, transactions, unusual, mean_risk``; empty where the input has no types."""
    if TYPE not in pq.read_schema(require(paths.augmented)).names:
        return pd.DataFrame()
    return fetch(_BY_TYPE, _files(paths))


def _files(paths: RunPaths) -> dict[str, str]:
    return {"transactions": require(paths.augmented)}
