"""Ring precision and recall at a Jaccard overlap, by typology and at alert budgets.

A true ring is *found* if some predicted ring has a Jaccard overlap of accounts of at least the
limit; a predicted ring is *correct* if it has that overlap with some true ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RingSet:
    """Rings to compare, the best first: members as sets of account ids, and typologies."""

    members: tuple[frozenset[str], ...]
    typologies: tuple[str, ...]


def best_overlaps(rings: Sequence[frozenset[str]], others: Sequence[frozenset[str]]) -> Floats:
    """Return for each ring its best Jaccard overlap with any of the others; 0 without one."""
    of_account: dict[str, list[int]] = {}
    for index, other in enumerate(others):
        for account in other:
            of_account.setdefault(account, []).append(index)
    best = np.zeros(len(rings))
    for i, ring in enumerate(rings):
        shared: dict[int, int] = {}
        for account in ring:
            for index in of_account.get(account, ()):
                shared[index] = shared.get(index, 0) + 1
        best[i] = max(
            (n / (len(ring) + len(others[j]) - n) for j, n in shared.items()), default=0.0
        )
    return best


def ring_figures(truth: RingSet, predicted: RingSet, limit: float) -> dict[str, Any]:
    """Return counts, ``ring_recall``, ``ring_precision``, ``ring_f1`` at one Jaccard limit."""
    found = best_overlaps(truth.members, predicted.members) >= limit
    correct = best_overlaps(predicted.members, truth.members) >= limit
    return {
        "true": len(truth.members),
        "predicted": len(predicted.members),
        "found": int(found.sum()),
        "correct": int(correct.sum()),
        **_rates(int(found.sum()), len(found), int(correct.sum()), len(correct)),
    }


def figures_by_typology(truth: RingSet, predicted: RingSet, limit: float) -> dict[str, Any]:
    """Return recall by true typology and precision by predicted typology at one limit."""
    found = best_overlaps(truth.members, predicted.members) >= limit
    correct = best_overlaps(predicted.members, truth.members) >= limit
    names = sorted({*truth.typologies, *predicted.typologies})
    table = {}
    for name in names:
        true = np.array([t == name for t in truth.typologies], bool)
        said = np.array([t == name for t in predicted.typologies], bool)
        table[name] = {
            "true": int(true.sum()),
            "found": int(found[true].sum()),
            "ring_recall": _share(int(found[true].sum()), int(true.sum())),
            "predicted": int(said.sum()),
            "correct": int(correct[said].sum()),
            "ring_precision": _share(int(correct[said].sum()), int(said.sum())),
        }
    return table


def figures_at_budgets(truth: RingSet, predicted: RingSet, limit: float) -> dict[str, Any]:
    """Return the figures of the best 100 rings and of as many as there are true rings."""
    budgets = {"top_100": 100, "top_true": len(truth.members)}
    return {
        name: ring_figures(
            truth, RingSet(predicted.members[:size], predicted.typologies[:size]), limit
        )
        for name, size in budgets.items()
    }


def set_figures(truth: set[Any], predicted: set[Any]) -> dict[str, Any]:
    """Return precision, recall and F1 of a set of accounts or transactions."""
    hits = len(truth & predicted)
    precision, recall = _share(hits, len(predicted)), _share(hits, len(truth))
    return {"true": len(truth), "predicted": len(predicted), "correct": hits,
            "precision": precision, "recall": recall, "f1": _f1(precision, recall)}  # fmt: skip


def _rates(found: int, true: int, correct: int, predicted: int) -> dict[str, float | None]:
    recall, precision = _share(found, true), _share(correct, predicted)
    return {"ring_recall": recall, "ring_precision": precision, "ring_f1": _f1(precision, recall)}


def _share(part: int, whole: int) -> float | None:
    """Return a share, None where there is nothing to share."""
    return round(part / whole, 6) if whole else None


def _f1(precision: float | None, recall: float | None) -> float | None:
    if precision is None or recall is None:
        return None
    return round(2 * precision * recall / (precision + recall), 6) if precision + recall else 0.0
