"""Innocent transfers: one-off noise, standing relations, and the look-alikes of laundering."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.generate import business, households
from engine.generate.sampling import Ints
from engine.generate.transfers import DAYS, MONTH, Population, Transfers, draw_amounts

#: Look-alikes with their share of the innocent rows.
LOOKALIKES: dict[str, tuple[float, Callable[[np.random.Generator, Population, int], Transfers]]] = {
    "merchant": (0.11, business.merchants),
    "payroll": (0.08, business.payroll),
    "utility": (0.04, business.utilities),
    "rent": (0.03, business.rent),
    "marketplace": (0.03, business.marketplaces),
    "periodic": (0.015, business.periodic),
    "own_accounts": (0.015, households.own_accounts),
    "circle": (0.01, households.circles),
    "refund": (0.0075, business.refunds),
    "recall": (0.0025, business.recalls),
    "lending": (0.01, households.lending),
}

#: Share of the innocent rows in standing relations; what is left over, 35 %, is one-off noise.
STANDING_SHARE = 0.30
#: Mean rows of a standing relation beyond the third, and the share that is weekly, not monthly.
_MEAN_MORE = 9
_WEEKLY_SHARE = 0.7


def standing(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let pairs of people repeat a transfer each week or month; at most ``rows`` transfers."""
    # Relations have at least three rows before the end of the period cuts some off.
    count = rows // 3
    repeats = 2 + rng.geometric(1 / _MEAN_MORE, count)
    relation = np.repeat(np.arange(count), repeats)
    turn = np.arange(len(relation)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    period = np.where(rng.random(count) < _WEEKLY_SHARE, 7, MONTH)[relation]
    day = rng.integers(0, DAYS, count)[relation] + turn * period
    day += rng.integers(-1, 1, len(day), endpoint=True)
    sender, receiver = population.people.draw_pairs(rng, count)
    amount = draw_amounts(rng, count)[relation] * rng.uniform(0.97, 1.03, len(relation))
    transfers = Transfers(sender[relation], receiver[relation], day, amount, _no_group(len(day)))
    return transfers.take(np.flatnonzero((day >= 0) & (day < DAYS))).head(rows)


def one_off(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let people send to others by chance."""
    sender, receiver = population.people.draw_pairs(rng, rows)
    day, amount = rng.integers(0, DAYS, rows), draw_amounts(rng, rows)
    return Transfers(sender, receiver, day, amount, _no_group(rows))


def _no_group(rows: int) -> Ints:
    return np.full(rows, -1, dtype=np.int64)
