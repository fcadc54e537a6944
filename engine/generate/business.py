"""Innocent payments of businesses, each a look-alike of a laundering typology."""

from __future__ import annotations

import numpy as np

from engine.generate.sampling import Floats, Ints
from engine.generate.transfers import (
    DAYS,
    MONTH,
    MONTHS,
    Population,
    Transfers,
    draw_amounts,
    monthly,
    rounded,
    there_and_back,
)

#: Longest time until a refund, in days.
_REFUND_DAYS = 14
#: A merchant's season: its days, and the share of the year's purchases that falls on them.
_SEASON_DAYS = 20
_SEASON_SHARE = 0.2
#: A product called back: so many buyers of the last month get their money back within days.
_RECALLED = (6, 20)
_RECALL_DAYS = 3
#: Bills of a utility vary by this much from month to month; they are paid within so many days.
_BILL_SPREAD = 0.15
_BILL_DAYS = 5
#: Sellers of a platform, of which each order pays some within days; the platform keeps its fee.
_SELLERS = 12
_SELLERS_OF_ORDER = (2, 4)
_PAYOUT_DAYS = 5
_FEE = (0.05, 0.20)
#: A club has so many members, of which some pay, or are paid, on each of its dates.
_CLUB_MEMBERS = 40
_PAID_AT_ONCE = (5, 12)
_PERIODS = (7, 14, MONTH)


