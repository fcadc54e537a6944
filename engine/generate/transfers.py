"""Transfers in the making: arrays of accounts, days, and amounts, and the people behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.generate.sampling import Floats, Ints

#: Days covered, as in AMLSim's sets: twelve months of 30 days.
DAYS = 360
MONTH = 30
MONTHS = DAYS // MONTH

#: Mean transactions per account: AMLSim's sets have 24 to 31.
ROWS_PER_ACCOUNT = 24
_MIN_ACCOUNTS = 60

#: One employer, merchant, landlord, utility, platform or club for so many accounts.
_ACCOUNTS_PER_EMPLOYER = 200
_ACCOUNTS_PER_MERCHANT = 100
_ACCOUNTS_PER_LANDLORD = 50
_ACCOUNTS_PER_UTILITY = 2000
_ACCOUNTS_PER_PLATFORM = 1000
_ACCOUNTS_PER_CLUB = 400

#: Spread of activity (standard deviation of the logarithm): few people make most transfers.
_PEOPLE_SPREAD = 1.0
_BUSINESS_SPREAD = 1.0

#: Amounts of innocent transfers and of rings alike: both simulators keep them apart in nothing.
MEDIAN_AMOUNT = 500.0
_AMOUNT_SPREAD = 0.6


@dataclass(frozen=True, slots=True)
class Transfers:
    """Arrays of shape ``(n,)``: accounts, day (0 to ``DAYS - 1``), amount in currency units.

    ``group`` numbers the rows that belong together, and is -1 where there is no such group.
    """

    sender: Ints
    receiver: Ints
    day: Ints
    amount: Floats
    group: Ints

    def __len__(self) -> int:
        return len(self.sender)

    def head(self, rows: int) -> Transfers:
        """Return the first ``rows`` transfers, or all where there are fewer."""
        return self.take(np.arange(min(rows, len(self))))

    def take(self, index: Ints) -> Transfers:
        """Return the transfers at the given places."""
        return Transfers(
            self.sender[index],
            self.receiver[index],
            self.day[index],
            self.amount[index],
            self.group[index],
        )


def join(parts: Sequence[Transfers]) -> Transfers:
    """Put transfers below each other; at least one part."""
    return Transfers(
        np.concatenate([part.sender for part in parts]),
        np.concatenate([part.receiver for part in parts]),
        np.concatenate([part.day for part in parts]),
        np.concatenate([part.amount for part in parts]),
        np.concatenate([part.group for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """Accounts of one kind, of which some are far more active than others."""

    accounts: Ints
    activity: Floats

    @classmethod
    def of(cls, rng: np.random.Generator, accounts: Ints, spread: float) -> Crowd:
        """Give each account a log-normal activity."""
        return cls(accounts, np.cumsum(rng.lognormal(0.0, spread, len(accounts))))

    def draw(self, rng: np.random.Generator, size: int) -> Ints:
        """Draw accounts by their activity, with repeats."""
        point = rng.random(size) * self.activity[-1]
        drawn: Ints = self.accounts[np.searchsorted(self.activity, point, side="right")]
        return drawn

    def draw_pairs(self, rng: np.random.Generator, size: int) -> tuple[Ints, Ints]:
        """Draw pairs of two different accounts by their activity."""
        one, other = self.draw(rng, size), self.draw(rng, size)
        while (same := np.flatnonzero(one == other)).size:
            other[same] = self.draw(rng, len(same))
        return one, other


@dataclass(frozen=True, slots=True)
class Population:
    """Who holds accounts. The number of an account says nothing about its holder."""

    people: Crowd
    employers: Crowd
    merchants: Crowd
    landlords: Crowd
    utilities: Crowd
    platforms: Crowd
    clubs: Crowd

    @classmethod
    def for_rows(cls, rng: np.random.Generator, rows: int) -> Population:
        """Make a population that fits so many transactions."""
        size = max(_MIN_ACCOUNTS, rows // ROWS_PER_ACCOUNT)
        accounts_per = {
            "employers": _ACCOUNTS_PER_EMPLOYER,
            "merchants": _ACCOUNTS_PER_MERCHANT,
            "landlords": _ACCOUNTS_PER_LANDLORD,
            "utilities": _ACCOUNTS_PER_UTILITY,
            "platforms": _ACCOUNTS_PER_PLATFORM,
            "clubs": _ACCOUNTS_PER_CLUB,
        }
        counts = np.cumsum([1 + size // per for per in accounts_per.values()])
        *businesses, people = np.split(rng.permutation(size), counts)
        named = dict(zip(accounts_per, businesses, strict=True))
        return cls(
            people=Crowd.of(rng, people, _PEOPLE_SPREAD),
            **{kind: Crowd.of(rng, held, _BUSINESS_SPREAD) for kind, held in named.items()},
        )


def draw_amounts(rng: np.random.Generator, size: int) -> Floats:
    """Draw ordinary amounts: log-normal, in currency units."""
    return rng.lognormal(np.log(MEDIAN_AMOUNT), _AMOUNT_SPREAD, size)


def rounded(rng: np.random.Generator, size: int, multiple: int) -> Floats:
    """Draw ordinary amounts, rounded up to a multiple."""
    return multiple * np.ceil(draw_amounts(rng, size) / multiple)


def monthly(sender: Ints, receiver: Ints, day: Ints, amount: Floats, group: Ints) -> Transfers:
    """Repeat each transfer on the same day of all months."""
    month = np.tile(np.arange(MONTHS), len(sender))
    return Transfers(
        sender=np.repeat(sender, MONTHS),
        receiver=np.repeat(receiver, MONTHS),
        day=np.repeat(day, MONTHS) + month * MONTH,
        amount=np.repeat(amount, MONTHS),
        group=np.repeat(group, MONTHS),
    )


def there_and_back(
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


def no_transfers() -> Transfers:
    """Return no transfer at all."""
    none = np.empty(0, dtype=np.int64)
    return Transfers(none, none, none, np.empty(0), none)
