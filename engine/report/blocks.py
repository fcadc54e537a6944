"""The blocks that a report is laid out of: plain data, whose words are all written already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from engine.report.figure_parts import Picture

#: A text, or a mapping with one of ``bold``, ``quiet``, ``mark``, ``facts``.
Run = str | Mapping[str, Any]
Cell = str | Sequence[Run] | Mapping[str, str]
Block = dict[str, Any]
#: Who vouches for a text: the program, a model whose text was verified, or a person.
Tone = Literal["program", "model", "person"]

_TONES: Mapping[Tone, tuple[str, str]] = {
    "program": ("#166534", "#f0fdf4"), "model": ("#1e40af", "#eff6ff"),
    "person": ("#93370d", "#fffaeb"),
}  # fmt: skip

_SMALL_ROWS, _SMALL_LETTERS = 8, 1_500


def title(words: str) -> Block:
    """Return the title of the report."""
    return {"kind": "title", "text": words}


def heading(words: str, level: int = 1) -> Block:
    """Return a heading."""
    return {"kind": "heading", "level": level, "text": words}


def paragraph(*runs: Run) -> Block:
    """Return a paragraph."""
    return {"kind": "text", "runs": list(runs)}


def quiet(words: str) -> Block:
    """Return a remark in small grey letters."""
    return paragraph({"quiet": words})


def bullets(items: Iterable[Sequence[Run]]) -> Block:
    """Return a list."""
    return {"kind": "list", "items": [list(item) for item in items]}


def badges(told: Iterable[tuple[str, Tone]]) -> Block:
    """Return words of standing in coloured frames, side by side."""
    shown = [
        {"text": words, "colour": colour, "fill": fill}
        for words, (colour, fill) in ((words, _TONES[tone]) for words, tone in told)
    ]
    return {"kind": "badges", "badges": shown}


def box(lines: Iterable[Sequence[Run]]) -> Block:
    """Return a box of a few lines that stays on one page."""
    return {"kind": "box", "lines": [list(line) for line in lines]}


def pairs(told: Iterable[tuple[str, str]]) -> Block:
    """Return names with their values, two pairs a row; those without a value are left out."""
    found = [pair for pair in told if pair[1]]
    return {"kind": "pairs", "pairs": [*found, ("", "")] if len(found) % 2 else found}


def column(words: str, width: float | None = None, *, right: bool = False) -> dict[str, Any]:
    """Return a column: as wide as its content, or a share of the rest."""
    return {"title": words, "width": width, "align": "right" if right else "left"}


def table(
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Sequence[Cell]],
    note: str = "",
    *,
    size: float = 8.0,
) -> Block:
    """Return a table whose head is repeated on each page, and a remark above it.

    Below the table, the remark might be alone on a page. A small table stays on one page.
    """
    told = [list(row) for row in rows]
    letters = sum(len(cell) for row in told for cell in row if isinstance(cell, str))
    is_small = len(told) <= _SMALL_ROWS and letters <= _SMALL_LETTERS
    return {
        "kind": "table", "columns": list(columns), "rows": told, "note": note, "size": size,
        "breaks": not is_small,
    }  # fmt: skip


def figure(
    picture: Picture, alt: str, caption: str, legend: Sequence[Mapping[str, str]] = ()
) -> Block:
    """Return a picture with what it shows in words, for who cannot see it."""
    return {
        "kind": "figure", "picture": asdict(picture), "alt": alt, "caption": caption,
        "legend": list(legend),
    }  # fmt: skip


def frames(pictures: Iterable[tuple[Picture, str]], alt: str, caption: str) -> Block:
    """Return small pictures side by side, each with its caption."""
    shown = [{"picture": asdict(one), "caption": words} for one, words in pictures]
    return {"kind": "frames", "frames": shown, "alt": alt, "caption": caption}
