"""Money that moves on under another name: chains inferred from equal amounts at about one time.

Where accounts hardly ever come back (PaySim: each sender acts once) no path of accounts shows how
money moves on. What remains is the amount: a transfer and a withdrawal of the same amount to the
cent within the hour. Such a chain is inferred, and is called so everywhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.config import RingConfig
from engine.rings.candidates import Candidate, Float64, Int32, Int64, Transfers
from engine.rings.surprise import MAX_SURPRISE

Bools = npt.NDArray[np.bool_]

_PER_ACCOUNTS = 10_000
#: The local density of amounts is counted within this distance (log scale) of an amount.
_NEAR = 0.05
#: Fewer transactions do not tell whether names come back.
_TELLING = 1000


def names_persist(sender: Int32) -> float:
    """Return the share of transactions whose sender sends more than once; 1 where few can tell."""
    if len(sender) < _TELLING:
        return 1.0
    return float((np.bincount(sender)[sender] > 1).mean())


def find_inferred_chains(
    transfers: Transfers, config: RingConfig
) -> tuple[list[Candidate], tuple[str, ...]]:
    """Find runs of transactions of one amount, within ``inferred_hours`` of each other.

    The surprise is ``-log10`` of the pairs that chance makes in 10,000 accounts: the other
    transactions in the time between, times the chance that one has this very amount, read off the
    density of amounts near it. So a round or common amount is no evidence.

    Returns
    -------
    candidates : list of Candidate
        None where at least half of the transactions are from senders that come back.
    notes : tuple of str
        What was bounded. O(n log n).
    """
    if names_persist(transfers.sender) >= config.persistent_names:
        return [], ()
    order = np.argsort(transfers.minor_units, kind="stable")
    amount, seconds = transfers.minor_units[order], transfers.seconds[order]
    joined = (np.diff(amount) == 0) & (
        np.diff(seconds) <= round(config.inferred_hours * 3600)
    ) & (amount[1:] > 0)  # fmt: skip
    begin = np.flatnonzero(joined & ~np.concatenate([[False], joined[:-1]]))
    end = np.flatnonzero(joined & ~np.concatenate([joined[1:], [False]])) + 1
    short = end - begin < config.max_inferred
    begin, end, skipped = begin[short], end[short], int((~short).sum())
    surprise = _surprise(transfers, amount, seconds, begin, end)
    found = []
    for first, last, value in zip(begin.tolist(), end.tolist(), surprise.tolist(), strict=True):
        if value < config.min_surprise:
            continue
        rows = np.sort(order[first : last + 1])
        if _moves_on(transfers, rows):
            found.append(Candidate("inferred_chain", rows, -1, value, 0.0, 0.0))
    return found, _notes(skipped, config)


def _surprise(
    transfers: Transfers, amount: Int64, seconds: Int64, begin: Int64, end: Int64
) -> Float64:
    """Return the surprise of each run of equal amounts ``begin`` to ``end`` (included)."""
    n = len(amount)
    value = amount[begin].astype(np.float64)
    low, high = value * np.exp(-_NEAR), value * np.exp(_NEAR)
    near = np.searchsorted(amount, high, side="right") - np.searchsorted(amount, low)
    same = np.searchsorted(amount, amount[begin], side="right") - np.searchsorted(
        amount, amount[begin]
    )
    # Amounts as common as this one elsewhere in the input are no coincidence either.
    elsewhere = same - (end - begin + 1)
    equal = np.maximum(near / np.maximum(high - low, 1.0), elsewhere) / n
    others = np.searchsorted(transfers.seconds, seconds[end], side="right") - np.searchsorted(
        transfers.seconds, seconds[begin]
    )
    last = int(max(transfers.sender.max(), transfers.receiver.max()))
    known = np.zeros(last + 1, bool)
    known[transfers.sender], known[transfers.receiver] = True, True
    accounts = int(known.sum())
    chance = np.minimum(others * equal, 1.0) ** (end - begin) * n / accounts * _PER_ACCOUNTS
    return np.asarray(np.clip(-np.log10(np.maximum(chance, 1e-300)), -MAX_SURPRISE, MAX_SURPRISE))


def _moves_on(transfers: Transfers, rows: Int64) -> bool:
    """Tell whether all transactions are of different accounts, so that names were changed."""
    ends = np.concatenate([transfers.sender[rows], transfers.receiver[rows]])
    return len(np.unique(ends)) == len(ends)


def _notes(skipped: int, config: RingConfig) -> tuple[str, ...]:
    if skipped == 0:
        return ()
    return (
        f"{skipped:,} amounts occur in runs of more than {config.max_inferred} transactions and "
        "were not followed as inferred chains ([rings] max_inferred)",
    )
