"""Figures of a transaction score against labels, and the threshold that F1 chooses."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from engine.scoring.metrics import Metrics, best_threshold, measure

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def labels(*values: int) -> Labels:
    return np.array(values, np.int8)


def judge(label: Labels, score: Floats, threshold: float) -> Metrics:
    figures = measure(label, score, threshold)
    assert figures is not None
    return figures


def test_figures_of_five_rows() -> None:
    figures = judge(labels(1, 0, 1, 0, 0), np.array([0.9, 0.8, 0.7, 0.2, 0.1]), 0.7)
    assert figures.precision == pytest.approx(2 / 3)
    assert figures.recall == 1.0
    assert figures.roc_auc == pytest.approx(5 / 6)  # of 2 x 3 pairs, one is the wrong way round
    assert figures.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert (figures.positives, figures.rows, figures.threshold) == (2, 5, 0.7)


def test_a_row_at_the_threshold_is_flagged() -> None:
    label, score = labels(1, 0), np.array([0.5, 0.4])
    assert judge(label, score, 0.5).recall == 1.0
    assert judge(label, score, 0.51).recall == 0.0


def test_nothing_flagged_has_no_precision_to_speak_of() -> None:
    assert judge(labels(1, 0), np.array([0.5, 0.4]), 1.0).precision == 0.0


@pytest.mark.parametrize("label", [labels(0, 0), labels(1, 1), labels()])
def test_one_class_alone_has_no_curve(label: Labels) -> None:
    assert measure(label, np.linspace(0, 1, len(label)), 0.5) is None


def test_figures_are_plain_json() -> None:
    figures = judge(labels(1, 0), np.array([0.5, 0.4]), 0.45).to_dict()
    assert json.loads(json.dumps(figures)) == {
        "roc_auc": 1.0, "average_precision": 1.0, "precision": 1.0, "recall": 1.0,
        "threshold": 0.45, "positives": 1, "rows": 2,
    }  # fmt: skip


scored_rows = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])),
    min_size=2,
    max_size=30,
).filter(lambda rows: len({label for label, _ in rows}) == 2)


@given(scored_rows, st.sampled_from([0.05, 0.25, 0.6]))
def test_figures_equal_those_of_scikit_learn(
    rows: list[tuple[int, float]], threshold: float
) -> None:
    label, score = labels(*[r[0] for r in rows]), np.array([r[1] for r in rows])
    flagged = score >= threshold
    figures = judge(label, score, threshold)
    assert figures.roc_auc == pytest.approx(roc_auc_score(label, score))
    assert figures.average_precision == pytest.approx(average_precision_score(label, score))
    assert figures.precision == pytest.approx(precision_score(label, flagged, zero_division=0))
    assert figures.recall == pytest.approx(recall_score(label, flagged))


def test_the_threshold_lies_midway_between_the_last_row_taken_and_the_next() -> None:
    label, score = labels(0, 0, 1, 1), np.array([0.1, 0.2, 0.6, 0.9])
    assert best_threshold(label, score) == pytest.approx(0.4)


def test_the_threshold_takes_a_wrong_row_where_that_wins_a_right_one() -> None:
    # Taking 0.9 alone: F1 0.67. Down to 0.5, with the wrong 0.7: F1 0.8.
    label, score = labels(1, 0, 1, 0), np.array([0.9, 0.7, 0.5, 0.1])
    assert best_threshold(label, score) == pytest.approx(0.3)


def test_where_all_rows_are_taken_the_threshold_is_the_lowest_score() -> None:
    assert best_threshold(labels(1, 1), np.array([0.3, 0.6])) == pytest.approx(0.3)


def test_without_a_positive_row_the_threshold_is_one_half() -> None:
    assert best_threshold(labels(0, 0), np.array([0.1, 0.9])) == 0.5


@given(scored_rows)
def test_no_other_cut_has_a_higher_f1(rows: list[tuple[int, float]]) -> None:
    label, score = labels(*[r[0] for r in rows]), np.array([r[1] for r in rows])
    chosen = f1_score(label, score >= best_threshold(label, score))
    assert chosen >= max(f1_score(label, score >= cut) for cut in score) - 1e-12
