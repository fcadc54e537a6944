"""Whether what a model sees is still what it learned from: stability of features and scores.

The population stability index of Siddiqi (Credit Risk Scorecards, Wiley 2006) for every feature
and score, on samples of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from engine.columns import CANONICAL
from engine.errors import InputError
from engine.features.build import KNOWN_TYPES
from engine.lake import Lake, RunPaths
from engine.query.database import require
from engine.query.model_rows import SCORES, Float32, picked, sample, scores_of, split_of
from engine.query.reason_words import WEEKDAYS, title
from engine.query.score_shift import index_of_bins

Counts = npt.NDArray[np.int64]

#: Rows drawn of each side. Between two such samples of the same rows the index is about
#: 9 bins * 2 / 50,000 = 0.0004, far below its bounds.
SAMPLE = 50_000
_BINS = 10
#: A feature of at most so many values is compared value by value.
_FEW = 12
_SEED = 7
#: What of the canonical columns is no feature.
_NO_FEATURES = set(CANONICAL) - {"amount", "sender_balance_before", "receiver_balance_before"}
_SCORE_WORDS = {
    "fraud_probability": "Model: fraud probability", "final_risk": "Final risk",
    "anomaly_score": "Unusualness", "rule_score": "Rules",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drift:
    """Features and scores now against then.

    Attributes
    ----------
    features
        ``feature, words, kind`` (score or feature), ``psi, mean, baseline_mean``; the largest
        index first, scores before features.
    bins
        ``feature, bin`` (its value, or its upper bound, in words), ``share, baseline_share``.
    rows, baseline_rows
        Rows sampled of each side.
    """

    features: pd.DataFrame
    bins: pd.DataFrame
    rows: int
    baseline_rows: int


def drift_within(paths: RunPaths) -> Drift:
    """Compare the test rows of a run, its last part in time, with those that trained.

    Raises
    ------
    InputError
        If the run used a model of another run: then none of its rows trained.
    """
    split = split_of(paths)
    if split.train_end == 0:
        raise InputError(
            f"run {paths.run_id} used the model of another run; compare it with that run"
        )
    names = columns_of(paths)
    return compared(names, _drawn(paths, names, split.test), _drawn(paths, names, split.train))


def drift_between(lake: Lake, run_id: str, against: str) -> Drift:
    """Compare all rows of a run with those of another; what both have is compared.

    Raises
    ------
    RunError
        If a run's files are missing.
    """
    mine, other = lake.run(run_id), lake.run(against)
    theirs = columns_of(other)
    names = [name for name in columns_of(mine) if name in theirs]
    return compared(names, *(_drawn(one, names, _all(one)) for one in (mine, other)))


def compared(names: list[str], values: Float32, baseline: Float32) -> Drift:
    """Compare columns of two samples.

    Parameters
    ----------
    values, baseline
        float32, shape (n_rows, n_columns), in the order of ``names``.
    """
    rows, bins = [], []
    for index, name in enumerate(names):
        now, then = values[:, index], baseline[:, index]
        labels, counts, before = _binned(name, now, then)
        rows.append(
            {
                "feature": name, "words": _SCORE_WORDS.get(name) or title(name),
                "kind": "score" if name in SCORES else "feature",
                "psi": index_of_bins(counts, before), "mean": float(now.mean()),
                "baseline_mean": float(then.mean()),
            }
        )  # fmt: skip
        shares = {"share": counts / len(now), "baseline_share": before / len(then)}
        bins.append(pd.DataFrame({"feature": name, "bin": labels, **shares}))
    order = ["kind", "psi"]
    table = pd.DataFrame(rows).sort_values(order, ascending=False, kind="stable", ignore_index=True)
    return Drift(table, pd.concat(bins, ignore_index=True), len(values), len(baseline))


def columns_of(paths: RunPaths) -> list[str]:
    """Return the features and the scores of a run."""
    schema = pq.read_schema(require(paths.augmented))
    left_out = {*_NO_FEATURES, "is_anomaly", *(set(SCORES) - set(scores_of(paths)))}
    return [name for name in schema.names if name not in left_out]


def _binned(name: str, now: Float32, then: Float32) -> tuple[list[str], Counts, Counts]:
    """Count both sides in tenths of the baseline, or value by value where there are few."""
    known = np.unique(np.concatenate([now[:1000], then[:1000]]))
    if len(known) <= _FEW:
        known = np.unique(np.concatenate([now, then]))
    if len(known) <= _FEW:
        edges, labels = known, [_value(name, one) for one in known]
    else:
        edges = np.unique(np.quantile(then, np.arange(1, _BINS) / _BINS, method="lower"))
        labels = [*(f"to {_number(edge)}" for edge in edges), f"over {_number(edges[-1])}"]
    places = (np.searchsorted(edges, one) for one in (now, then))
    counts, before = (np.bincount(one, minlength=len(labels)) for one in places)
    return labels, counts, before


def _drawn(paths: RunPaths, names: list[str], rows: slice) -> Float32:
    return picked(paths, names, sample(rows, SAMPLE, _SEED))


def _all(paths: RunPaths) -> slice:
    return slice(0, pq.read_metadata(require(paths.augmented)).num_rows)


def _value(name: str, value: float) -> str:
    """Name one of few values: a type and a day of the week by their names."""
    named_values = {"type_code": KNOWN_TYPES, "weekday": WEEKDAYS}.get(name, ())
    return named_values[int(value)] if 0 <= value < len(named_values) else _number(value)


def _number(value: float) -> str:
    return "unknown" if value == -1 else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
