"""Draws that several generators share: the seeded source, quantile tables, account numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.errors import InputError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def random_source(rows: int, seed: int) -> np.random.Generator:
    """Return the source of randomness for one data set, after a look at the arguments.

    Raises
    ------
    InputError
        If ``rows`` is below 1 or ``seed`` is negative.
    """
    if rows < 1:
        raise InputError(f"--rows {rows}: ask for at least 1 row")
    if seed < 0:
        raise InputError(f"--seed {seed}: use 0 or a positive whole number")
    return np.random.default_rng(seed)


def draw_from_quantiles(
    rng: np.random.Generator, levels: Sequence[float], quantiles: Sequence[float], size: int
) -> Floats:
    """Draw positive numbers whose distribution passes through the given quantiles.

    Between two quantiles the logarithm is uniform.

    Parameters
    ----------
    levels
        Rising probabilities from 0 to 1, shape ``(n,)``.
    quantiles
        Positive values at these probabilities, shape ``(n,)``.
    """
    return np.exp(np.interp(rng.random(size), levels, np.log(quantiles)))


def distinct_numbers(rng: np.random.Generator, count: int, low: int, high: int) -> Ints:
    """Draw ``count`` different whole numbers from ``[low, high)``, in random order.

    Meant for ranges much larger than ``count``, which are never written out.
    """
    numbers = np.empty(0, dtype=np.int64)
    while len(numbers) < count:
        missing = count - len(numbers)
        numbers = np.unique(np.concatenate([numbers, rng.integers(low, high, missing)]))
    return rng.permutation(numbers)


def to_cents(amount: Floats) -> Ints:
    """Round amounts in currency units to whole cents."""
    return np.rint(amount * 100).astype(np.int64)


def to_units(cents: Ints) -> Floats:
    """Return cents as the closest number of currency units."""
    return cents / 100
