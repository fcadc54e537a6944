"""Precision, recall, F1 and average precision of accounts and of transactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from engine.evaluation.ring_metrics import Bools, set_figures, share

Groups = Mapping[str, set[Any]]


def item_figures(true: Bools, predicted: Bools, score: npt.NDArray[np.floating]) -> dict[str, Any]:
    """Judge a choice and a ranking of the same items.

    Parameters
    ----------
    true, predicted
        bool, shape (n,): what is so, and what was said.
    score
        Shape (n,): the ranking, higher is worse; ties stand in the order given.

    Returns
    -------
    dict
        Counts, ``precision``, ``recall``, ``f1``; ``average_precision`` (None where all items are
        of one class); ``at_budget``: the same counts and rates for the ``top_100`` of the ranking
        and for as many as are true (``top_true``).
    """
    figures = set_figures(_chosen(true), _chosen(predicted))
    positives = int(true.sum())
    figures["average_precision"] = None
    if 0 < positives < len(true):
        figures["average_precision"] = round(float(average_precision_score(true, score)), 6)
    best = np.argsort(-score, kind="stable")
    figures["at_budget"] = {
        name: set_figures(_chosen(true), set(best[:size].tolist()))
        for name, size in (("top_100", 100), ("top_true", positives))
    }
    return figures


def item_figures_by_typology(true: Groups, predicted: Groups) -> dict[str, Any]:
    """Return recall by true typology and precision by predicted typology.

    An item of a true typology is found if it is in any predicted group; one of a predicted
    typology is correct if it is in any true group.
    """
    all_true = set().union(*true.values())
    all_predicted = set().union(*predicted.values())
    table = {}
    for name in sorted({*true, *predicted}):
        is_so, said = true.get(name, set()), predicted.get(name, set())
        found, correct = len(is_so & all_predicted), len(said & all_true)
        table[name] = {
            "true": len(is_so),
            "found": found,
            "recall": share(found, len(is_so)),
            "predicted": len(said),
            "correct": correct,
            "precision": share(correct, len(said)),
        }
    return table


def _chosen(mask: Bools) -> set[int]:
    return set(np.flatnonzero(mask).tolist())
