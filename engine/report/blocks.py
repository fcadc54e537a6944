"""The blocks that a report is laid out of: plain data, whose words are all written already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from engine.report.figure import Picture

#: A text, or a mapping with one of ``bold``, ``quiet``, ``facts``.
Run = str | Mapping[str, Any]
Cell = str | Sequence[Run] | Mapping[str, str]
Block = dict[str, Any]


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


def badge(words: str, *, good: bool) -> Block:
    """Return a word of standing in a coloured frame."""
    colour, fill = ("#166534", "#f0fdf4") if good else ("#1e40af", "#eff6ff")
    return {"kind": "badge", "text": words, "colour": colour, "fill": fill}


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
    """Return a table whose head is repeated on each page, and a remark below it."""
    told = [list(row) for row in rows]
    return {
        "kind": "table", "columns": list(columns), "rows": told, "note": note, "size": size,
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
