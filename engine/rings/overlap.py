"""How much sets have in common."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Member = TypeVar("Member", bound=Hashable)

#: Two rings with a Jaccard overlap of accounts of at least this describe the same ring.
SAME_RING = 0.5


class Owners:
    """Which numbered sets each member belongs to."""

    def __init__(self) -> None:
        self._of: dict[Hashable, list[int]] = {}

    def add(self, number: int, members: Iterable[Hashable]) -> None:
        """Take in a set under its number."""
        for member in members:
            self._of.setdefault(member, []).append(number)

    def shared(self, members: Iterable[Hashable]) -> dict[int, int]:
        """Count the members that each known set shares with a set."""
        counts: dict[int, int] = {}
        for member in members:
            for number in self._of.get(member, ()):
                counts[number] = counts.get(number, 0) + 1
        return counts


def best_overlaps(
    rings: Sequence[frozenset[Member]], others: Sequence[frozenset[Member]]
) -> npt.NDArray[np.float64]:
    """Return for each ring its best Jaccard overlap with any of the others; 0 without one."""
    owners = Owners()
    for number, other in enumerate(others):
        owners.add(number, other)
    best = np.zeros(len(rings))
    for i, ring in enumerate(rings):
        best[i] = max(
            (n / (len(ring) + len(others[j]) - n) for j, n in owners.shared(ring).items()),
            default=0.0,
        )
    return best
