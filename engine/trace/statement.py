"""The statement of one account: its entries in order, and how much was there before each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from engine.amounts import MINOR_UNITS


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer as one of its two accounts sees it.

    Attributes
    ----------
    tx_id, time
        The transfer. Entries of the same moment stand in the order of the input.
    counterparty
        The account on the other side.
    change
        Minor units: above 0 for money in, below 0 for money out.
    """

    tx_id: int
    time: datetime
    counterparty: str
    change: int

    @property
    def key(self) -> tuple[datetime, int]:
        """When it happened: its moment and, within that, its place in the input."""
        return self.time, self.tx_id


@dataclass(frozen=True, slots=True)
class Statement:
    """The entries of an account over a period, with what lies between them.

    Money is seen as a row of minor units in the order of their coming. ``starts`` tells where in
    that row an entry begins: a credit where its money is put in, a debit where, first in first
    out, its money is taken.

    Attributes
    ----------
    entries
        In the order of ``Entry.key``; transfers of the account to itself, and of nothing, are left
        out.
    carried
        What was there before the first entry, in minor units.
    before
        What was there before each entry.
    unseen
        The part of each debit that exceeds what was there: money whose coming the data do not
        show. It is taken to come at that very moment.
    starts
        Minor units that came (for a credit) or went (for a debit) before the entry.
    positions
        Place of each ``tx_id`` in ``entries``.
    """

    entries: tuple[Entry, ...]
    carried: int = 0
    before: tuple[int, ...] = field(init=False)
    unseen: tuple[int, ...] = field(init=False)
    starts: tuple[int, ...] = field(init=False)
    positions: Mapping[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Replay the entries once."""
        here, came, went = self.carried, self.carried, 0
        before, unseen, starts = [], [], []
        for entry in self.entries:
            size = abs(entry.change)
            lacking = 0 if entry.change > 0 else max(size - here, 0)
            before.append(here)
            unseen.append(lacking)
            if entry.change > 0:
                starts.append(came)
                came += size
            else:
                starts.append(went)
                came, went = came + lacking, went + size
            here += entry.change + lacking
        object.__setattr__(self, "before", tuple(before))
        object.__setattr__(self, "unseen", tuple(unseen))
        object.__setattr__(self, "starts", tuple(starts))
        object.__setattr__(
            self, "positions", {entry.tx_id: at for at, entry in enumerate(self.entries)}
        )


def statements_of(entries: pd.DataFrame, since: datetime | None = None) -> dict[str, Statement]:
    """Sort entries of several accounts into a statement for each.

    Parameters
    ----------
    entries
        All entries of the accounts up to some moment, with ``account, direction`` (``in`` or
        ``out``), ``counterparty, tx_id, time, amount`` and ``balance_before`` (currency units) in
        any order, as :func:`engine.query.ledger.entries` returns them.
    since
        Entries before this moment are summed up in ``carried``.

    Notes
    -----
    What was on an account before its first entry is its balance then, where the data have one. It
    counts as other money; without a balance it counts as nothing. Later balances are not looked
    at: the entries tell what is there.
    """
    ordered = entries.sort_values(["time", "tx_id"], kind="stable")
    units = (ordered["amount"] * MINOR_UNITS).round().astype("int64")
    opening = (ordered["balance_before"].astype("float64") * MINOR_UNITS).round().fillna(0.0)
    columns: list[list[Any]] = [
        ordered["account"].tolist(), (ordered["direction"] == "in").tolist(),
        ordered["counterparty"].tolist(), ordered["tx_id"].tolist(),
        ordered["time"].dt.to_pydatetime().tolist(), units.tolist(), opening.tolist(),
    ]  # fmt: skip
    carried: dict[str, int] = {}
    found: dict[str, list[Entry]] = {}
    for account, is_in, other, tx_id, time, size, balance in zip(*columns, strict=True):
        here = carried.setdefault(account, max(int(balance), 0))
        rows = found.setdefault(account, [])
        # A transfer of nothing, as some exports have, neither brings money nor takes any.
        if account == other or size == 0:
            continue
        if since is not None and time < since:
            # A debit above what is there is paid with money that comes unseen.
            carried[account] = here + size if is_in else max(here - size, 0)
        else:
            rows.append(Entry(tx_id, time, other, size if is_in else -size))
    return {account: Statement(tuple(rows), carried[account]) for account, rows in found.items()}
