"""Rows in time order are cut into a part that trains, one that chooses, and one that judges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import ModelConfig
from engine.scoring.split import split_in_time


def test_the_past_trains_and_the_future_judges() -> None:
    split = split_in_time(12, ModelConfig(train=0.5, choose=0.25))
    assert split.train == slice(0, 6)
    assert split.choose == slice(6, 9)
    assert split.test == slice(9, 12)


@pytest.mark.parametrize("rows", [0, 1, 7, 10, 999, 6_362_620])
@pytest.mark.parametrize("train", [0.5, 0.7])
def test_the_shares_are_those_of_the_settings_to_a_row(rows: int, train: float) -> None:
    split = split_in_time(rows, ModelConfig(train=train, choose=0.1))
    assert abs(split.train_end - rows * train) <= 1
    assert abs(split.choose_end - rows * (train + 0.1)) <= 1


@given(st.integers(0, 10**7))
def test_every_row_is_in_exactly_one_part(rows: int) -> None:
    split = split_in_time(rows, ModelConfig())
    parts = [split.train, split.choose, split.test]
    assert [part.start for part in parts] == [0, split.train.stop, split.choose.stop]
    assert all(part.start <= part.stop for part in parts)
    assert split.test.stop == rows


@pytest.mark.parametrize(("rows", "parts"), [(10, (7, 8)), (1000, (700, 800))])
def test_round_shares_are_cut_exactly(rows: int, parts: tuple[int, int]) -> None:
    split = split_in_time(rows, ModelConfig())
    assert (split.train_end, split.choose_end) == parts
