"""The anomaly score: an isolation forest fitted on a sample of the past, scored on every row.

Liu, Ting and Zhou, "Isolation Forest", ICDM 2008. A forest of 100 trees of 256 rows sees 25 600
rows, so fitting on a sample of that size loses nothing.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
import numpy.typing as npt

from engine.backend import CPU, Array, Backend, to_host
from engine.columns import EXTRA_PREFIX
from engine.config import AnomalyConfig
from engine.features import FeatureMatrix
from engine.progress import Progress, silent

Float32 = npt.NDArray[np.float32]

#: What moves and what it meets: few columns, because each useless one dilutes a random split.
_COLUMNS = (
    "log_amount", "amount_to_sender_balance",
    "sender_balance_before", "sender_balance_left", "receiver_balance_before",
    "sender_out_n_24h", "sender_out_sum_24h", "receiver_in_n_24h", "receiver_in_sum_24h",
)  # fmt: skip


def anomaly_columns(features: FeatureMatrix) -> tuple[str, ...]:
    """Return the columns the forest looks at, of those the input has."""
    return tuple(n for n in features.names if n in _COLUMNS or n.startswith(EXTRA_PREFIX))


def anomaly_scores(
    features: FeatureMatrix,
    train: slice,
    config: AnomalyConfig,
    progress: Progress = silent,
    backend: Backend = CPU,
) -> Array:
    """Score every transaction; the forest is fitted on a sample of the rows of ``train``.

    Returns
    -------
    float32, shape (n,), where the backend computes
        Higher is more abnormal, in (0, 1): ``2 ** (-mean path length / norm)``.
    """
    names, xp = anomaly_columns(features), backend.xp
    rng = np.random.default_rng(config.seed)
    rows = np.arange(features.n_rows)
    pool = rows[train] if len(rows[train]) > 1 else rows
    if len(pool) < 2:  # a single row is as usual as it is unusual
        return xp.full(len(pool), 0.5, dtype=xp.float32)
    size = min(len(pool), config.trees * config.rows_per_tree)
    sample = np.sort(rng.choice(pool, size, replace=False))
    seen = _compress(np, to_host(features.rows(sample, names)))
    score_rows = backend.forest(backend.fit_forest(seen, config))
    score = xp.empty(features.n_rows, dtype=xp.float32)
    for part, values in features.chunks(names):
        score[part] = score_rows(_compress(xp, xp.asarray(values)))
        progress(part.stop / features.n_rows, f"isolation forest, {part.stop:,} rows")
    return score


def percentile(score: Array, xp: ModuleType = np) -> Array:
    """Return the share of rows with a score not above each row's, float32, in (0, 1]."""
    order = xp.argsort(score)
    ordered = score[order]
    last_equal = xp.searchsorted(ordered, ordered, side="right")
    share = xp.empty(len(score), dtype=xp.float32)
    share[order] = last_equal / len(score)
    return share


def _compress(xp: ModuleType, values: Array) -> Array:
    """Take the logarithm of magnitudes: a forest splits ranges evenly, and money is skewed."""
    return (xp.sign(values) * xp.log1p(xp.abs(values))).astype(xp.float32)
