"""Metrics of a transaction score against labels."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of the test rows; ``threshold`` was chosen on earlier rows."""

    roc_auc: float
    average_precision: float
    precision: float
    recall: float
    threshold: float
    positives: int
    rows: int

    def to_dict(self) -> dict[str, float | int]:
        """Return the figures as plain JSON types."""
        return asdict(self)


def best_threshold(label: Labels, score: Floats) -> float:
    """Return the score at which F1 is highest; 0.5 where there is no positive row.

    The cut lies midway between the best score and the next lower one, so that rows equal to the
    last one taken stay taken under rounding.
    """
    if label.sum() == 0:
        return 0.5
    precision, recall, thresholds = precision_recall_curve(label, score)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(np.argmax(f1[:-1]))
    below = thresholds[best - 1] if best > 0 else thresholds[best]
    return float((thresholds[best] + below) / 2)


def measure(label: Labels, score: Floats, threshold: float) -> Metrics | None:
    """Judge ``score >= threshold`` against labels.

    Returns
    -------
    Metrics or None
        None where the rows hold only one class: then no curve exists.
    """
    positives = int(label.sum())
    if positives == 0 or positives == len(label):
        return None
    flagged = score >= threshold
    hits = int((flagged & (label == 1)).sum())
    return Metrics(
        roc_auc=float(roc_auc_score(label, score)),
        average_precision=float(average_precision_score(label, score)),
        precision=hits / max(int(flagged.sum()), 1),
        recall=hits / positives,
        threshold=float(threshold),
        positives=positives,
        rows=len(label),
    )
