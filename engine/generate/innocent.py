"""Innocent transfers: one-off noise, standing relations, and look-alikes of laundering."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.generate.sampling import Floats, Ints
from engine.generate.transfers import (
    DAYS,
    MONTH,
    MONTHS,
    Population,
    Transfers,
    draw_amounts,
)

#: Longest time until a refund or a repayment, in days.
_REFUND_DAYS = 14
_LOAN_DAYS = 45


def payroll(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let employers pay the same salaries on the same day of each month (looks like fan_out)."""
    employer, employee = population.employers, population.people
    pay_day = rng.integers(0, MONTH, int(employer.accounts.max()) + 1)
    contracts = rows // MONTHS
    pays, earns = employer.draw(rng, contracts), employee.draw(rng, contracts)
    salary = np.round(2 * draw_amounts(rng, contracts), 2)
    return _monthly(pays, earns, pay_day[pays], salary, group=pays)


def rent(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let tenants pay a fixed, round rent each month (looks like fan_in)."""
    leases = rows // MONTHS
    tenant, landlord = population.people.draw(rng, leases), population.landlords.draw(rng, leases)
    due_day = rng.integers(0, MONTH, leases)
    return _monthly(tenant, landlord, due_day, _rounded(rng, leases, 10), group=landlord)


def merchants(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let people buy from merchants all the time (looks like fan_in)."""
    merchant = population.merchants.draw(rng, rows)
    return Transfers(
        sender=population.people.draw(rng, rows),
        receiver=merchant,
        day=rng.integers(0, DAYS, rows),
        amount=draw_amounts(rng, rows),
        group=merchant,
    )


def refunds(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let merchants pay purchases back in full within two weeks (looks like a cycle of two)."""
    count = rows // 2
    buyer, merchant = population.people.draw(rng, count), population.merchants.draw(rng, count)
    amount = draw_amounts(rng, count)
    return _there_and_back(rng, buyer, merchant, amount, soonest=1, latest=_REFUND_DAYS)


def lending(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let people lend round sums to each other and get them back (looks like a cycle of two)."""
    count = rows // 2
    lender, borrower = population.people.draw_pairs(rng, count)
    amount = _rounded(rng, count, 50)
    return _there_and_back(rng, lender, borrower, amount, soonest=10, latest=_LOAN_DAYS)


#: Look-alikes with their share of the innocent rows.
LOOKALIKES: dict[str, tuple[float, Callable[[np.random.Generator, Population, int], Transfers]]] = {
    "merchant": (0.16, merchants),
    "payroll": (0.12, payroll),
    "rent": (0.04, rent),
    "refund": (0.015, refunds),
    "lending": (0.015, lending),
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


def _monthly(sender: Ints, receiver: Ints, day: Ints, amount: Floats, group: Ints) -> Transfers:
    """Repeat each transfer on the same day of all months."""
    month = np.tile(np.arange(MONTHS), len(sender))
    return Transfers(
        sender=np.repeat(sender, MONTHS),
        receiver=np.repeat(receiver, MONTHS),
        day=np.repeat(day, MONTHS) + month * MONTH,
        amount=np.repeat(amount, MONTHS),
        group=np.repeat(group, MONTHS),
    )


def _there_and_back(
    rng: np.random.Generator,
    one: Ints,
    other: Ints,
    amount: Floats,
    soonest: int,
    latest: int,
) -> Transfers:
    """Send each amount and return it within ``soonest`` to ``latest`` days."""
    count = len(one)
    day = rng.integers(0, DAYS - latest, count)
    back = day + rng.integers(soonest, latest, count, endpoint=True)
    return Transfers(
        sender=np.column_stack([one, other]).ravel(),
        receiver=np.column_stack([other, one]).ravel(),
        day=np.column_stack([day, back]).ravel(),
        amount=np.repeat(amount, 2),
        group=np.repeat(np.arange(count), 2),
    )


def _rounded(rng: np.random.Generator, size: int, multiple: int) -> Floats:
    return multiple * np.ceil(draw_amounts(rng, size) / multiple)


def _no_group(rows: int) -> Ints:
    return np.full(rows, -1, dtype=np.int64)
