"""Ring precision and recall at a Jaccard overlap, by typology and at alert budgets.

A true ring is *found* if some predicted ring has a Jaccard overlap of accounts of at least the
limit; a predicted ring is *correct* if it has that overlap with some true ring. Where only some
rings are judged (those that start in the test period), they are still compared with all rings of
the other side: a ring found a day too early is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.evaluation.intervals import ring_intervals
from engine.rings.overlap import best_overlaps

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RingSet:
    """Rings to compare, the best first.

    Attributes
    ----------
    members
        Account ids of each ring.
    typologies
        Typology of each ring.
    judged
        Which rings count; ``None``: all. The others only serve to match the other side.
    """

    members: tuple[frozenset[str], ...]
    typologies: tuple[str, ...]
    judged: tuple[bool, ...] | None = None

    @property
    def mask(self) -> Bools:
        """Which rings are judged, bool, shape (n_rings,)."""
        if self.judged is None:
            return np.ones(len(self.members), bool)
        return np.array(self.judged, bool)

    def only_judged(self, size: int | None = None) -> RingSet:
        """Return the judged rings alone, at most the best ``size``."""
        kept = np.flatnonzero(self.mask)[:size].tolist()
        return RingSet(
            tuple(self.members[i] for i in kept), tuple(self.typologies[i] for i in kept)
        )


def matches(truth: RingSet, predicted: RingSet, limit: float) -> tuple[Bools, Bools]:
    """Return which judged true rings are found, and which judged predicted ones are correct."""
    found = best_overlaps(truth.members, predicted.members) >= limit
    correct = best_overlaps(predicted.members, truth.members) >= limit
    return found[truth.mask], correct[predicted.mask]


def ring_figures(truth: RingSet, predicted: RingSet, limit: float) -> dict[str, Any]:
    """Return counts, ``ring_recall``, ``ring_precision``, ``ring_f1`` at one Jaccard limit.

    ``intervals`` holds the 95 % bootstrap interval of each of the three.
    """
    found, correct = matches(truth, predicted, limit)
    return {
        "true": len(found),
        "predicted": len(correct),
        "found": int(found.sum()),
        "correct": int(correct.sum()),
        **_rates(int(found.sum()), len(found), int(correct.sum()), len(correct)),
        "intervals": ring_intervals(found, correct),
    }


def figures_by_typology(truth: RingSet, predicted: RingSet, limit: float) -> dict[str, Any]:
    """Return recall by true typology and precision by predicted typology at one limit."""
    found, correct = matches(truth, predicted, limit)
    true_names = truth.only_judged().typologies
    said_names = predicted.only_judged().typologies
    table = {}
    for name in sorted({*true_names, *said_names}):
        true = np.array([t == name for t in true_names], bool)
        said = np.array([t == name for t in said_names], bool)
        table[name] = {
            "true": int(true.sum()),
            "found": int(found[true].sum()),
            "ring_recall": share(int(found[true].sum()), int(true.sum())),
            "predicted": int(said.sum()),
            "correct": int(correct[said].sum()),
            "ring_precision": share(int(correct[said].sum()), int(said.sum())),
        }
    return table


def figures_at_budgets(truth: RingSet, predicted: RingSet, limit: float) -> dict[str, Any]:
    """Return the figures of the best 100 rings and of as many as there are true rings.

    Only the rings within the budget, and no earlier ones, can find a true ring here.
    """
    budgets = {"top_100": 100, "top_true": int(truth.mask.sum())}
    return {
        name: ring_figures(truth, predicted.only_judged(size), limit)
        for name, size in budgets.items()
    }


def set_figures(truth: set[Any], predicted: set[Any]) -> dict[str, Any]:
    """Return precision, recall and F1 of a set of accounts or transactions."""
    hits = len(truth & predicted)
    precision, recall = share(hits, len(predicted)), share(hits, len(truth))
    return {"true": len(truth), "predicted": len(predicted), "correct": hits,
            "precision": precision, "recall": recall, "f1": f1_of(precision, recall)}  # fmt: skip


def _rates(found: int, true: int, correct: int, predicted: int) -> dict[str, float | None]:
    recall, precision = share(found, true), share(correct, predicted)
    return {"ring_recall": recall, "ring_precision": precision, "ring_f1": f1_of(precision, recall)}


def share(part: int, whole: int) -> float | None:
    """Return a share, None where there is nothing to share."""
    return round(part / whole, 6) if whole else None


def f1_of(precision: float | None, recall: float | None) -> float | None:
    """Return the harmonic mean, None where one of the two is not defined."""
    if precision is None or recall is None:
        return None
    return round(2 * precision * recall / (precision + recall), 6) if precision + recall else 0.0
