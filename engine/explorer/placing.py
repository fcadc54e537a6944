"""Where accounts stand that come into a picture whose other accounts stay where they are.

Units are pixels at a zoom of 1. What is placed depends on nothing but what stands there: the same
steps give the same picture.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.explorer.view import Layout

Points = npt.NDArray[np.float64]

#: Least distance that accounts keep, and the columns and rows of a flow from left to right.
GAP = 62.0
COLUMN = 270.0
ROW = 66.0
RING = 130.0
#: Lanes of a column that is too full.
_LANES = 2

_DIRECTIONS = 24
#: How far round an account its counterparties may spread, in radians.
_WIDEST = math.radians(120)
#: Rows above and below its own that an account's counterparties take before the next lane.
_ROWS = 6


def place(layout: Layout, there: Points, parent: int, sides: npt.NDArray[np.int8]) -> Points:
    """Find room for counterparties of an account.

    Parameters
    ----------
    layout
        How the picture is laid out.
    there
        float64, shape (n, 2): where accounts stand already, n at least 1.
    parent
        Whose counterparties they are: a row of ``there``.
    sides
        int8, shape (k,): 1 for who is mostly paid by it, -1 for who mostly pays it.

    Returns
    -------
    numpy.ndarray
        float64, shape (k, 2).
    """
    if not len(sides):
        return np.empty((0, 2))
    if layout == "flow":
        return _in_columns(there, parent, sides)
    if layout == "circle":
        return _on_rings(there, parent, len(sides))
    return _around(there, parent, len(sides))


def _around(there: Points, parent: int, count: int) -> Points:
    """Fan them out from the account, at the least distance at which they cover nobody."""
    if len(there) == 1:
        radius = max(2.2 * GAP, count * GAP / (2 * math.pi))
        circle: Points = there[parent] + _fan(np.zeros(1), radius, count, 2 * math.pi)[0]
        return circle
    outwards = there[parent] - there.mean(axis=0)
    lean = math.atan2(outwards[1], outwards[0])
    # The direction away from the rest comes first, then others by how far they turn from it.
    turns = np.repeat(np.linspace(0, math.pi, _DIRECTIONS // 2 + 1), 2)
    angles = lean + turns * np.tile([1, -1], len(turns) // 2)
    extent = float(np.linalg.norm(there - there[parent], axis=1).max())
    best, least = np.empty((0, 2)), math.inf
    for radius in np.arange(2 * GAP, extent + 5 * GAP, GAP):
        if radius / GAP >= least:
            break
        fans = there[parent] + _fan(angles, float(radius), count, _WIDEST)
        # Far away is worth a turn: a radian costs as much as two gaps.
        cost = np.where(_room(fans, there) >= 0.95 * GAP, radius / GAP + 2 * turns, math.inf)
        if cost.min() < least:
            best, least = fans[int(np.argmin(cost))], float(cost.min())
    return best


def _fan(angles: Points, radius: float, count: int, widest: float) -> Points:
    """Return a fan in each direction from the origin, shape (n_angles, count, 2), in rows."""
    fans = np.empty((len(angles), count, 2))
    done = 0
    while done < count:
        most = max(int(widest * radius / GAP), 1)
        here = min(most, count - done)
        # Round a whole circle the last must not meet the first.
        step = GAP / radius if widest < 2 * math.pi else max(GAP / radius, widest / here)
        turned = angles[:, None] + (np.arange(here) - (here - 1) / 2) * step
        fans[:, done : done + here, 0] = radius * np.cos(turned)
        fans[:, done : done + here, 1] = radius * np.sin(turned)
        done, radius = done + here, radius + GAP
    return fans


def _room(fans: Points, there: Points) -> Points:
    """Return how near an account there comes to each fan, shape (n_angles,)."""
    away = fans[:, :, None] - there[None, None]
    nearest: Points = np.sqrt((away**2).sum(axis=3).min(axis=(1, 2)))
    return nearest


def _in_columns(there: Points, parent: int, sides: npt.NDArray[np.int8]) -> Points:
    """Put who is paid to the right and who pays to the left, in the nearest lanes and rows."""
    taken = {_slot(x, y) for x, y in there}
    lane, row = _slot(*there[parent])
    points = np.empty((len(sides), 2))
    for position, side in enumerate(sides.tolist()):
        slot = next(
            (lane + side * (_LANES + across), row + offset)
            for across, offset in _outwards()
            if (lane + side * (_LANES + across), row + offset) not in taken
        )
        taken.add(slot)
        points[position] = slot[0] * COLUMN / _LANES, slot[1] * ROW
    return points


def _slot(x: float, y: float) -> tuple[int, int]:
    return round(x * _LANES / COLUMN), round(y / ROW)


def _outwards() -> list[tuple[int, int]]:
    """Return lanes and rows from the nearest on, for as many accounts as there can be."""
    rows = sorted(range(-_ROWS, _ROWS + 1), key=lambda offset: (abs(offset), -offset))
    return [(across, offset) for across in range(60) for offset in rows]


def _on_rings(there: Points, parent: int, count: int) -> Points:
    """Put them on the next circle outwards, nearest to the direction of the account."""
    angle = math.atan2(there[parent, 1], there[parent, 0])
    radius = float(np.linalg.norm(there[parent])) + RING
    placed = there
    points: list[npt.NDArray[np.float64]] = []
    while len(points) < count:
        slots = max(int(2 * math.pi * radius / GAP), 3)
        turns = sorted(range(slots), key=lambda slot: min(slot, slots - slot))
        for turn in turns:
            if len(points) == count:
                break
            turned = angle + 2 * math.pi * turn / slots
            point = radius * np.array([math.cos(turned), math.sin(turned)])
            if np.linalg.norm(placed - point, axis=1).min() >= 0.8 * GAP:
                points.append(point)
                placed = np.vstack([placed, point])
        radius += RING
    return np.array(points)
