"""Which characters the fonts of the reports have: any other is written by its number."""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from pathlib import Path

from engine.plain_text import MOST_UNBROKEN, by_number, one_line

FONTS = Path(__file__).parents[2] / "assets" / "fonts"

#: Where a long word may be broken: without a place to break it would run out of its column.
_BREAK = "\u200b"
#: Left-to-right mark: without it what stands behind an Arabic or Hebrew name, be it an amount or
#: the next name of a list, goes to its other side.
LEFT = "\u200e"
_MOST_IN_ONE, _PIECE = 18, 6
#: Words from right to left that belong together: a name, with numbers only between its words.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"
    "(?:[ \\d.'/-]+[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+)*"
)
#: What joins letters is no sign of its own.
_JOINERS = frozenset({0x200C, 0x200D, 0x0A, 0x20})


def printable(value: object, most: int = 600) -> str:
    """Return text of the data in one line of signs that are seen, at most so many."""
    return _known(one_line(str(value), most))


def name(value: object, most: int = MOST_UNBROKEN // 2) -> str:
    """Return a name of the data as :func:`printable`, with places where a long one may break."""
    shown = printable(value, most)
    return " ".join(map(_breakable, shown.split(" ")))


def _breakable(word: str) -> str:
    if len(word) <= _MOST_IN_ONE or not word.isascii():
        return word
    return _BREAK.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))


def _known(text: str) -> str:
    if text.isascii():
        return text
    have = _codes()
    known = "".join(
        sign if ord(sign) in have or ord(sign) in _JOINERS else by_number(sign) for sign in text
    )
    return _RIGHT_TO_LEFT.sub(rf"\g<0>{LEFT}", known)


@lru_cache(maxsize=1)
def _codes() -> frozenset[int]:
    found: set[int] = set()
    for path in sorted(FONTS.glob("*.[ot]tf")):
        found |= codes_of(path.read_bytes())
    return frozenset(found)


def codes_of(font: bytes) -> set[int]:
    """Return the code points that a font maps to glyphs.

    References
    ----------
    OpenType 1.9, "cmap - Character to Glyph Index Mapping Table", formats 4 and 12.
    """
    (n_tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4s3I", font, 12 + 16 * i) for i in range(n_tables))
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (n_subtables,) = struct.unpack_from(">H", font, cmap + 2)
    found: set[int] = set()
    for i in range(n_subtables):
        (at,) = struct.unpack_from(">I", font, cmap + 4 + 8 * i + 4)
        found |= _subtable(font, cmap + at)
    return found - {0xFFFF}


def _subtable(font: bytes, at: int) -> set[int]:
    (kind,) = struct.unpack_from(">H", font, at)
    if kind == 12:
        (n_groups,) = struct.unpack_from(">I", font, at + 12)
        groups = struct.iter_unpack(">3I", font[at + 16 : at + 16 + 12 * n_groups])
        return {code for first, last, _ in groups for code in range(first, last + 1)}
    if kind != 4:
        return set()
    n = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends = struct.unpack_from(f">{n}H", font, at + 14)
    starts = struct.unpack_from(f">{n}H", font, at + 16 + 2 * n)
    return {c for first, last in zip(starts, ends, strict=True) for c in range(first, last + 1)}
