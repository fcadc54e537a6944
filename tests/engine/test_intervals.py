"""Bootstrap intervals: against the binomial distribution, and where there is nothing to draw."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from engine.evaluation.intervals import ring_intervals


def outcomes(ones: int, of: int) -> np.ndarray:
    return np.arange(of) < ones


def test_the_interval_of_a_share_is_that_of_the_binomial() -> None:
    intervals = ring_intervals(outcomes(14, 28), outcomes(60, 80), draws=200_000)
    for name, ones, of in (("ring_recall", 14, 28), ("ring_precision", 60, 80)):
        low, high = intervals[name] or (None, None)
        assert low == pytest.approx(binom.ppf(0.025, of, ones / of) / of, abs=1e-4)
        assert high == pytest.approx(binom.ppf(0.975, of, ones / of) / of, abs=1e-4)


def test_drawing_the_rings_one_by_one_gives_the_same_interval() -> None:
    found, correct = outcomes(9, 12), outcomes(6, 15)
    rng = np.random.default_rng(1)
    recall = found[rng.integers(0, 12, (50_000, 12))].mean(axis=1)
    precision = correct[rng.integers(0, 15, (50_000, 15))].mean(axis=1)
    f1 = 2 * recall * precision / (recall + precision)
    expected = np.quantile(f1, [0.025, 0.975])
    assert ring_intervals(found, correct, draws=50_000)["ring_f1"] == pytest.approx(
        expected, abs=0.01
    )


def test_the_interval_holds_the_figure_and_narrows_with_more_rings() -> None:
    few = ring_intervals(outcomes(5, 10), outcomes(5, 10))["ring_f1"]
    many = ring_intervals(outcomes(500, 1000), outcomes(500, 1000))["ring_f1"]
    assert few is not None
    assert many is not None
    assert few[0] < many[0] < 0.5 < many[1] < few[1]


def test_outcomes_that_all_agree_leave_no_width() -> None:
    intervals = ring_intervals(outcomes(3, 3), outcomes(0, 4))
    assert intervals == {
        "ring_recall": [1.0, 1.0], "ring_precision": [0.0, 0.0], "ring_f1": [0.0, 0.0],
    }  # fmt: skip


def test_without_predicted_rings_only_recall_has_an_interval() -> None:
    intervals = ring_intervals(outcomes(0, 5), outcomes(0, 0))
    assert intervals["ring_recall"] == [0.0, 0.0]
    assert intervals["ring_precision"] is intervals["ring_f1"] is None


def test_the_same_outcomes_give_the_same_interval() -> None:
    first = ring_intervals(outcomes(5, 17), outcomes(8, 21))
    assert first == ring_intervals(outcomes(5, 17), outcomes(8, 21))
