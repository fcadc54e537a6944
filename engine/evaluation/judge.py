"""Rings, accounts and transactions of a run against the truth, on all rows or on the test part.

A run that learned from labels is judged on the future: true rings that start at or after the first
row of its last 20 % count, each found if *any* predicted ring matches it; and predicted rings that
start there count, each correct if it matches *any* true ring. A true ring that goes on after the
last transaction of the run is not in the data as a whole, and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation import run_results
from engine.evaluation.item_metrics import item_figures, item_figures_by_typology
from engine.evaluation.ring_metrics import (
    Bools,
    RingSet,
    figures_at_budgets,
    figures_by_typology,
    ring_figures,
)
from engine.evaluation.run_results import PredictedRings
from engine.evaluation.truth import Truth
from engine.lake import RunPaths

#: Jaccard limits; the first gives the main figures.
LIMITS = (0.5, 0.3)


@dataclass(frozen=True, slots=True)
class Window:
    """The rows that are judged.

    Attributes
    ----------
    first
        First row, in time order; 0 judges everything.
    since, until
        Microseconds since 1970 of the first and the last row.
    """

    first: int
    since: int
    until: int

    def true(self, truth: Truth) -> Bools:
        """Return which true rings count."""
        inside = np.ones(len(truth.members), bool)
        if self.first and truth.start is not None:
            inside &= truth.start >= self.since
            inside &= (truth.start if truth.end is None else truth.end) <= self.until
        return inside

    def predicted(self, start: run_results.Int64) -> Bools:
        """Return which predicted rings count, by their start."""
        return start >= self.since if self.first else np.ones(len(start), bool)


def judge_rings(truth: RingSet, predicted: RingSet) -> dict[str, Any]:
    """Return the ring figures at both Jaccard limits, by typology and at alert budgets."""
    by_limit = {str(limit): ring_figures(truth, predicted, limit) for limit in LIMITS}
    main = by_limit[str(LIMITS[0])]
    return {
        **{name: main[name] for name in ("ring_recall", "ring_precision", "ring_f1")},
        "rings": by_limit,
        "by_typology": {str(x): figures_by_typology(truth, predicted, x) for x in LIMITS},
        "at_budget": {str(x): figures_at_budgets(truth, predicted, x) for x in LIMITS},
    }


def judge_accounts(
    names: list[str],
    truth: Truth,
    true: Bools,
    predicted: PredictedRings,
    alerts: Bools,
    judged: Bools,
) -> dict[str, Any]:
    """Judge the accounts of rings: an account is as suspicious as the worst ring it is in.

    Parameters
    ----------
    names
        All accounts of the run.
    true
        bool: true rings that count.
    alerts, judged
        bool: predicted rings that are alerts, and those that start in the window. Rings that are
        no alerts still rank accounts, for ``average_precision``.
    """
    position = {name: i for i, name in enumerate(names)}
    score = np.zeros(len(names))
    for i in np.flatnonzero(judged)[::-1].tolist():  # the best ring comes last and stands
        score[[position[a] for a in predicted.members[i]]] = predicted.score[i]
    true_groups = _grouped(truth.typologies, truth.members, true)
    said = _grouped(predicted.typologies, predicted.members, alerts & judged)
    figures = item_figures(_among(names, true_groups), _among(names, said), score)
    return {**figures, "by_typology": item_figures_by_typology(true_groups, said)}


def judge_transactions(
    paths: RunPaths, window: Window, truth: Truth, predicted: PredictedRings, alerts: Bools
) -> dict[str, Any]:
    """Judge the transactions that prove rings, by the labels of the rows of the window.

    The ranking behind ``average_precision`` is ``final_risk``. A labelled row belongs to the
    typology of the true rings that hold both its accounts, within their period where it is known.
    """
    table = run_results.labelled_transactions(paths, window.first)
    tx_id, label = table["tx_id"].to_numpy(), table["label"].to_numpy()
    inside = set(tx_id.tolist())
    said: dict[str, set[int]] = {}
    for i in np.flatnonzero(alerts).tolist():
        said.setdefault(predicted.typologies[i], set()).update(predicted.tx_ids[i] & inside)
    chosen = np.isin(tx_id, np.fromiter(set().union(*said.values()), np.int64))
    figures = item_figures(label == 1, chosen, table["final_risk"].to_numpy())
    true_groups = _labelled_by_typology(paths, window, truth)
    return {**figures, "by_typology": item_figures_by_typology(true_groups, said)}


def _grouped(
    typologies: tuple[str, ...], members: tuple[frozenset[str], ...], kept: Bools
) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for i in np.flatnonzero(kept).tolist():
        groups.setdefault(typologies[i], set()).update(members[i])
    return groups


def _among(names: list[str], groups: dict[str, set[str]]) -> Bools:
    everyone = set().union(*groups.values())
    return np.array([name in everyone for name in names], bool)


def _labelled_by_typology(paths: RunPaths, window: Window, truth: Truth) -> dict[str, set[int]]:
    """Return the labelled transactions of the window by typology; ``none`` is in no ring."""
    rings_of: dict[str, set[int]] = {}
    for ring, accounts in enumerate(truth.members):
        for account in accounts:
            rings_of.setdefault(account, set()).add(ring)
    never = frozenset[int]()
    groups: dict[str, set[int]] = {}
    for row in run_results.positives(paths, window.first).to_pylist():
        micros = int(np.datetime64(row["time"], "us").astype(np.int64))
        shared = rings_of.get(row["sender"], never) & rings_of.get(row["receiver"], never)
        names = {truth.typologies[ring] for ring in shared if _lasts(truth, ring, micros)}
        for name in names or {"none"}:
            groups.setdefault(name, set()).add(row["tx_id"])
    return groups


def _lasts(truth: Truth, ring: int, micros: int) -> bool:
    begun = truth.start is None or bool(truth.start[ring] <= micros)
    return begun and (truth.end is None or bool(micros <= truth.end[ring]))
