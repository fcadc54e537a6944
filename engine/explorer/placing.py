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
        rounds = there[parent] + _fan(np.zeros(1), np.array([radius]), count, 2 * math.pi)
        circle: Points = rounds[0, 0]
        return circle
    outwards = there[parent] - there.mean(axis=0)
    lean = math.atan2(outwards[1], outwards[0])
    # The direction away from the rest comes first, then others by how far they turn from it.
    turns = np.linspace(0, math.pi, _DIRECTIONS // 2 + 1)
    angles = lean + np.column_stack([turns, -turns]).ravel()
    extent = float(np.linalg.norm(there - there[parent], axis=1).max())
    radii = np.arange(2 * GAP, extent + 4 * GAP, GAP)
    fans = there[parent] + _fan(angles, radii, count, _WIDEST)
    room = _room(fans, there)
    free = room >= 0.95 * GAP
    # Far away is worth a turn: a radian costs as much as so many gaps.
    cost = radii[None, :] / GAP + 2.0 * np.repeat(turns, 2)[:, None]
    cost = np.where(free, cost, np.inf) if free.any() else -room
    best: Points = fans.reshape(-1, count, 2)[int(np.argmin(cost))]
    return best


def _fan(angles: Points, radii: Points, count: int, widest: float) -> Points:
    """Return fans round the origin, shape (n_angles, n_radii, count, 2), in rows if need be."""
    fans = np.empty((len(angles), len(radii), count, 2))
    for number, radius in enumerate(radii):
        done, row = 0, 0
        while done < count:
            out = radius + row * GAP
            most = max(int(widest * out / GAP), 1)
            here = min(most, count - done)
            # Round a whole circle the last must not meet the first.
            step = GAP / out if widest < 2 * math.pi else max(GAP / out, widest / here)
            spread = (np.arange(here) - (here - 1) / 2) * step
            turned = angles[:, None] + spread[None, :]
            fans[:, number, done : done + here, 0] = out * np.cos(turned)
            fans[:, number, done : done + here, 1] = out * np.sin(turned)
            done, row = done + here, row + 1
    return fans


def _room(fans: Points, there: Points) -> Points:
    """Return how near the nearest account there comes to each fan, shape (n_angles, n_radii)."""
    room = np.empty(fans.shape[:2])
    for number in range(fans.shape[1]):
        away = fans[:, number, :, None] - there[None, None]
        room[:, number] = np.sqrt((away**2).sum(axis=3)).min(axis=(1, 2))
    return room


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
