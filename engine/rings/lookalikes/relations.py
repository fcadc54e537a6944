"""Relations: accounts that deal with each other all along may be of one owner, or friends.

The data say nothing about who owns an account, so both are read off behaviour.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.rings.candidates import Int32, Int64
from engine.rings.lookalikes.case import Case, Side
from engine.rings.lookalikes.check import Check

Bools = npt.NDArray[np.bool_]

#: Nobody holds more accounts than this at once, as a rule of thumb.
_MOST_OWN = 8
#: Others of the ring that an acquaintance knows at least.
_SEVERAL = 2
#: Least accounts that settle up in a circle of any size: one pair.
_SETTLING = 2


def own_accounts(case: Case) -> Check:
    """Test whether money goes back and forth among few members before and after the ring."""
    limits, members = case.config, case.members
    pairs, is_mutual = _pairs(case, case.dealings)
    in_ring = _pairs(case, case.rows)[0]
    mutual = int(np.isin(in_ring, pairs[is_mutual]).sum())
    share = mutual / len(in_ring)
    along = len(np.unique(case.parts(case.dealings))) / limits.parts
    innocent = share >= limits.most and len(members) <= _MOST_OWN and along >= limits.most
    return Check(
        "own_accounts",
        "Own accounts",
        innocent,
        f"{mutual} of {len(in_ring)} pairs of the ring send money both ways at "
        f"other times; members deal with each other in {along:.0%} of the run (judged by "
        f"behaviour: the data name no owners)",
        share,
        limits.most,
    )


def known_circle(case: Case) -> Check:
    """Test whether most members deal with several others of the ring and some settle up.

    Dealing with the hub alone says nothing: mules, too, may know who pays them. Nor do dealings in
    one direction alone: a gang launders again along the same lines, and friends pay each other
    back.
    """
    limits = case.config
    accounts, others = np.unique(_both(_pairs(case, case.dealings)[0]), return_counts=True)
    acquainted = accounts[others >= _SEVERAL]
    pairs, is_mutual = _pairs(case, np.concatenate([case.rows, case.dealings]))
    settling = int(np.isin(acquainted, _both(pairs[is_mutual])).sum())
    known = len(acquainted)
    share = known / len(case.members)
    innocent = share >= limits.most and settling >= max(
        _SETTLING, limits.settling * len(case.members)
    )
    return Check(
        "known_circle",
        "Shared bills or gifts among acquaintances",
        innocent,
        f"{known} of {len(case.members)} accounts deal with {_SEVERAL} or more others of the ring "
        f"at other times; {settling} of them both pay and are paid by the same account",
        share,
        limits.most,
    )


def ordinary_amounts(case: Case) -> Check:
    """Test, for structuring, whether amounts in the ring's range are ordinary for its account."""
    limits, transfers = case.config, case.transfers
    side: Side = "in"
    hub, share = _most_frequent(transfers.receiver[case.rows])
    if share < limits.most:
        side, (hub, _) = "out", _most_frequent(transfers.sender[case.rows])
    other = case.read(hub, side, limits.max_rows).rows
    amounts, ring = transfers.minor_units[other], transfers.minor_units[case.rows]
    inside = int(((amounts >= ring.min()) & (amounts <= ring.max())).sum())
    share = inside / max(len(amounts), 1)
    enough = len(amounts) >= limits.many_counterparties
    return Check(
        "ordinary_amounts",
        "Ordinary amounts for this account",
        enough and share >= limits.ordinary_band,
        f"{inside:,} of the {len(amounts):,} other amounts of this account lie in the ring's range",
        share,
        limits.ordinary_band,
    )


def _most_frequent(accounts: Int32) -> tuple[int, float]:
    """Return the most frequent account and its share."""
    found, counts = np.unique(accounts, return_counts=True)
    return int(found[counts.argmax()]), float(counts.max() / len(accounts))


def _pairs(case: Case, rows: Int64) -> tuple[Int64, Bools]:
    """Return the pairs of accounts of some rows, and whether they pay in both directions.

    Returns
    -------
    pairs
        int64, shape (pairs,), ascending: the lower account in the upper 32 bits, the higher one
        below.
    is_mutual
        bool, shape (pairs,).
    """
    sender = case.transfers.sender[rows].astype(np.int64)
    receiver = case.transfers.receiver[rows].astype(np.int64)
    # One more bit for the direction; account codes are below 2**31.
    low, high = np.minimum(sender, receiver), np.maximum(sender, receiver)
    ways = np.unique((low << 32 | high) << 1 | (sender < receiver)) >> 1
    pairs, directions = np.unique(ways, return_counts=True)
    return pairs, directions == 2


def _both(pairs: Int64) -> Int64:
    """Return both accounts of each pair."""
    return np.concatenate([pairs >> 32, pairs & 0xFFFFFFFF])