def payroll(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let employers pay the same salaries on the same day of each month (looks like fan_out)."""
    employer, employee = population.employers, population.people
    pay_day = rng.integers(0, MONTH, int(employer.accounts.max()) + 1)
    contracts = rows // MONTHS
    pays, earns = employer.draw(rng, contracts), employee.draw(rng, contracts)
    salary = np.round(2 * draw_amounts(rng, contracts), 2)
    return monthly(pays, earns, pay_day[pays], salary, group=pays)


def rent(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let tenants pay a fixed, round rent each month (looks like fan_in)."""
    leases = rows // MONTHS
    tenant, landlord = population.people.draw(rng, leases), population.landlords.draw(rng, leases)
    due_day = rng.integers(0, MONTH, leases)
    return monthly(tenant, landlord, due_day, rounded(rng, leases, 10), group=landlord)


def utilities(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let households pay a bill of changing amount soon after the same day of each month."""
    utility = population.utilities
    bill_day = rng.integers(0, MONTH, int(utility.accounts.max()) + 1)
    contracts = rows // MONTHS
    payer, biller = population.people.draw(rng, contracts), utility.draw(rng, contracts)
    bills = monthly(payer, biller, bill_day[biller], 0.2 * draw_amounts(rng, contracts), biller)
    day = bills.day + rng.integers(0, _BILL_DAYS, len(bills), endpoint=True)
    varied = bills.amount * rng.uniform(1 - _BILL_SPREAD, 1 + _BILL_SPREAD, len(bills))
    return Transfers(bills.sender, bills.receiver, np.minimum(day, DAYS - 1), varied, bills.group)


def merchants(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let people buy from merchants all the time, and more in a season (looks like fan_in)."""
    merchant = population.merchants.draw(rng, rows)
    season = rng.integers(0, DAYS - _SEASON_DAYS, int(population.merchants.accounts.max()) + 1)
    in_season = season[merchant] + rng.integers(0, _SEASON_DAYS, rows)
    any_day = rng.integers(0, DAYS, rows)
    return Transfers(
        sender=population.people.draw(rng, rows),
        receiver=merchant,
        day=np.where(rng.random(rows) < _SEASON_SHARE, in_season, any_day),
        amount=draw_amounts(rng, rows),
        group=merchant,
    )


def refunds(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let merchants pay purchases back in full within two weeks (looks like a cycle of two)."""
    count = rows // 2
    buyer, merchant = population.people.draw(rng, count), population.merchants.draw(rng, count)
    amount = draw_amounts(rng, count)
    return there_and_back(rng, buyer, merchant, amount, soonest=1, latest=_REFUND_DAYS)


def recalls(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let merchants pay all buyers of a month back within three days (looks like fan_out)."""
    buyers = rng.integers(*_RECALLED, size=rows // (2 * _RECALLED[0]), endpoint=True)
    group = np.repeat(np.arange(len(buyers)), buyers)
    merchant = population.merchants.draw(rng, len(buyers))[group]
    notice = rng.integers(MONTH, DAYS - _RECALL_DAYS, len(buyers))[group]
    bought = notice - rng.integers(1, MONTH, len(group), endpoint=True)
    returned = notice + rng.integers(0, _RECALL_DAYS, len(group))
    buyer = population.people.draw(rng, len(group))
    return Transfers(
        sender=np.column_stack([buyer, merchant]).ravel(),
        receiver=np.column_stack([merchant, buyer]).ravel(),
        day=np.column_stack([bought, returned]).ravel(),
        amount=np.repeat(draw_amounts(rng, len(group)), 2),
        group=np.repeat(group, 2),
    ).head(rows)


def marketplaces(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let platforms collect for orders and split each among sellers (like gather_scatter)."""
    low, high = _SELLERS_OF_ORDER
    sellers = rng.integers(low, high, size=rows // (1 + low), endpoint=True)
    orders = len(sellers)
    buyer, platform = population.people.draw(rng, orders), population.platforms.draw(rng, orders)
    day = rng.integers(0, DAYS - _PAYOUT_DAYS, orders)
    amount = draw_amounts(rng, orders)
    last = int(population.platforms.accounts.max()) + 1
    fee = rng.uniform(*_FEE, last)
    pool = rng.choice(population.people.accounts, (last, _SELLERS))
    order = np.repeat(np.arange(orders), sellers)
    paid_to = pool[platform[order], rng.integers(0, _SELLERS, len(order))]
    share = rng.uniform(0.5, 1.5, len(order))
    share /= np.bincount(order, share, orders)[order]
    when = day[order] + rng.integers(1, _PAYOUT_DAYS, len(order), endpoint=True)
    # Each order stands before its payouts, so that a cut leaves no payout without its order.
    place = np.argsort(np.concatenate([np.arange(orders), order]), kind="stable")
    return _ordered(
        place,
        sender=[buyer, platform[order]],
        receiver=[platform, paid_to],
        day=[day, when],
        amount=[amount, amount[order] * (1 - fee[platform[order]]) * share],
        group=[platform, platform[order]],
    ).head(rows)


def periodic(rng: np.random.Generator, population: Population, rows: int) -> Transfers:
    """Let clubs pay out, or collect, on a fixed date, each time with other members (fans)."""
    clubs = population.clubs.accounts
    period = rng.choice(_PERIODS, len(clubs))
    first = rng.integers(0, period)
    collects = rng.random(len(clubs)) < 0.5
    members = np.array(
        [rng.choice(population.people.accounts, _CLUB_MEMBERS, replace=False) for _ in clubs]
    )
    parts: list[tuple[Ints, Ints, Ints]] = []
    missing = rows
    for club in range(len(clubs)):
        for day in range(int(first[club]), DAYS, int(period[club])):
            count = min(int(rng.integers(*_PAID_AT_ONCE, endpoint=True)), missing)
            chosen = rng.choice(members[club], count, replace=False)
            parts.append((np.full(count, club), chosen, np.full(count, day)))
            missing -= count
        if missing == 0:
            break
    payer, member, date = (np.concatenate(column) for column in zip(*parts, strict=True))
    pays = ~collects[payer]
    return Transfers(
        sender=np.where(pays, clubs[payer], member),
        receiver=np.where(pays, member, clubs[payer]),
        day=date,
        amount=draw_amounts(rng, len(clubs))[payer] * rng.uniform(0.9, 1.1, len(payer)),
        group=clubs[payer],
    )


def _ordered(
    place: Ints,
    sender: list[Ints],
    receiver: list[Ints],
    day: list[Ints],
    amount: list[Floats],
    group: list[Ints],
) -> Transfers:
    return Transfers(
        np.concatenate(sender),
        np.concatenate(receiver),
        np.concatenate(day),
        np.concatenate(amount),
        np.concatenate(group),
    ).take(place)
