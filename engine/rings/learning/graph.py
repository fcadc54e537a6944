"""The transfers between pairs that seldom meet, with each account's list of them."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd

from engine.rings.candidates import Float32, Int32, Int64, Transfers
from engine.rings.rare import in_order


class TransferGraph(NamedTuple):
    """Chosen transfers ("edges"), numbered in time order; a named tuple so that numba reads it.

    Attributes
    ----------
    rows
        int64: row of each edge in the table of all transactions.
    sender, receiver
        int32 codes of the accounts, numbered by first appearance among the edges.
    seconds
        int64, ascending.
    log_amount
        float32: natural logarithm of 1 + minor units.
    out_start, out_edges
        Edges sent by account ``a``: ``out_edges[out_start[a]:out_start[a + 1]]``, in time order.
    in_start, in_edges
        The same for edges received.
    """

    rows: Int64
    sender: Int32
    receiver: Int32
    seconds: Int64
    log_amount: Float32
    out_start: Int64
    out_edges: Int32
    in_start: Int64
    in_edges: Int32

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return len(self.out_start) - 1


def transfer_graph(transfers: Transfers, rows: Int64) -> TransferGraph:
    """Index chosen rows by account.

    Edges of equal time are put in order by amount and by how busy their accounts are, and accounts
    are numbered by first appearance, so that neither the order of equal-time rows nor the names of
    accounts matter. O(n log n).
    """
    rows, _, _ = in_order(transfers, rows)
    ends = np.empty(2 * len(rows), np.int32)
    ends[0::2], ends[1::2] = transfers.sender[rows], transfers.receiver[rows]
    codes, known = pd.factorize(ends)
    sender, receiver = codes[0::2].astype(np.int32), codes[1::2].astype(np.int32)
    return TransferGraph(
        rows, sender, receiver, transfers.seconds[rows],
        np.log1p(transfers.minor_units[rows]).astype(np.float32),
        *_lists(sender, len(known)), *_lists(receiver, len(known)),
    )  # fmt: skip


def _lists(code: Int32, accounts: int) -> tuple[Int64, Int32]:
    edges = np.argsort(code, kind="stable").astype(np.int32)
    start = np.zeros(accounts + 1, np.int64)
    np.cumsum(np.bincount(code, minlength=accounts), out=start[1:])
    return start, edges


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def between(
    start: Int64, edges: Int32, seconds: Int64, account: int, low: int, high: int
) -> tuple[int, int]:
    """Return the part of an account's list with times from ``low`` to ``high``, both included."""
    first, end = start[account], start[account + 1]
    last = end
    while first < end:
        middle = (first + end) // 2
        if seconds[edges[middle]] < low:
            first = middle + 1
        else:
            end = middle
    past = first
    while past < last:
        middle = (past + last) // 2
        if seconds[edges[middle]] <= high:
            past = middle + 1
        else:
            last = middle
    return first, past
