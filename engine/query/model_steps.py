"""What is flagged, and how much of it is right, as a threshold falls from the highest score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Steps:
    """One step for each distinct score, the highest first.

    Attributes
    ----------
    threshold
        The score from which rows are flagged.
    flagged, hits
        int64: rows flagged, and frauds among them.
    rows, positives
        Of all.
    """

    threshold: npt.NDArray[np.float32]
    flagged: Counts
    hits: Counts
    rows: int
    positives: int

    @property
    def roc_auc(self) -> float:
        """Chance that a fraud scores above another row, ties counted half; NaN with one class."""
        negatives = self.rows - self.positives
        if not (self.positives and negatives):
            return float("nan")
        right, wrong = (
            np.concatenate([[0.0], one]) for one in (self.hits, self.flagged - self.hits)
        )
        area = float((np.diff(wrong) * (right[1:] + right[:-1])).sum() / 2)
        return area / self.positives / negatives

    @property
    def average_precision(self) -> float:
        """Mean precision over the steps of recall; NaN without a fraud."""
        if not self.positives:
            return float("nan")
        gained = np.diff(self.hits, prepend=0)
        return float((gained * (self.hits / self.flagged)).sum() / self.positives)


def steps_of(label: npt.NDArray[np.bool_], score: npt.NDArray[np.float32]) -> Steps:
    """Sort the rows once, and count.

    Parameters
    ----------
    label
        bool, shape (n,): fraud.
    score
        float32, shape (n,).
    """
    order = np.argsort(score)[::-1]
    ordered = score[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))[: len(order)]
    hits = np.cumsum(label[order], dtype=np.int64)[last]
    return Steps(ordered[last], last + 1, hits, len(order), int(label.sum()))
