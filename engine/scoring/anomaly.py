"""The anomaly score: an isolation forest fitted on a sample of the past, scored on every row.

Liu, Ting and Zhou, "Isolation Forest", ICDM 2008. A forest of 100 trees of 256 rows sees 25 600
rows, so fitting on a sample of that size loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.backend import CPU, Array, Backend, to_host
from engine.columns import EXTRA_PREFIX
from engine.config import AnomalyConfig
from engine.features import FeatureMatrix
from engine.progress import Progress, silent
from engine.scoring.detector import LONELY, STEPS, Detector, compress

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

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


def fit_anomaly(
    features: FeatureMatrix, train: slice, config: AnomalyConfig, backend: Backend = CPU
) -> IsolationForest | None:
    """Fit the forest on a sample of the rows of ``train``; None where there is a single row."""
    rng = np.random.default_rng(config.seed)
    rows = np.arange(features.n_rows)
    pool = rows[train] if len(rows[train]) > 1 else rows
    if len(pool) < 2:
        return None
    size = min(len(pool), config.trees * config.rows_per_tree)
    sample = np.sort(rng.choice(pool, size, replace=False))
    seen = compress(np, to_host(features.rows(sample, anomaly_columns(features))))
    return backend.fit_forest(seen, config)


def score_anomaly(
    features: FeatureMatrix,
    model: IsolationForest | None,
    progress: Progress = silent,
    backend: Backend = CPU,
) -> Array:
    """Score every transaction.

    Returns
    -------
    float32, shape (n,), where the backend computes
        Higher is more abnormal, in (0, 1): ``2 ** (-mean path length / norm)``.
    """
    xp = backend.xp
    if model is None:
        return xp.full(features.n_rows, LONELY, dtype=xp.float32)
    score_rows = backend.forest(model)
    score = xp.empty(features.n_rows, dtype=xp.float32)
    for part, values in features.chunks(anomaly_columns(features)):
        score[part] = score_rows(compress(xp, xp.asarray(values)))
        progress(part.stop / features.n_rows, f"isolation forest, {part.stop:,} rows")
    return score


def anomaly_scores(
    features: FeatureMatrix,
    train: slice,
    config: AnomalyConfig,
    progress: Progress = silent,
    backend: Backend = CPU,
) -> Array:
    """Fit the forest on a sample of the rows of ``train`` and score every transaction with it."""
    model = fit_anomaly(features, train, config, backend)
    return score_anomaly(features, model, progress, backend)


def find_anomalies(
    features: FeatureMatrix,
    train: slice,
    config: AnomalyConfig,
    progress: Progress = silent,
    backend: Backend = CPU,
) -> tuple[Float32, Detector]:
    """Return every transaction's anomaly score as a percentile, and what made it."""
    from engine.scoring.forest import flatten

    model = fit_anomaly(features, train, config, backend)
    ranks = _Ranks.of(score_anomaly(features, model, progress, backend), backend.xp)
    forest = None if model is None else flatten(model)
    detector = Detector(anomaly_columns(features), forest, *ranks.table())
    return to_host(ranks.percentile()), detector


def percentile(score: Array, xp: ModuleType = np) -> Array:
    """Return the share of rows with a score not above each row's, float32, in (0, 1]."""
    return _Ranks.of(score, xp).percentile()


@dataclass(frozen=True, slots=True)
class _Ranks:
    """Scores in ascending order; ``order`` tells which row each is, ``upto`` how many reach it."""

    order: Array
    ordered: Array
    upto: Array
    xp: ModuleType

    @classmethod
    def of(cls, score: Array, xp: ModuleType) -> _Ranks:
        order = xp.argsort(score)
        ordered = score[order]
        return cls(order, ordered, xp.searchsorted(ordered, ordered, side="right"), xp)

    def percentile(self) -> Array:
        share = self.xp.empty(len(self.ordered), dtype=self.xp.float32)
        share[self.order] = self.upto / len(self.ordered)
        return share

    def table(self) -> tuple[Float32, Float32]:
        """Return scores, ascending and distinct, at most ``STEPS``, and their percentiles."""
        rows = len(self.ordered)
        steps = np.unique(np.linspace(0, rows - 1, STEPS).round().astype(np.int64))
        taken = self.xp.asarray(steps)
        scores, first = np.unique(to_host(self.ordered[taken]), return_index=True)
        return scores, (to_host(self.upto[taken]) / rows)[first].astype(np.float32)
