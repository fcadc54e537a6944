"""Transfers that meet at an account within the window."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.rings.candidates import Int64

Codes = npt.NDArray[np.integer]

#: Each transfer meets so many next ones of an account.
_NEXT = 12


class Meetings(NamedTuple):
    """Two transfers that share an account, the earlier first.

    Attributes
    ----------
    first, second
        int64 positions of the transfers.
    first_sends, second_sends
        int64: 1 where the account is the sender, 0 where it is the receiver.
    account
        int64 code.
    rank
        int64: how many transfers of the account further on the second one is.
    """

    first: Int64
    second: Int64
    first_sends: Int64
    second_sends: Int64
    account: Int64
    rank: Int64


def meetings(sender: Codes, receiver: Codes, seconds: Int64, window: int) -> Meetings:
    """Pair each transfer with the next ones of both its accounts.

    Parameters
    ----------
    sender, receiver
        Account codes, shape (n,), in time order.
    seconds
        int64, ascending.
    window
        Longest time in seconds between two transfers that meet.
    """
    n = len(seconds)
    account = np.concatenate([sender, receiver]).astype(np.int64)
    place, sends = np.tile(np.arange(n), 2), np.repeat([1, 0], n)
    order = np.lexsort((sends, place, account))
    account, place, sends = account[order], place[order], sends[order]
    found = [Meetings(*(np.empty(0, np.int64) for _ in Meetings._fields))]
    for rank in range(1, min(_NEXT + 1, len(account))):
        first, second = place[:-rank], place[rank:]
        near = (seconds[second] - seconds[first] <= window) & (first != second)
        at = np.flatnonzero((account[:-rank] == account[rank:]) & near)
        found.append(
            Meetings(
                first[at], second[at], sends[at], sends[at + rank], account[at],
                np.full(len(at), rank),
            )
        )  # fmt: skip
    return Meetings(*(np.concatenate(part) for part in zip(*found, strict=True)))
