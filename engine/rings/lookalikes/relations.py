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


def own_accounts(case: Case) -> Check:
    """Test whether money goes back and forth among few members before and after the ring."""
    limits, members = case.config, case.members
    pairs, is_mutual = _pairs(case, case.dealings)
    mutual = {(int(low), int(high)) for low, high in pairs[is_mutual]}
    in_ring = {(int(low), int(high)) for low, high in _pairs(case, case.rows)[0]}
    share = len(in_ring & mutual) / len(in_ring)
    along = len(np.unique(case.parts(case.dealings))) / limits.parts
    innocent = share >= limits.most and len(members) <= _MOST_OWN and along >= limits.most
    return Check(
        "own_accounts",
        "Own accounts",
        innocent,
        f"{len(in_ring & mutual)} of {len(in_ring)} pairs of the ring send money both ways at "
        f"other times; members deal with each other in {along:.0%} of the run (judged by "
        f"behaviour: the data name no owners)",
        share,
        limits.most,
    )


def known_circle(case: Case) -> Check:
    """Test whether most members deal with several others of the ring as friends do: both ways.

    Dealing with the hub alone says nothing: mules, too, may know who pays them. Nor do dealings in
    one direction: a gang launders again along the same lines, and friends settle up.
    """
    limits = case.config
    pairs, is_mutual = _pairs(case, case.dealings)
    accounts, others = np.unique(pairs, return_counts=True)
    settles = np.isin(accounts, pairs[is_mutual])
    known = int((settles & (others >= _SEVERAL)).sum())
    share = known / len(case.members)
    return Check(
        "known_circle",
        "Shared bills or gifts among acquaintances",
        share >= limits.most,
        f"{known} of {len(case.members)} accounts deal with {_SEVERAL} or more others of the ring "
        f"at other times, and both pay and are paid",
        share,
        limits.most,
    )


def ordinary_amounts(case: Case) -> Check | None:
    """Test, for structuring, whether amounts in the ring's range are ordinary for its account."""
    limits, transfers = case.config, case.transfers
    received = transfers.receiver[case.rows]
    side: Side = "in"
    hub = int(np.bincount(received).argmax())
    if (received == hub).mean() < limits.most:
        side, hub = "out", int(np.bincount(transfers.sender[case.rows]).argmax())
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


def _pairs(case: Case, rows: Int64) -> tuple[Int32, Bools]:
    """Return the pairs of accounts of some rows, and whether they pay in both directions.

    Returns
    -------
    pairs
        int32, shape (pairs, 2): the lower account first.
    is_mutual
        bool, shape (pairs,).
    """
    sender, receiver = case.transfers.sender[rows], case.transfers.receiver[rows]
    low, high = np.minimum(sender, receiver), np.maximum(sender, receiver)
    ways = np.unique(np.column_stack([low, high, sender < receiver]), axis=0)
    pairs, directions = np.unique(ways[:, :2], axis=0, return_counts=True)
    return pairs, directions == 2
