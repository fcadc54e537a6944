"""Ring figures by hand: found, correct, by typology, at alert budgets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.ring_metrics import (
    RingSet,
    figures_at_budgets,
    figures_by_typology,
    ring_figures,
    set_figures,
)
from engine.rings.overlap import best_overlaps


def ring_set(*rings: tuple[str, str]) -> RingSet:
    """Return rings of one-letter accounts, each with its typology."""
    return RingSet(tuple(frozenset(letters) for letters, _ in rings), tuple(t for _, t in rings))


TRUTH = ring_set(("ABCD", "fan_in"), ("EFG", "cycle"), ("XYZ", "cycle"))
#: The first has 3 of 5 accounts of the first true ring, the second 1 of 3 of the second.
PREDICTED = ring_set(("ABCH", "fan_in"), ("E", "fan_out"), ("QRS", "cycle"))


def test_the_overlap_is_that_of_jaccard() -> None:
    overlaps = best_overlaps(PREDICTED.members, TRUTH.members)
    assert overlaps.tolist() == pytest.approx([3 / 5, 1 / 3, 0.0])
    assert best_overlaps(TRUTH.members, PREDICTED.members).tolist() == pytest.approx(
        [3 / 5, 1 / 3, 0.0]
    )
    assert best_overlaps(TRUTH.members, ()).tolist() == [0.0, 0.0, 0.0]


def test_found_and_correct_at_one_half() -> None:
    figures = ring_figures(TRUTH, PREDICTED, 0.5)
    assert set(figures.pop("intervals")) == {"ring_recall", "ring_precision", "ring_f1"}
    assert figures == {
        "true": 3, "predicted": 3, "found": 1, "correct": 1,
        "ring_recall": 0.333333, "ring_precision": 0.333333, "ring_f1": 0.333333,
    }  # fmt: skip


def test_found_and_correct_at_three_tenths() -> None:
    figures = ring_figures(TRUTH, PREDICTED, 0.3)
    assert (figures["found"], figures["correct"], figures["ring_f1"]) == (2, 2, 0.666667)


def test_an_overlap_of_exactly_the_limit_counts() -> None:
    truth, predicted = ring_set(("ABCD", "x")), ring_set(("AB", "x"))
    assert ring_figures(truth, predicted, 0.5)["found"] == 1


def test_two_rings_can_both_be_correct_about_one_true_ring() -> None:
    figures = ring_figures(ring_set(("ABCD", "x")), ring_set(("ABC", "x"), ("BCD", "x")), 0.5)
    assert (figures["ring_recall"], figures["ring_precision"]) == (1.0, 1.0)
    assert (figures["found"], figures["correct"]) == (1, 2)


def test_without_predicted_rings_there_is_no_precision() -> None:
    figures = ring_figures(TRUTH, ring_set(), 0.5)
    assert figures["ring_recall"] == 0.0
    assert figures["ring_precision"] is figures["ring_f1"] is None


def test_all_wrong_has_an_f1_of_zero() -> None:
    assert ring_figures(ring_set(("AB", "x")), ring_set(("CD", "x")), 0.5)["ring_f1"] == 0.0


def test_recall_goes_by_the_true_typology_and_precision_by_the_predicted() -> None:
    table = figures_by_typology(TRUTH, PREDICTED, 0.3)
    assert list(table) == ["cycle", "fan_in", "fan_out"]
    assert table["cycle"] == {
        "true": 2, "found": 1, "ring_recall": 0.5,
        "predicted": 1, "correct": 0, "ring_precision": 0.0,
    }  # fmt: skip
    assert table["fan_out"] == {
        "true": 0, "found": 0, "ring_recall": None,
        "predicted": 1, "correct": 1, "ring_precision": 1.0,
    }  # fmt: skip


def test_a_budget_takes_the_best_rings_only() -> None:
    truth = ring_set(("AB", "x"))
    late = ring_set(("CD", "x"), ("AB", "x"))
    budgets = figures_at_budgets(truth, late, 0.5)
    assert budgets["top_true"]["predicted"] == 1
    assert budgets["top_true"]["ring_recall"] == 0.0
    assert budgets["top_100"]["ring_recall"] == 1.0
    many = ring_set(*[("QR", "x")] * 100, ("AB", "x"))
    assert figures_at_budgets(truth, many, 0.5)["top_100"]["ring_recall"] == 0.0


def test_rings_that_are_not_judged_still_match_the_other_side() -> None:
    truth = replace(ring_set(("AB", "x"), ("CD", "y")), judged=(False, True))
    predicted = replace(ring_set(("AB", "x"), ("CD", "y"), ("EF", "y")), judged=(True, False, True))
    figures = ring_figures(truth, predicted, 0.5)
    assert (figures["true"], figures["found"]) == (1, 1)  # CD, by a ring that is not judged
    assert (figures["predicted"], figures["correct"]) == (2, 1)  # AB, about one that is not judged
    table = figures_by_typology(truth, predicted, 0.5)
    assert table["x"]["ring_recall"] is None
    assert (table["y"]["true"], table["y"]["predicted"], table["y"]["correct"]) == (1, 1, 0)


def test_figures_of_sets_by_hand() -> None:
    assert set_figures({1, 2, 3, 4}, {3, 4, 5}) == {
        "true": 4, "predicted": 3, "correct": 2,
        "precision": 0.666667, "recall": 0.5, "f1": 0.571429,
    }  # fmt: skip
    assert set_figures(set(), set())["f1"] is None


rings = st.lists(st.frozensets(st.sampled_from("ABCDEF"), min_size=1), max_size=5)


@given(rings, rings)
def test_overlaps_equal_a_look_at_every_pair(
    some: list[frozenset[str]], others: list[frozenset[str]]
) -> None:
    expected = [max((len(a & b) / len(a | b) for b in others), default=0.0) for a in some]
    assert best_overlaps(some, others).tolist() == pytest.approx(expected)


@given(rings.filter(bool))
def test_the_truth_itself_is_perfect(some: list[frozenset[str]]) -> None:
    truth = RingSet(tuple(some), ("x",) * len(some))
    assert ring_figures(truth, truth, 0.5)["ring_f1"] == 1.0
