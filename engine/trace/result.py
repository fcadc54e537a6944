"""What is asked when money is followed, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from engine.errors import InputError

Direction = Literal["forward", "backward"]
Method = Literal["fifo", "proportional"]

#: Where money is followed no further, and why.
#: ``rest``: forward, it was still there when the wait was over or the data ended; backward, it was
#: there before. ``unseen``: no transfer in the data brought it. The others are limits: too little
#: passed through the account; one transfer too far; a part too small; too many larger parts.
End = Literal["rest", "unseen", "pass_through", "hops", "small", "branches"]

#: A year: the longest wait on an account that is looked at.
MOST_GAP_HOURS = 8760.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How far money is followed.

    Attributes
    ----------
    max_gap_hours
        Longest that money may lie on an account between coming and going.
    min_pass_through
        Share in [0, 1] of a credit that must go on (backward: of a debit that must have come)
        within that time, or the account counts as its end. The account of the chosen transfer is
        always passed.
    max_hops
        Most transfers in a row after (backward: before) the chosen one.
    max_branches
        Most transfers that a single one splits into; the largest are followed.
    min_part
        Smallest part followed, as a share in [0, 1] of the chosen transfer.

    Raises
    ------
    InputError
        If a limit is outside of its range.
    """

    max_gap_hours: float = 72.0
    min_pass_through: float = 0.0
    max_hops: int = 6
    max_branches: int = 10
    min_part: float = 0.01

    def __post_init__(self) -> None:
        """Refuse limits that mean nothing."""
        if not self.max_gap_hours > 0:
            raise InputError("the longest wait on an account must be more than 0 hours")
        for name, share in (("pass-through", self.min_pass_through), ("part", self.min_part)):
            if not 0 <= share <= 1:
                raise InputError(f"the smallest {name} is a share from 0 to 1, not {share}")
        if self.max_hops < 1 or self.max_branches < 1:
            raise InputError("at least one transfer and one branch must be followed")

    @property
    def max_gap(self) -> timedelta:
        """The longest wait on an account."""
        return timedelta(hours=self.max_gap_hours)


@dataclass(frozen=True, slots=True)
class Transfer:
    """The transfer whose money is followed; ``amount`` is in minor units."""

    tx_id: int
    time: datetime
    sender: str
    receiver: str
    amount: int


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the money of a transfer went, or where it came from.

    Attributes
    ----------
    start
        The chosen transfer.
    direction, method, limits
        What was asked.
    flows
        The transfers that carried some of it, the chosen one first: ``hop`` (0 for the chosen
        one), ``tx_id, time, sender, receiver, amount`` (all of the transfer) and ``part`` (that of
        the chosen one in it), both int64 in minor units. A transfer that money reached in two and
        in three steps has a row for each.
    ends
        Where it was followed no further: ``hop`` (of the transfers that led there), ``account,
        kind`` (see ``End``), ``part`` (int64, minor units) and ``transfers``, how many are not
        shown. All parts together are the amount of the chosen transfer.
    """

    start: Transfer
    direction: Direction
    method: Method
    limits: Limits
    flows: pd.DataFrame
    ends: pd.DataFrame


def unaccounted(trace: Trace) -> int:
    """Return how many minor units are lost or made up: 0, or the trace is wrong.

    For every account, by steps from the chosen transfer, what came must be what went on and what
    ended there; the differences are summed up without their signs.
    """
    near, far = ("sender", "receiver") if trace.direction == "forward" else ("receiver", "sender")
    flows, ends = trace.flows, trace.ends
    came = flows.groupby(["hop", far])["part"].sum()
    went = flows[flows["hop"] > 0].assign(hop=lambda one: one["hop"] - 1)
    went_on = went.groupby(["hop", near])["part"].sum()
    ended = ends.groupby(["hop", "account"])["part"].sum()
    for one in (came, went_on, ended):
        one.index.names = ["hop", "account"]
    difference = came.sub(went_on, fill_value=0).sub(ended, fill_value=0)
    return int(difference.abs().sum()) + abs(trace.start.amount - int(ends["part"].sum()))
