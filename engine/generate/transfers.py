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

#: One employer, merchant or landlord for so many accounts.
_ACCOUNTS_PER_EMPLOYER = 200
_ACCOUNTS_PER_MERCHANT = 100
_ACCOUNTS_PER_LANDLORD = 50

#: Spread of activity (standard deviation of the logarithm): few people make most transfers.
_PEOPLE_SPREAD = 1.0
_BUSINESS_SPREAD = 1.0

#: Amounts of innocent transfers and of rings alike: both simulators keep them apart in nothing.
_MEDIAN_AMOUNT = 500.0
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

    @classmethod
    def for_rows(cls, rng: np.random.Generator, rows: int) -> Population:
        """Make a population that fits so many transactions."""
        size = max(_MIN_ACCOUNTS, rows // ROWS_PER_ACCOUNT)
        counts = [
            1 + size // per
            for per in (_ACCOUNTS_PER_EMPLOYER, _ACCOUNTS_PER_MERCHANT, _ACCOUNTS_PER_LANDLORD)
        ]
        employers, merchants, landlords, people = np.split(rng.permutation(size), np.cumsum(counts))
        return cls(
            people=Crowd.of(rng, people, _PEOPLE_SPREAD),
            employers=Crowd.of(rng, employers, _BUSINESS_SPREAD),
            merchants=Crowd.of(rng, merchants, _BUSINESS_SPREAD),
            landlords=Crowd.of(rng, landlords, _BUSINESS_SPREAD),
        )


def draw_amounts(rng: np.random.Generator, size: int) -> Floats:
    """Draw ordinary amounts: log-normal, in currency units."""
    return rng.lognormal(np.log(_MEDIAN_AMOUNT), _AMOUNT_SPREAD, size)
