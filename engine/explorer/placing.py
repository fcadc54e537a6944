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
COLUMN = 210.0
ROW = 52.0
RING = 130.0

_DIRECTIONS = 36
_SWEEPS = 60
#: How far round an account its counterparties may spread, in radians.
_WIDEST = math.radians(220)


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
    """Spread them over an arc on the emptiest side, then let all keep their distance."""
    middle = there[parent]
    alone = len(there) == 1
    width = 2 * math.pi * (1 - 1 / count) if alone else min(_WIDEST, 0.5 * count)
    radius = max(1.9 * GAP, count * GAP * 0.9 / max(width, 1.0))
    toward = _emptiest(there, parent, radius)
    angles = toward + (np.linspace(-0.5, 0.5, count) * width if count > 1 else np.zeros(1))
    points = middle + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return _apart(points, there)


def _emptiest(there: Points, parent: int, radius: float) -> float:
    """Return the direction in which the nearest other account is farthest."""
    if len(there) == 1:
        return 0.0
    others = np.delete(there, parent, axis=0)
    angles = np.linspace(-math.pi, math.pi, _DIRECTIONS, endpoint=False)
    ahead = there[parent] + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    room = np.linalg.norm(ahead[:, None] - others[None], axis=2).min(axis=1)
    outwards = there[parent] - others.mean(axis=0)
    # Of directions about as empty, away from the rest.
    lean = outwards @ np.column_stack([np.cos(angles), np.sin(angles)]).T
    return float(angles[np.argmax(room + 1e-3 * lean)])


def _apart(points: Points, there: Points) -> Points:
    """Push the new ones off all others until they keep a gap; nobody else moves."""
    for _ in range(_SWEEPS):
        every = np.vstack([there, points])
        away = points[:, None] - every[None]
        distance = np.linalg.norm(away, axis=2)
        near = (distance < GAP) & (distance > 0)
        if not near.any():
            break
        push = np.where(near, (GAP - distance) / np.maximum(distance, 1.0), 0.0)
        points = points + 0.5 * (away * push[:, :, None]).sum(axis=1)
    return points


def _in_columns(there: Points, parent: int, sides: npt.NDArray[np.int8]) -> Points:
    """Put who is paid into the column to the right, who pays to the left, nearest to the row."""
    taken = {(round(x / COLUMN), round(y / ROW)) for x, y in there}
    column, row = round(there[parent, 0] / COLUMN), round(there[parent, 1] / ROW)
    points = np.empty((len(sides), 2))
    for position, side in enumerate(sides.tolist()):
        slot = next(
            (column + side, row + offset)
            for offset in _outwards()
            if (column + side, row + offset) not in taken
        )
        taken.add(slot)
        points[position] = slot[0] * COLUMN, slot[1] * ROW
    return points


def _outwards() -> list[int]:
    """Return 0, 1, -1, 2, -2, … as far as ever so many accounts may need."""
    return sorted(range(-400, 401), key=lambda offset: (abs(offset), -offset))


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
