"""How well a score tells fraud from the rest on the test rows: curves, calibration, thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.columns import AMOUNT, TIME
from engine.evaluation.wilson import wilson_intervals
from engine.lake import RunPaths
from engine.query.model_rows import Score, judged
from engine.query.model_steps import steps_of
from engine.query.run_model import manifest_of

Floats = npt.NDArray[np.float64]

#: Points kept of a curve: more cannot be told apart.
_LEVELS = 400
#: Bins of the reliability diagram: tenths, the lowest parted further, where nearly all rows lie.
_BINS = np.array([0.0, 0.0001, 0.001, 0.01, *np.arange(1, 10) / 10, 1.0])
#: Thresholds that may be picked: fine at both ends, where the scores of rare events crowd.
_LOW = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005)
GRID = (
    *_LOW,
    *(round(one / 100, 2) for one in range(1, 100)),
    *(round(1 - one, 4) for one in reversed(_LOW)),
)


@dataclass(frozen=True, slots=True)
class Curves:
    """A score against the labels of the test rows.

    Attributes
    ----------
    roc
        ``false_positive_rate, recall, threshold``, thinned.
    precision_recall
        ``recall, precision, threshold``, thinned.
    roc_auc, average_precision
        Of all rows; a random order has 0.5, and the share of positives.
    """

    roc: pd.DataFrame
    precision_recall: pd.DataFrame
    roc_auc: float
    average_precision: float
    rows: int
    positives: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a probability of 0.2 comes true one time in five.

    Attributes
    ----------
    bins
        ``low, high, rows, predicted`` (mean probability), ``observed`` (share of fraud), and its
        95 % interval by Wilson, ``observed_low, observed_high``; only bins that hold rows.
    brier
        Mean squared difference of probability and outcome (Brier, 1950); ``brier_base`` is that
        of giving every row the share of fraud.
    error
        Expected calibration error: mean of |observed - predicted| over the rows.
    """

    bins: pd.DataFrame
    brier: float
    brier_base: float
    error: float


def curves(paths: RunPaths, score: Score) -> Curves:
    """Return the ROC and the precision-recall curve of a score.

    Raises
    ------
    InputError
        If nothing can be measured, or the run has no such score.
    """
    rows = judged(paths, score)
    label, value = rows["label"], rows["score"]
    steps = steps_of(label, value)
    flagged, hits = steps.flagged, steps.hits
    negatives = len(label) - steps.positives
    recall = hits / steps.positives
    roc = pd.DataFrame(
        {"false_positive_rate": (flagged - hits) / negatives, "recall": recall}
    ).assign(threshold=steps.threshold)
    pr = pd.DataFrame({"recall": recall, "precision": hits / flagged}).assign(
        threshold=steps.threshold
    )
    start = pd.DataFrame({"false_positive_rate": [0.0], "recall": [0.0], "threshold": [1.0]})
    return Curves(
        roc=_thinned(pd.concat([start, roc], ignore_index=True)),
        precision_recall=_thinned(pr),
        roc_auc=steps.roc_auc,
        average_precision=steps.average_precision,
        rows=len(label),
        positives=steps.positives,
    )


def calibration(paths: RunPaths) -> Calibration:
    """Compare the model's probabilities with how often they came true.

    Raises
    ------
    InputError
        If nothing can be measured, or the run has no model.
    """
    rows = judged(paths, "fraud_probability")
    label, value = rows["label"].astype(np.float64), rows["score"].astype(np.float64)
    # In 32 bits, as the scores are: 0.9 belongs to the bin that begins there.
    edges = _BINS.astype(np.float32)
    place = np.clip(np.searchsorted(edges, rows["score"], side="right") - 1, 0, len(_BINS) - 2)
    n = np.bincount(place, minlength=len(_BINS) - 1)
    hits = np.bincount(place, label, len(n))
    filled = n > 0
    predicted = np.bincount(place, value, len(n))[filled] / n[filled]
    observed = hits[filled] / n[filled]
    low, high = wilson_intervals(hits[filled], n[filled])
    bins = pd.DataFrame(
        {
            "low": _BINS[:-1][filled], "high": _BINS[1:][filled], "rows": n[filled],
            "predicted": predicted, "observed": observed, "observed_low": low,
            "observed_high": high,
        }
    )  # fmt: skip
    share = float(label.mean())
    return Calibration(
        bins=bins,
        brier=float(((value - label) ** 2).mean()),
        brier_base=share * (1 - share),
        error=float((np.abs(observed - predicted) * n[filled]).sum() / len(label)),
    )


def chosen_threshold(paths: RunPaths) -> float | None:
    """Return the threshold of the run, chosen on rows before the test; ``None`` without one."""
    found = manifest_of(paths).get("metrics", {}).get("threshold")
    return None if found is None else float(found)


def at_thresholds(paths: RunPaths, score: Score) -> pd.DataFrame:
    """Count what is flagged at each threshold of :data:`GRID`, and at the run's own.

    Returns
    -------
    pandas.DataFrame
        ``threshold, is_chosen``, the counts ``true_positives, false_positives, false_negatives,
        true_negatives``, the money ``flagged_amount, caught_amount, missed_amount`` (currency
        units), and ``flagged_a_day``; thresholds ascending.

    Raises
    ------
    InputError
        If nothing can be measured, or the run has no such score.
    """
    rows = judged(paths, score, AMOUNT, TIME)
    chosen = chosen_threshold(paths) if score == "fraud_probability" else None
    limits = np.array(sorted({*GRID, *([] if chosen is None else [chosen])}))
    order = np.argsort(rows["score"], kind="stable")
    # Scores have 32 bits, and so has the threshold they are compared with.
    first = np.searchsorted(rows["score"][order], limits.astype(np.float32))
    label, amount = rows["label"][order], rows[AMOUNT][order]
    flagged, hits = len(label) - first, _from(label, first)
    positives = int(label.sum())
    money, caught = _from(amount, first), _from(amount * label, first)
    return pd.DataFrame(
        {
            "threshold": limits,
            "is_chosen": limits == chosen,
            "true_positives": hits.astype(int),
            "false_positives": (flagged - hits).astype(int),
            "false_negatives": (positives - hits).astype(int),
            "true_negatives": (len(label) - positives - flagged + hits).astype(int),
            "flagged_amount": money,
            "caught_amount": caught,
            "missed_amount": float((amount * label).sum()) - caught,
            "flagged_a_day": flagged / _days(rows[TIME]),
        }
    )


def _from(values: npt.NDArray[Any], first: npt.NDArray[np.int64]) -> Floats:
    """Return the sums of the values from each position to the end."""
    sums = np.concatenate([[0.0], np.cumsum(values[::-1], dtype=np.float64)])
    return np.asarray(sums[len(values) - first])


def _days(time: npt.NDArray[np.datetime64]) -> float:
    """Return the length of a period in days, at least one hour."""
    if len(time) == 0:
        return 1.0
    return max(float((time[-1] - time[0]) / np.timedelta64(1, "D")), 1 / 24)


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """Keep the points that make its shape: a step of either axis each, and the first ones."""
    x, y = (curve.iloc[:, i].to_numpy() for i in (0, 1))
    steps = [np.unique((axis * _LEVELS).astype(int), return_index=True)[1] for axis in (x, y)]
    first = np.unique(np.geomspace(1, len(curve), _LEVELS).astype(int)) - 1
    kept = np.unique(np.concatenate([*steps, first, [0, len(curve) - 1]]))
    return curve.iloc[kept].reset_index(drop=True)
