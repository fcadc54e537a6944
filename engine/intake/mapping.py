"""How the columns of a file become canonical ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

from engine import columns
from engine.errors import InputError

TimeUnit = Literal["second", "minute", "hour", "day"]

UNIT_MICROSECONDS: dict[str, int] = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
}
#: Canonical columns a mapping may fill; ``tx_id`` is the row's position and never read.
MAPPABLE = tuple(name for name in columns.CANONICAL if name != columns.TX_ID)
#: Canonical columns a file must have where the mapping names them.
REQUIRED = (columns.TIME, columns.SENDER, columns.RECEIVER, columns.AMOUNT)
#: Headers that tell the truth about a row: never a feature, whatever a pattern matches.
TRUTH_HEADERS = frozenset(
    {"class", "label", "isfraud", "isflaggedfraud", "issar", "islaundering", "alertid", "ringid"}
)
POSITIVE = ("1", "true", "yes")
NEGATIVE = ("0", "false", "no", "")

_DELIMITER = r'[^"\r\n\0\x80-\U0010ffff]'


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How a value of the time column becomes a moment.

    Attributes
    ----------
    unit
        The values are numbers of this unit; ``None`` when they are dates written as text.
    first
        The number that falls on ``origin``.
    origin
        ISO 8601 moment of the number ``first``.
    format
        ``iso`` or a strptime format, for dates written as text; ``None`` with a ``unit``.
    """

    unit: TimeUnit | None = None
    first: float = 0.0
    origin: str = "2026-01-01T00:00:00"
    format: str | None = "iso"

    def __post_init__(self) -> None:
        if (self.unit is None) == (self.format is None):
            raise InputError("[time] needs either unit or format, and not both")
        try:
            datetime.fromisoformat(self.origin)
        except ValueError as error:
            raise InputError(
                f"[time] origin {self.origin!r} is not a moment like 2026-01-01T00:00:00"
            ) from error


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file's columns become canonical ones.

    Attributes
    ----------
    name, description
        What the app and the manifest call it.
    columns
        Canonical column to the headers it may have in the file, the preferred first. A header
        that occurs twice is numbered as pandas does: ``Account``, ``Account.1``.
    time
        How the time column is read.
    positive, negative
        Label values that mean fraud and not fraud, compared without case. A label that is
        neither rejects its row; an empty label counts as not fraud unless ``negative`` is given
        without it.
    features
        Headers, or patterns with ``*``, of further numeric columns; they become ``x_<header>``.
    delimiter
        Column separator; ``None`` finds it in the header.

    Raises
    ------
    InputError
        If the mapping cannot describe transactions; the message names the key.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    time: TimeRule = field(default_factory=TimeRule)
    description: str = ""
    positive: tuple[str, ...] = POSITIVE
    negative: tuple[str, ...] = NEGATIVE
    features: tuple[str, ...] = ()
    delimiter: str | None = None

    def __post_init__(self) -> None:
        for name in (columns.TIME, columns.AMOUNT):
            if not self.columns.get(name):
                raise InputError(f"[columns] {name} is missing: name the file's column for it")
        if (columns.SENDER in self.columns) != (columns.RECEIVER in self.columns):
            raise InputError("[columns] sender and receiver go together: map both or neither")
        if not self.has_accounts and not self.features:
            raise InputError(
                "[columns] sender and receiver are missing; a file without accounts needs features"
            )
        if self.delimiter is not None and not re.fullmatch(
            r'[^"\r\n\0\x80-\U0010ffff]', self.delimiter
        ):
            raise InputError(f"delimiter {self.delimiter!r} must be one ASCII character, e.g. ';'")
        truth = [name for name in self.features if plain(name) in TRUTH_HEADERS]
        if truth:
            raise InputError(f"features: {truth[0]!r} gives the truth away; map it as label or not")

    @property
    def has_accounts(self) -> bool:
        """Whether rows name a sender and a receiver, so that a graph can be built."""
        return columns.SENDER in self.columns and columns.RECEIVER in self.columns


def plain(header: str) -> str:
    """Return a header without case, spaces, ``_`` and ``-``, for tolerant comparison."""
    return re.sub(r"[\s_-]", "", header).casefold()


def resolve(mapping: Mapping, header: Sequence[str]) -> dict[str, str]:
    """Find each canonical column, and each feature, in a header.

    Returns
    -------
    dict
        Canonical name, or ``x_<header>``, to the header that holds it. A column that the file
        lacks is not in it.
    """
    found: dict[str, str] = {}
    for canonical in MAPPABLE:
        source = _find(mapping.columns.get(canonical, ()), header)
        if source is not None:
            found[canonical] = source
    taken = set(found.values())
    for source in header:
        if source not in taken and _is_feature(mapping, source):
            prefixed = source.startswith(columns.EXTRA_PREFIX)
            found[source if prefixed else columns.EXTRA_PREFIX + source] = source
    return found


def without_absent_memo(mapping: Mapping, found: dict[str, str]) -> Mapping:
    """Return the mapping of a file, without the memo if the file has none.

    Built-in schemas name a memo that most files lack: what names a run without one stays as it is.
    """
    if columns.MEMO in found or columns.MEMO not in mapping.columns:
        return mapping
    kept = {name: source for name, source in mapping.columns.items() if name != columns.MEMO}
    return replace(mapping, columns=kept)


def missing(mapping: Mapping, found: dict[str, str]) -> list[str]:
    """List the required canonical columns that ``resolve`` did not find.

    A file without accounts must have its features: without them it is no transaction set.
    """
    lacking = [name for name in REQUIRED if name in mapping.columns and name not in found]
    has_feature = any(name.startswith(columns.EXTRA_PREFIX) for name in found)
    if not mapping.has_accounts and not has_feature:
        lacking.append(mapping.features[0])
    return lacking


def _find(alternatives: Sequence[str], header: Sequence[str]) -> str | None:
    for wanted in alternatives:
        if wanted in header:
            return wanted
    tolerant = {plain(name): name for name in reversed(header)}
    for wanted in alternatives:
        if plain(wanted) in tolerant:
            return tolerant[plain(wanted)]
    return None


def _is_feature(mapping: Mapping, source: str) -> bool:
    if plain(source) in TRUTH_HEADERS:
        return False
    name = source.casefold()
    return any(fnmatchcase(name, pattern.casefold()) for pattern in mapping.features)
