"""What the labels of the past say about rings; nothing after the past is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.columns import RING_LABEL
from engine.rings.candidates import Int64, Transfers, members
from engine.rings.learning.clustering import potts
from engine.rings.learning.meetings import Meetings, meetings

Labels = npt.NDArray[np.int8]

#: Fewer labelled transactions in the past than this cannot teach.
MIN_LABELLED = 20
#: Labels form rings where at least this share of them share an account with another in time.
_MIN_TOGETHER = 0.5
#: Two transactions of one moment are 1 close, those a whole window apart exp(-3), one in twenty.
_FADING = 3.0
#: Least mean closeness over all pairs of a ring that is pieced together.
_CLOSENESS = 0.05
_SEED = 7
_MIN_ACCOUNTS = 3


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
    met = _met(transfers, marked, window)
    together = len(np.union1d(met.first, met.second)) / len(marked)
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
        int64, shape (n,), -1 = none. Where it is None rings are pieced together from labelled
        transactions that share an account, the more readily the closer they are in time.

    Notes
    -----
    The constant Potts model at ``_CLOSENESS`` pieces together 0.99 of the F1 of the true rings of
    an AMLSim set whose rings hardly touch, and 0.89 where they overlap (AMLGentex); connected
    components reach 1.00 and 0.12.
    """
    rings = np.full(len(label), -1, np.int64)
    if ring_label is not None:
        rings[:past_end] = ring_label[:past_end]
        return rings
    marked = np.flatnonzero(label[:past_end] == 1)
    met = _met(transfers, marked, window)
    apart = transfers.seconds[marked[met.second]] - transfers.seconds[marked[met.first]]
    close = np.exp(-_FADING * apart / window)
    rings[marked] = potts(met.first, met.second, close, len(marked), _CLOSENESS, _SEED)
    return rings


def ring_accounts(transfers: Transfers, rings: Int64) -> list[frozenset[int]]:
    """Return the account codes of each ring of at least three accounts."""
    rows = np.flatnonzero(rings >= 0)
    rows = rows[np.argsort(rings[rows], kind="stable")]
    parts = np.split(rows, np.flatnonzero(np.diff(rings[rows])) + 1)
    found = [frozenset(members(transfers, part).tolist()) for part in parts]
    return [accounts for accounts in found if len(accounts) >= _MIN_ACCOUNTS]


def _met(transfers: Transfers, marked: Int64, window: int) -> Meetings:
    return meetings(
        transfers.sender[marked], transfers.receiver[marked], transfers.seconds[marked], window
    )
