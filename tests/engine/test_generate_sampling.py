"""Draws shared by the generators."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import InputError
from engine.generate.sampling import (
    distinct_numbers,
    draw_from_quantiles,
    random_source,
    to_cents,
    to_units,
)


def test_draws_have_the_given_quantiles() -> None:
    drawn = draw_from_quantiles(np.random.default_rng(1), (0, 0.5, 1), (1, 100, 1000), 20_000)
    assert drawn.min() >= 1
    assert drawn.max() <= 1000
    # Log-uniform between the quantiles: a quarter lies below the geometric mean of 1 and 100.
    assert np.quantile(drawn, [0.25, 0.5, 0.75]) == pytest.approx([10, 100, 316.2], rel=0.08)


def test_distinct_numbers_never_repeat_even_in_a_tight_range() -> None:
    numbers = distinct_numbers(np.random.default_rng(1), 90, 10, 110)
    assert len(np.unique(numbers)) == 90
    assert numbers.min() >= 10
    assert numbers.max() < 110


def test_distinct_numbers_are_in_random_order() -> None:
    numbers = distinct_numbers(np.random.default_rng(1), 50, 0, 10**9)
    assert not np.array_equal(numbers, np.sort(numbers))


def test_cents_are_rounded_and_turned_back_without_loss() -> None:
    cents = to_cents(np.array([0.004, 0.015001, 9839.64, 1e7]))
    assert cents.tolist() == [0, 2, 983_964, 1_000_000_000]
    assert to_units(cents).tolist() == [0.0, 0.02, 9839.64, 1e7]


@pytest.mark.parametrize(
    ("rows", "seed", "message"), [(0, 1, "--rows 0"), (-5, 1, "--rows -5"), (1, -1, "--seed -1")]
)
def test_arguments_out_of_range_are_refused(rows: int, seed: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        random_source(rows, seed)
