"""Innocent payments among people, each a look-alike of a laundering typology."""

from __future__ import annotations

import numpy as np

from engine.generate.transfers import (
    DAYS,
    Population,
    Transfers,
    join,
    no_transfers,
    rounded,
    there_and_back,
)

#: Longest time until a repayment, in days.
_LOAN_DAYS = 45
#: Accounts of one owner, and how often money moves between them in a year.
_OWN_ACCOUNTS = (2, 4)
_OWN_TRANSFERS = 30
#: Friends in a circle, bills it splits in a year, and how soon everybody has paid the share.
_CIRCLE = (6, 10)
_BILLS = (6, 12)
_BILL_DAYS = 2
#: Share of the bills that are gifts: the circle collects for someone outside of it.
_GIFTS = 0.2


def lending(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let people lend round sums to each other and get them back (looks like a cycle of two)."""
    count = rows // 2
    lender, borrower = population.people.draw_pairs(rng, count)
    amount = rounded(rng, count, 50)
    return there_and_back(rng, lender, borrower, amount, soonest=10, latest=_LOAN_DAYS)


def own_accounts(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let owners move money among their accounts all year (looks like cycles and random)."""
    owners = rows // _OWN_TRANSFERS
    most = _OWN_ACCOUNTS[1]
    held = _strangers(rng, population, owners, most)
    count = rng.integers(*_OWN_ACCOUNTS, size=owners, endpoint=True)
    group = np.repeat(np.arange(owners), _OWN_TRANSFERS)
    giver = rng.integers(0, count[group])
    taker = (giver + 1 + rng.integers(0, count[group] - 1)) % count[group]
    return Transfers(
        sender=held[group, giver],
        receiver=held[group, taker],
        day=rng.integers(0, DAYS, len(group)),
        amount=rounded(rng, len(group), 50),
        group=group,
    )


def circles(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let circles of friends split bills and give together (looks like fan_in)."""
    parts: list[Transfers] = [no_transfers()]
    missing, circle = rows, 0
    while missing > 0:
        bills = _bills_of_circle(rng, population, circle).head(missing)
        parts.append(bills)
        missing -= len(bills)
        circle += 1
    return join(parts)


def _bills_of_circle(rng: np.random.Generator, population: Population, circle: int) -> Transfers:
    """Let the friends pay the same share to one of them, or all of them to someone else."""
    friends = rng.choice(
        population.people.accounts, rng.integers(*_CIRCLE, endpoint=True), replace=False
    )
    bills: list[Transfers] = []
    for _ in range(int(rng.integers(*_BILLS, endpoint=True))):
        payee = rng.choice(friends)
        if rng.random() < _GIFTS:
            payee = rng.choice(population.people.accounts)
        payers = friends[friends != payee]
        day = rng.integers(0, DAYS - _BILL_DAYS) + rng.integers(0, _BILL_DAYS, len(payers))
        share = np.repeat(rounded(rng, 1, 5), len(payers))
        receiver = np.full(len(payers), payee)
        bills.append(Transfers(payers, receiver, day, share, np.full(len(payers), circle)))
        if payee in friends:
            bills.append(_advance(rng, population, payee, day.min(), share, circle))
    return join(bills)


def _advance(
    rng: np.random.Generator,
    population: Population,
    payee: int,
    day: int,
    shares: np.ndarray,
    circle: int,
) -> Transfers:
    """Let the friend who is paid back have paid the shop for all, the own share too."""
    shop = rng.choice(population.merchants.accounts)
    paid = max(int(day) - int(rng.integers(0, _BILL_DAYS, endpoint=True)), 0)
    total = shares.sum() + shares[0]
    return Transfers(*(np.array([value]) for value in (payee, shop, paid, total, circle)))


def _strangers(
    rng: np.random.Generator, population: Population, groups: int, size: int
) -> np.ndarray:
    """Draw groups of different people, shape ``(groups, size)``; nobody is in two groups."""
    people = population.people.accounts
    # In tiny populations people run out, and are taken again.
    rounds = -(-groups * size // len(people)) or 1
    drawn = np.concatenate([rng.permutation(people) for _ in range(rounds)])
    return drawn[: groups * size].reshape(groups, size)
