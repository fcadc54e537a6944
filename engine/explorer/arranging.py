"""Positions for a picture as a whole: by forces, round a circle, or from left to right in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.explorer.placing import COLUMN, ROW, Points
from engine.explorer.view import Layout
from engine.layered_layout import places
from engine.ring_layout import graph_of, positions

#: Accounts one above the other before a column of a flow takes a second lane.
_HIGHEST = 24


def arrange(layout: Layout, accounts: list[str], edges: pd.DataFrame, typology: str) -> Points:
    """Return where accounts stand, in pixels.

    Parameters
    ----------
    layout
        ``circle`` follows the money round; ``flow`` gives each account a column by when money
        first reached it; ``force`` makes stars of fans and lets forces spread all others.
    accounts
        At most 300, none twice.
    edges
        ``sender, receiver, first_time``, one row a pair.
    typology
        Of the ring, or empty.

    Returns
    -------
    numpy.ndarray
        float64, shape (n_accounts, 2).
    """
    if not accounts:
        return np.empty((0, 2))
    if layout == "flow":
        return _flow(accounts, edges)
    star = typology if typology in ("fan_in", "fan_out") else ""
    kind = "cycle" if layout == "circle" else star
    return np.asarray(positions(graph_of(accounts, edges), kind), np.float64).reshape(-1, 2)


def _flow(accounts: list[str], edges: pd.DataFrame) -> Points:
    level = time_levels(accounts, edges)
    place = places(graph_of(accounts, edges), level)
    points = np.column_stack([level * COLUMN, place * ROW])
    for number in np.unique(level):
        members = np.flatnonzero(level == number)
        if len(members) > _HIGHEST:
            points[members] = _in_lanes(points[members], len(members))
    return points


def _in_lanes(points: Points, count: int) -> Points:
    """Let a column that would be too high to read zigzag over several lanes."""
    lanes = -(-count // _HIGHEST)
    order = np.argsort(points[:, 1], kind="stable")
    turned = points.copy()
    turned[order, 0] += (np.arange(count) % lanes) * (COLUMN * 0.7 / lanes)
    turned[order, 1] /= lanes
    return turned


def time_levels(accounts: list[str], edges: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Give each account a column: one right of whoever first paid it, in the order of time.

    Returns
    -------
    numpy.ndarray
        int64, shape (n_accounts,), the least is 0.
    """
    known: dict[str, int] = {}
    ordered = edges.sort_values(["first_time", "sender", "receiver"], kind="stable")
    for sender, receiver in zip(ordered["sender"], ordered["receiver"], strict=True):
        if sender == receiver:
            continue
        if sender not in known:
            # Who pays somebody in view for the first time stands left of them.
            known[sender] = known[receiver] - 1 if receiver in known else 0
        known.setdefault(receiver, known[sender] + 1)
    least = min(known.values(), default=0)
    return np.array([known.get(account, least) - least for account in accounts], np.int64)
