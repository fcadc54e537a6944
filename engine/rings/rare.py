"""Rare transfers: the part of the account graph in which rings are looked for.

A pair of accounts that keeps paying is rent, salary or supply; ring pairs meet once or twice.
Keeping pairs with at most ``max_pair_transactions`` transfers leaves a quarter to a half of the
transactions and nearly all ring transactions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import Int32, Int64, Transfers
from engine.rings.surprise import Rates, rates_of

#: Accounts busier than this are not told apart where rows tie in time and amount.
_BUSY = 2**15 - 1
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class RareGraph:
    """The rare transfers in time order; every array but ``out``/``into`` has one entry each.

    Attributes
    ----------
    rows
        int64 row of the transfer in the whole table; -1 everywhere in a null graph.
    sender, receiver, seconds, minor_units
        As in ``Transfers``.
    begin, end
        int64: transfers before this moment, and up to and including it. Time is counted in
        transfers, so that a busy season is no burst.
    out, into
        How often accounts send and receive, and how these rates spread.
    window
        Longest duration of a ring, in seconds.
    """

    rows: Int64
    sender: Int32
    receiver: Int32
    seconds: Int64
    minor_units: Int64
    begin: Int64
    end: Int64
    out: Rates
    into: Rates
    window: int

    @property
    def size(self) -> int:
        """Number of rare transfers."""
        return len(self.rows)

    @property
    def n_accounts(self) -> int:
        """Number of account codes (whether they have rare transfers or not)."""
        return len(self.out.total)


def rare_graph(transfers: Transfers, config: RingConfig) -> RareGraph:
    """Keep the rare transfers between different accounts.

    Rows of equal time are put in order by amount and by how busy their accounts are, so that
    neither their order in the input nor the names of accounts matter.
    """
    rare = np.flatnonzero(
        (transfers.pair_total <= config.max_pair_transactions)
        & (transfers.sender != transfers.receiver)
    )
    rare, out, into = in_order(transfers, rare)
    seconds = transfers.seconds[rare]
    return RareGraph(
        rare, transfers.sender[rare], transfers.receiver[rare], seconds,
        transfers.minor_units[rare],
        np.searchsorted(seconds, seconds, "left"), np.searchsorted(seconds, seconds, "right"),
        rates_of(out), rates_of(into), ring_window(transfers.seconds, config),
    )  # fmt: skip


def in_order(transfers: Transfers, rows: Int64) -> tuple[Int64, Int64, Int64]:
    """Sort rows by time, amount, and how busy their accounts are among these rows.

    Returns
    -------
    rows, out, into
        int64: the rows in order; transfers that each account code sends and receives among them.
    """
    sender, receiver = transfers.sender[rows], transfers.receiver[rows]
    n = 1 + int(max(sender.max(initial=-1), receiver.max(initial=-1)))
    out = np.bincount(sender, minlength=n)
    into = np.bincount(receiver, minlength=n)
    busy = [np.minimum(count, _BUSY) for count in (out, into)]
    # One key for four counts: each further key costs a sort of its own.
    key = (((busy[0][sender] << 15 | busy[1][sender]) << 15) | busy[0][receiver]) << 15 | busy[1][
        receiver
    ]
    order = np.lexsort((key, transfers.minor_units[rows], transfers.seconds[rows]))
    return rows[order], out, into


def ring_window(seconds: Int64, config: RingConfig) -> int:
    """Return the longest duration of a ring in seconds: daily data hold slower rings.

    The simulators with a step of a day spread rings over two to three weeks; the genuine rings of
    the IBM AML set, timed by the minute, end within four days.
    """
    daily = len(seconds) > 0 and bool(np.all(seconds % _DAY == seconds[0] % _DAY))
    return (config.window_hours if daily else config.fine_window_hours) * 3600


def shuffled(graph: RareGraph, seed: int) -> RareGraph:
    """Return the null graph: the same pairs and amounts at times dealt out anew.

    Every account keeps its number of transfers and the input its busy days; what is lost is that
    transfers of one scheme come together in time.
    """
    order = np.argsort(np.random.default_rng(seed).permutation(graph.size), kind="stable")
    return replace(
        graph,
        rows=np.full(graph.size, -1, np.int64),
        sender=graph.sender[order],
        receiver=graph.receiver[order],
        minor_units=graph.minor_units[order],
    )
