"""Telling the records in a block of CSV text from the lines that are none.

A good record never depends on the garbage around it: a line with an odd number of quotes is
joined with the lines after it (a value may hold line ends) only until the first line that is a
record of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.intake.lines import Ints, Layout, Lines, split_lines

#: Lines that may follow the first line of a record.
JOIN_LINES = 10


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a block.

    Attributes
    ----------
    text
        The good records, ready for a CSV parser.
    rows
        Position in the input of each good record, ``(n_good,)``.
    starts, stops
        Where each good record lies in the block, its line end included.
    rejects
        ``(row, reason, raw)`` of each line that is no record.
    n_rows
        Good records and rejects.
    consumed
        Bytes of the block dealt with; the rest belongs to the next block.
    has_joined
        Whether some record spans several lines.
    """

    block: bytes
    text: bytes
    rows: Ints
    starts: Ints
    stops: Ints
    rejects: list[tuple[int, str, str]]
    n_rows: int
    consumed: int
    has_joined: bool

    def raw(self, index: int) -> str:
        """Return the text of a good record as given."""
        return shown(self.block[self.starts[index] : self.stops[index]])


def find_records(block: bytes, layout: Layout, first_row: int, at_end: bool) -> Records:
    """Find the records in a block of decompressed CSV text.

    Parameters
    ----------
    block
        Text that starts at the start of a line.
    layout
        Delimiter, number of columns, and header of the file.
    first_row
        Position in the input of the first record of the block.
    at_end
        Whether the file ends with this block; if not, an incomplete record is left over.

    Notes
    -----
    Only lines that are no record on their own cost Python time.
    """
    lines = split_lines(block, layout, at_end)
    settled, faults, has_joined = _settle(lines, at_end)
    is_row = lines.is_row[:settled]
    positions = first_row + np.cumsum(is_row) - 1
    good = np.flatnonzero(lines.good[:settled])
    starts, stops = lines.starts[good], lines.stops[good]
    return Records(
        block=block,
        text=_cut_out(block, starts, stops),
        rows=positions[good],
        starts=starts,
        stops=stops,
        rejects=[(int(positions[i]), reason, shown(lines.text(i))) for i, reason in faults],
        n_rows=int(is_row.sum()),
        consumed=int(lines.stops[settled - 1]) if settled else 0,
        has_joined=has_joined,
    )


def shown(raw: bytes) -> str:
    r"""Return bytes as text without the line end; a byte that is not UTF-8 as ``\xff``."""
    return raw.rstrip(b"\r\n").decode("utf-8", errors="backslashreplace")


def _settle(lines: Lines, at_end: bool) -> tuple[int, list[tuple[int, str]], bool]:
    """Join or reject every line that is no record.

    Returns the number of lines dealt with, the rejected ones with their reasons, and whether
    lines were joined.
    """
    faults: list[tuple[int, str]] = []
    resume = 0
    for i in np.flatnonzero(lines.is_row & ~lines.good).tolist():
        if i < resume:
            continue
        if lines.odd[i] and not lines.flawed[i]:
            last = _closing_line(lines, i)
            if last is not None:
                _join(lines, i, last)
                resume = last + 1
                continue
            following = lines.good[i + 1 : i + 1 + JOIN_LINES]
            if not at_end and len(following) < JOIN_LINES and not following.any():
                return i, faults, resume > 0
        reason = _reason(lines, i, is_last=at_end and i == len(lines) - 1)
        if reason is None:
            lines.is_row[i] = False
        else:
            faults.append((i, reason))
    return len(lines), faults, resume > 0


def _closing_line(lines: Lines, first: int) -> int | None:
    """Find the line that completes the record begun on ``first``, if there is one."""
    pattern = _record_pattern(lines.layout.delimiter, lines.layout.columns)
    for last in range(first + 1, min(first + JOIN_LINES + 1, len(lines))):
        if lines.good[last] or lines.flawed[last]:
            return None
        if lines.odd[last] and pattern.fullmatch(lines.text(first, last)):
            return last
    return None


def _join(lines: Lines, first: int, last: int) -> None:
    lines.good[first] = True
    lines.ends[first], lines.stops[first] = lines.ends[last], lines.stops[last]
    lines.is_row[first + 1 : last + 1] = False


def _reason(lines: Lines, i: int, is_last: bool) -> str | None:
    """Say why a line is no record; ``None`` for one that is blank."""
    text = lines.text(i)
    if not text.strip(b" "):
        return None
    if lines.flawed[i]:
        return _flaw(text, lines.layout)
    if lines.odd[i]:
        return "unbalanced quotes"
    if lines.stray[i]:
        return "stray quote inside a field"
    found, expected = int(lines.delimiters[i]) + 1, lines.layout.columns
    if is_last and found < expected and lines.stops[i] == lines.ends[i]:
        return f"last line is cut off: found {found} columns, expected {expected}"
    return f"wrong number of columns: found {found}, expected {expected}"


def _flaw(text: bytes, layout: Layout) -> str:
    if text == layout.header_line:
        return "header repeated"
    if b"\0" in text:
        return "NUL byte"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte {text[error.start]:#04x} at position {error.start + 1}"
    return "stray carriage return"


@cache
def _record_pattern(delimiter: str, columns: int) -> re.Pattern[bytes]:
    mark = re.escape(delimiter.encode())
    value = rb'(?:"(?:[^"]|"")*"|[^"\r\n' + mark + rb"]*)"
    return re.compile(value + rb"(?:" + mark + value + rb"){%d}" % (columns - 1))


def _cut_out(block: bytes, starts: Ints, stops: Ints) -> bytes:
    """Cut the records out of the block, in as few pieces as possible."""
    if not len(starts):
        return b""
    gaps = np.flatnonzero(stops[:-1] != starts[1:])
    first = starts[np.concatenate(([0], gaps + 1))]
    last = stops[np.concatenate((gaps, [len(stops) - 1]))]
    if len(first) == 1 and first[0] == 0 and last[0] == len(block):
        return block
    view = memoryview(block)
    return b"".join([view[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)])
