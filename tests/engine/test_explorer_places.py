"""Where the explorer puts accounts, and the frames it tells a replay by."""

from __future__ import annotations

import random
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.explorer.arranging import arrange, time_levels
from engine.explorer.moments import moments_of
from engine.explorer.placing import COLUMN, GAP, ROW, place
from engine.explorer.scene import Moments
from engine.explorer.view import Layout
from tests.small_run import moments


def transfers(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["time", "sender", "receiver", "amount"])
    return frame.assign(time=moments(*frame["time"]))


def pairs(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["first_time", "sender", "receiver"])
    return frame.assign(first_time=moments(*frame["first_time"]))


@settings(deadline=None, max_examples=40)
@given(
    layout=st.sampled_from(["force", "flow", "circle"]),
    counts=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    choice=st.randoms(use_true_random=False),
)
def test_newcomers_keep_apart_from_all_others(
    layout: Layout, counts: list[int], choice: random.Random
) -> None:
    there = np.zeros((1, 2))
    for count in counts:
        sides = np.array([choice.choice([-1, 1]) for _ in range(count)], np.int8)
        points = place(layout, there, choice.randrange(len(there)), sides)
        assert points.shape == (count, 2)
        there = np.vstack([there, points])
    distance = np.linalg.norm(there[:, None] - there[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert distance.min() >= 0.75 * min(GAP, ROW)


def test_in_a_flow_who_is_paid_stands_right_and_who_pays_left() -> None:
    points = place("flow", np.zeros((1, 2)), 0, np.array([1, -1, 1], np.int8))
    assert points.tolist() == [[COLUMN, 0.0], [-COLUMN, 0.0], [COLUMN, ROW]]


def test_columns_of_a_flow_follow_the_money_in_time() -> None:
    # A pays B, B pays C later; D pays B for the first time only after that.
    edges = pairs(("2026-01-02", "B", "C"), ("2026-01-01", "A", "B"), ("2026-01-03", "D", "B"))
    assert time_levels(["A", "B", "C", "D"], edges).tolist() == [0, 1, 2, 0]


def test_money_that_comes_back_changes_no_column() -> None:
    edges = pairs(("2026-01-01", "A", "B"), ("2026-01-02", "B", "A"), ("2026-01-03", "A", "A"))
    assert time_levels(["A", "B"], edges).tolist() == [0, 1]


@pytest.mark.parametrize("layout", ["force", "flow", "circle"])
def test_a_picture_is_laid_out_the_same_each_time(layout: Layout) -> None:
    names = [f"N{number}" for number in range(40)]
    edges = pairs(*[("2026-01-01", a, b) for a, b in pairwise(names)])
    first, again = (arrange(layout, names, edges, "") for _ in range(2))
    assert np.array_equal(first, again)
    assert len(np.unique(first.round(1), axis=0)) == 40


def test_the_peak_is_when_those_who_pass_on_hold_the_most() -> None:
    # M holds 100, then 150, then 30; nobody else passes anything on.
    found = moments_of(
        transfers(
            ("2026-01-01", "A", "M", 100.0),
            ("2026-01-02", "B", "M", 50.0),
            ("2026-01-03", "M", "C", 120.0),
            ("2026-01-04", "A", "C", 900.0),
        )
    )
    assert found == Moments(
        datetime(2025, 12, 31, 23, 59, 59), datetime(2026, 1, 2), datetime(2026, 1, 3)
    )


def test_where_nobody_passes_on_the_peak_is_the_largest_transfer() -> None:
    found = moments_of(
        transfers(("2026-01-01", "A", "C", 5.0), ("2026-01-02", "B", "C", 9.0),
                  ("2026-01-03", "D", "C", 1.0))
    )  # fmt: skip
    assert found is not None
    assert (found.peak, found.exit) == (datetime(2026, 1, 2), datetime(2026, 1, 3))


def test_of_no_transfers_there_are_no_frames() -> None:
    assert moments_of(transfers()) is None
