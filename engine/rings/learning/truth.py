"""What the labels of the past say about rings; nothing after the past is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from engine.columns import RING_LABEL
from engine.rings.candidates import Int64, Transfers

Labels = npt.NDArray[np.int8]

#: Fewer labelled transactions in the past than this cannot teach.
MIN_LABELLED = 20
#: Labels form rings where at least this share of them share an account with another in time.
_MIN_TOGETHER = 0.5


def ring_codes(transactions: pa.Table, label: Labels) -> Int64 | None:
    """Return the true ring of each transaction as a number, -1 = none; None without such a column.

    A transaction that is not labelled as fraud is in no ring, whatever its column says.
    """
    if RING_LABEL not in transactions.column_names:
        return None
    names = pc.dictionary_encode(transactions[RING_LABEL].cast(pa.string()).combine_chunks())
    codes = pc.fill_null(names.indices, -1).to_numpy().astype(np.int64)
    if not (codes >= 0).any():
        return None
    return np.where(label == 1, codes, -1)


def why_not_learn(transfers: Transfers, label: Labels, past_end: int, window: int) -> str | None:
    """Return a sentence on why no rings can be learned from the labels; None where they can."""
    marked = np.flatnonzero(label[:past_end] == 1)
    if len(marked) < MIN_LABELLED:
        return (
            f"rings were not learned from labels: only {len(marked)} of the transactions that "
            f"may be learned from are labelled; {MIN_LABELLED} are needed"
        )
    together = len(np.unique(_neighbours(transfers, marked, window))) / len(marked)
    if together < _MIN_TOGETHER:
        return (
            f"rings were not learned from labels: only {together:.0%} of the labelled transactions "
            "share an account with another one in good time, so the labels form no rings"
        )
    return None


def past_rings(
    transfers: Transfers, label: Labels, ring_label: Int64 | None, past_end: int, window: int
) -> Int64:
    """Return the ring of each past transaction, -1 for none and for every later one.

    Parameters
    ----------
    ring_label
        int64, shape (n,), -1 = none. Where it is None rings are pieced together: labelled
        transactions that share an account within the window belong to one ring.
    """
    rings = np.full(len(label), -1, np.int64)
    if ring_label is not None:
        rings[:past_end] = ring_label[:past_end]
        return rings
    marked = np.flatnonzero(label[:past_end] == 1)
    pairs = _neighbours(transfers, marked, window)
    joined = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(marked), len(marked)))
    rings[marked] = connected_components(joined, directed=False)[1]
    return rings


def ring_accounts(transfers: Transfers, rings: Int64) -> list[frozenset[int]]:
    """Return the account codes of each ring."""
    rows = np.flatnonzero(rings >= 0)
    rows = rows[np.argsort(rings[rows], kind="stable")]
    if len(rows) == 0:
        return []
    parts = np.split(rows, np.flatnonzero(np.diff(rings[rows])) + 1)
    return [
        frozenset(np.concatenate([transfers.sender[p], transfers.receiver[p]]).tolist())
        for p in parts
    ]


def _neighbours(transfers: Transfers, marked: Int64, window: int) -> Int64:
    """Return pairs of positions in ``marked``: next to each other at an account, in time."""
    account = np.concatenate([transfers.sender[marked], transfers.receiver[marked]])
    position = np.tile(np.arange(len(marked)), 2)
    order = np.lexsort((position, account))
    account, position = account[order], position[order]
    apart = np.diff(transfers.seconds[marked[position]])
    near = (np.diff(account) == 0) & (apart <= window) & (np.diff(position) != 0)
    at = np.flatnonzero(near)
    return np.stack([position[at], position[at + 1]], axis=1)
