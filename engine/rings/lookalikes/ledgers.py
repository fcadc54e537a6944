"""Whose transactions lie where: one ledger for each side, of which a bounded part is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.features.history import make_order
from engine.rings.candidates import Int32, Int64, Transfers


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows of one account on one side, in time order.

    Attributes
    ----------
    rows
        int64 rows, those left out that are not wanted.
    read, total
        How many rows were looked at, and how many the account has.
    """

    rows: Int64
    read: int
    total: int

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were looked at."""
        return self.read < self.total

    @property
    def scale(self) -> float:
        """What stands for all rows where it multiplies a number of those looked at."""
        return self.total / max(self.read, 1)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All rows sorted by the account of one side, then by time.

    Attributes
    ----------
    order
        int64, shape (n,): rows, account by account.
    first
        int64, shape (accounts + 1,): where each account begins in ``order``.
    """

    order: Int64
    first: Int64

    @classmethod
    def of(cls, accounts: Int32, count: int) -> Ledger:
        """Sort one side's rows; O(n log n)."""
        order = make_order(np, accounts)
        first = np.searchsorted(accounts[order], np.arange(count + 1, dtype=np.int32))
        return cls(order, first)

    def read(self, account: int, row: int, most: int) -> Stretch:
        """Return at most ``most`` rows of an account, half of them before ``row``."""
        begin, end = int(self.first[account]), int(self.first[account + 1])
        if end - begin <= most:
            return Stretch(self.order[begin:end], end - begin, end - begin)
        middle = begin + int(np.searchsorted(self.order[begin:end], row))
        low = min(max(middle - most // 2, begin), end - most)
        return Stretch(self.order[low : low + most], most, end - begin)

    def spread(self, account: int, most: int) -> Stretch:
        """Return at most ``most`` rows of an account, evenly spread over all it has."""
        begin, end = int(self.first[account]), int(self.first[account + 1])
        step = max(-(-(end - begin) // most), 1)
        rows = self.order[begin:end:step]
        return Stretch(rows, len(rows), end - begin)


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The ledgers of both sides."""

    sent: Ledger
    received: Ledger

    @classmethod
    def of(cls, transfers: Transfers) -> Ledgers:
        """Sort the rows by sender, and by receiver."""
        count = 0
        if len(transfers.sender):
            count = int(max(transfers.sender.max(), transfers.receiver.max())) + 1
        return cls(Ledger.of(transfers.sender, count), Ledger.of(transfers.receiver, count))
