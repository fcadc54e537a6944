"""What a ring finder hands on: candidates, each a set of transactions with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transfers:
    """The columns of transactions that ring finders read, in time order.

    Attributes
    ----------
    sender, receiver
        int32 account codes, shape (n,).
    seconds
        int64 times since 1970, ascending.
    minor_units
        int64 amounts in minor units (cents).
    risk
        float32 base risk in [0, 1].
    pair_total
        int64: transactions of the same sender and receiver in the whole run.
    has_model
        Whether a trained model stands behind ``risk``, so that 0.5 means even odds.
    """

    sender: Int32
    receiver: Int32
    seconds: Int64
    minor_units: Int64
    risk: Float32
    pair_total: Int64
    has_model: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible ring.

    Attributes
    ----------
    typology
        ``fan_in``, ``fan_out`` or ``community``.
    rows
        int64 rows of the proving transactions, ascending.
    hub
        Account code in the middle, or -1.
    surprise
        ``-log10`` of the chance to see this at the account's own rate; 0 where not defined.
    expected
        New counterparties expected in this time at the account's own rate; 0 where not defined.
    score
        In [0, 1], higher is worse.
    learned
        Whether labels of the past gave the score; else the surprise did.
    """

    typology: str
    rows: Int64
    hub: int
    surprise: float
    expected: float
    score: float
    learned: bool = False


def members(transfers: Transfers, rows: Int64) -> Int32:
    """Return the distinct account codes of some transactions, ascending."""
    return np.unique(np.concatenate([transfers.sender[rows], transfers.receiver[rows]]))
