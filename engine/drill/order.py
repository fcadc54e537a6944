"""What a drill plants and into what: checked, and kept as ``drill.json`` of its folder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from engine.errors import InputError
from engine.generate.ring_shapes import TYPOLOGIES
from engine.label_record import LabelMode

#: Fewest and most accounts of a planted ring, as :mod:`engine.generate.ring_shapes` draws them.
SIZES: dict[str, tuple[int, int]] = {
    "fan_in": (6, 14),
    "fan_out": (6, 14),
    "cycle": (3, 10),
    "scatter_gather": (5, 14),
    "gather_scatter": (7, 15),
    "bipartite": (6, 12),
    "stack": (9, 15),
    "random": (4, 8),
}

#: More rings than this would say more of each other than of the data.
MOST_RINGS = 200


@dataclass(frozen=True, slots=True)
class Planting:
    """Rings of one kind: how many, and with how many accounts each."""

    typology: str
    count: int
    smallest: int
    largest: int

    @classmethod
    def of(cls, typology: str, count: int) -> Planting:
        """Return so many rings of a typology, of any size that it has.

        Raises
        ------
        InputError
            If there is no such typology to plant.
        """
        if typology not in TYPOLOGIES:
            raise InputError(f"cannot plant {typology!r}; there are {', '.join(TYPOLOGIES)}")
        return cls(typology, count, *SIZES[typology])


@dataclass(frozen=True, slots=True)
class Order:
    """What a drill plants, into what, and how the copy is searched.

    Attributes
    ----------
    source
        Id of a finished run, whose cleaned transactions and settings are taken, or a file's path.
    plantings
        Which rings.
    amount
        Median amount of a transfer, in currency units; ``None`` takes the median of the data.
    start, end
        Days within which rings lie, as ISO dates, the last one included; ``None``: all the data.
    labels
        Whether the copy's run learns from labels. If it does, rings are planted in the part of
        the data it is judged on.
    seed
        Same seed, same rings.
    """

    source: str
    plantings: tuple[Planting, ...]
    amount: float | None = None
    start: str | None = None
    end: str | None = None
    labels: LabelMode = "ignore"
    seed: int = 1

    @property
    def rings(self) -> int:
        """Number of rings in all."""
        return sum(planting.count for planting in self.plantings)

    def check(self) -> None:
        """Refuse what cannot be planted.

        Raises
        ------
        InputError
            The message says what, and what would do.
        """
        for planting in self.plantings:
            _check_planting(planting)
        if not 1 <= self.rings <= MOST_RINGS:
            raise InputError(f"plant 1 to {MOST_RINGS} rings, not {self.rings}")
        if self.amount is not None and not (math.isfinite(self.amount) and self.amount >= 0.01):
            raise InputError(f"the amount is {self.amount}; give 0.01 or more")
        if self.seed < 0:
            raise InputError(f"seed {self.seed}: use 0 or a positive whole number")
        first, last = (None if day is None else moment(day) for day in (self.start, self.end))
        if first is not None and last is not None and last < first:
            raise InputError(f"the period ends on {self.end}, before it starts on {self.start}")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Order:
        """Return what :meth:`to_dict` wrote."""
        known = {field.name: told[field.name] for field in fields(cls) if field.name in told}
        return cls(**known | {"plantings": tuple(Planting(**one) for one in told["plantings"])})


def plantings_of(texts: Sequence[str], accounts: str | None = None) -> tuple[Planting, ...]:
    """Read ``fan_in=3`` of a command line; ``accounts`` (``5-9``) bounds the size of every ring.

    Raises
    ------
    InputError
        If a text does not read so.
    """
    found = []
    low, high = _range(accounts) if accounts else (0, 10**6)
    for text in texts:
        typology, _, count = text.partition("=")
        if not count.isdecimal():
            raise InputError(f"--plant {text}: write a typology and a number, e.g. fan_in=3")
        whole = Planting.of(typology, int(count))
        found.append(
            Planting(typology, whole.count, max(low, whole.smallest), min(high, whole.largest))
        )
    return tuple(found)


def moment(day: str) -> datetime:
    """Return the beginning of a day.

    Raises
    ------
    InputError
        If it is no date.
    """
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"{day!r} is no date like 2026-01-31") from error


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if not low.isdecimal() or not (high or low).isdecimal():
        raise InputError(f"--accounts {text}: write the fewest and the most, e.g. 5-9")
    return int(low), int(high or low)


def _check_planting(planting: Planting) -> None:
    whole = Planting.of(planting.typology, 0)
    if planting.count < 0:
        raise InputError(f"{planting.typology}: {planting.count} rings cannot be planted")
    if planting.count == 0:
        return
    fits = planting.smallest <= planting.largest
    if not fits or planting.largest < whole.smallest or planting.smallest > whole.largest:
        raise InputError(
            f"{planting.typology} has {whole.smallest} to {whole.largest} accounts here, "
            f"not {planting.smallest} to {planting.largest}"
        )
