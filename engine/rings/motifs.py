"""What a typology detector hands on, and the index of an account's transfers they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.rings.candidates import Int32, Int64
from engine.rings.rare import RareGraph


@dataclass(frozen=True, slots=True)
class Motif:
    """One match of a typology.

    Attributes
    ----------
    typology
        Name of the shape.
    edges
        int64 positions in the rare graph, ascending.
    surprise
        ``-log10`` of the number of such matches expected by chance, before calibration.
    hub
        Account in the middle, or -1.
    expected
        Counterparties expected at the hub's own rate; 0 where there is no hub.
    """

    typology: str
    edges: Int64
    surprise: float
    hub: int = -1
    expected: float = 0.0


def members(graph: RareGraph, edges: Int64) -> Int32:
    """Return the distinct accounts of some transfers, ascending."""
    return np.unique(np.concatenate([graph.sender[edges], graph.receiver[edges]]))


def by_account(key: Int32, n_accounts: int) -> tuple[Int64, Int64]:
    """Index transfers by account: their positions in time order, and where each account begins."""
    order = np.argsort(key, kind="stable")
    start = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(key, minlength=n_accounts), out=start[1:])
    return order, start
