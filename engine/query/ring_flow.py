"""Who moved how much to whom inside a ring: the figures behind its story."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Party:
    """An account on one side of the ring.

    ``counterparties`` and ``amount`` (currency units) are those of that side, inside the ring.
    """

    account: str
    counterparties: int
    amount: float


@dataclass(frozen=True, slots=True)
class Flow:
    """The money inside a ring.

    Attributes
    ----------
    senders, passers, receivers
        Accounts that only send, that do both, that only receive.
    sent, received
        What the senders sent and the receivers received, in currency units.
    pairs
        Different pairs of sender and receiver.
    into, out_of
        The account with the most payers, and the one with the most payees; of several, the one
        with the largest sum, then the first by name.
    origin
        The account in the role of source; ``None`` where there is none or more than one.
    returned
        What ``origin`` received back, in currency units.
    """

    senders: int
    passers: int
    receivers: int
    sent: float
    received: float
    pairs: int
    into: Party
    out_of: Party
    origin: str | None
    returned: float


def flow_of(members: pd.DataFrame, edges: pd.DataFrame) -> Flow:
    """Sum up a ring.

    Parameters
    ----------
    members
        From :func:`engine.query.rings.ring_members`.
    edges
        From :func:`engine.query.rings.ring_edges`, at least one row.
    """
    sends, receives = members["out_count"] > 0, members["in_count"] > 0
    origin = members[members["role"] == "source"]
    one = len(origin) == 1
    return Flow(
        senders=int((sends & ~receives).sum()),
        passers=int((sends & receives).sum()),
        receivers=int((receives & ~sends).sum()),
        sent=float(members.loc[sends & ~receives, "out_amount"].sum()),
        received=float(members.loc[receives & ~sends, "in_amount"].sum()),
        pairs=len(edges),
        into=_busiest(edges, "receiver", "sender"),
        out_of=_busiest(edges, "sender", "receiver"),
        origin=str(origin["account"].iloc[0]) if one else None,
        returned=float(origin["in_amount"].iloc[0]) if one else 0.0,
    )


def _busiest(edges: pd.DataFrame, side: str, other: str) -> Party:
    # A ring has few edges: a frame's grouping takes a hundred times as long.
    others: dict[str, set[str]] = {}
    sums: dict[str, float] = {}
    for account, counterparty, amount in zip(
        edges[side], edges[other], edges["amount"], strict=True
    ):
        others.setdefault(account, set()).add(counterparty)
        sums[account] = sums.get(account, 0.0) + amount
    first = min(others, key=lambda one: (-len(others[one]), -sums[one], one))
    return Party(str(first), len(others[first]), float(sums[first]))
