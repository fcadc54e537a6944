"""Transactions -> groups of transactions: communities of accounts, components in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SECONDS_PER_DAY = 86_400
#: Days between two transactions of one account beyond which they are not joined (the longest
#: ring of the simulators lasts three weeks).
WINDOW_DAYS = 21


def split_by(group: npt.NDArray[np.integer], rows: Int64) -> list[Int64]:
    """Return the rows of each group, ascending; groups in the order of their number."""
    if len(rows) == 0:
        return []
    order = np.argsort(group, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(group[order])) + 1)


def temporal_components(
    sender: Int32, receiver: Int32, seconds: Int64, rows: Int64, window: int
) -> list[Int64]:
    """Join transactions that share an account and follow each other within a window.

    Parameters
    ----------
    sender, receiver, seconds
        Account codes and ascending times of all transactions.
    rows
        int64, ascending: the transactions to join.
    window
        Longest gap in seconds between two neighbours at an account.

    Returns
    -------
    list of int64 arrays
        The rows of each component, by first row. O(m log m) for m rows: at each account only
        neighbours in time are joined, which gives the same components as joining all pairs.
    """
    count = len(rows)
    account = np.concatenate([sender[rows], receiver[rows]])
    item = np.tile(np.arange(count), 2)
    order = np.lexsort((item, account))
    a, b = order[:-1], order[1:]
    near = seconds[rows][item[b]] - seconds[rows][item[a]] <= window
    joined = (account[a] == account[b]) & near
    links = (np.ones(int(joined.sum()), np.int8), (item[a[joined]], item[b[joined]]))
    label = connected_components(coo_array(links, shape=(count, count)), directed=False)[1]
    return sorted(split_by(label, rows), key=lambda part: int(part[0]))


def sized(
    sender: Int32, receiver: Int32, groups: list[Int64], least: int = 3, most: int = 60
) -> list[Int64]:
    """Keep groups of ``least`` to ``most`` accounts: what a ring could be."""

    def size(rows: Int64) -> int:
        return len(np.unique(np.concatenate([sender[rows], receiver[rows]])))

    return [rows for rows in groups if least <= size(rows) <= most]
