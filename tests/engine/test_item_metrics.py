"""Accounts and transactions by hand: choice, ranking, budgets, typologies."""

from __future__ import annotations

import numpy as np

from engine.evaluation.item_metrics import item_figures, item_figures_by_typology


def test_a_choice_and_a_ranking_by_hand() -> None:
    true = np.array([1, 0, 1, 0, 0], bool)
    chosen = np.array([1, 1, 0, 0, 0], bool)
    figures = item_figures(true, chosen, np.array([0.9, 0.8, 0.7, 0.1, 0.0]))
    assert (figures["precision"], figures["recall"], figures["f1"]) == (0.5, 0.5, 0.5)
    assert figures["average_precision"] == round((1 / 1 + 2 / 3) / 2, 6)
    top = figures["at_budget"]["top_true"]
    assert (top["predicted"], top["correct"]) == (2, 1)
    assert figures["at_budget"]["top_100"]["predicted"] == 5


def test_items_of_one_class_have_no_average_precision() -> None:
    nothing = item_figures(np.zeros(3, bool), np.ones(3, bool), np.arange(3.0))
    assert nothing["average_precision"] is None
    assert nothing["recall"] is None
    assert nothing["precision"] == 0.0


def test_a_group_is_judged_against_all_groups_of_the_other_side() -> None:
    table = item_figures_by_typology(
        {"cycle": {1, 2}, "fan_in": {3}}, {"fan_in": {1, 3, 9}, "chain": set()}
    )
    assert table["cycle"]["recall"] == 0.5  # 1, although said to be of a fan-in
    assert (table["fan_in"]["recall"], table["fan_in"]["precision"]) == (1.0, 0.666667)
    assert table["chain"]["precision"] is None
