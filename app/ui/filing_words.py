"""A text's differences and findings as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.evidence import escape, sentence
from engine.filing.check import Finding
from engine.filing.difference import Piece
from engine.filing.recheck import Flag

_MOST = 30_000


def changes(pieces: Sequence[Piece]) -> str:
    """Write what differs: what was added green, what was removed red and struck through."""
    return "".join(_piece(one) for one in pieces)


def is_changed(pieces: Sequence[Piece]) -> bool:
    """Tell whether anything differs."""
    return any(one.kind != "same" for one in pieces)


def finding(one: Finding) -> str:
    """Say what a rule found, with where the rule comes from."""
    if one.is_met:
        mark = ":green[:material/check_circle:]"
    else:
        mark = ":red[:material/block:]" if one.is_must else ":orange[:material/warning:]"
    return f"{mark} {sentence(one.told)}"


def flag(one: Flag) -> str:
    """Say which sentence names what is in no fact."""
    why = "; ".join(escape(problem) for problem in one.problems)
    return f"- {escape(one.text)}  \n  :orange[{why}]"


def _piece(one: Piece) -> str:
    """Write a piece line by line: marks of Markdown end with their line."""
    return "\n\n".join(_marked(one.kind, line) for line in one.text.split("\n\n"))


def _marked(kind: str, text: str) -> str:
    shown = escape(text, _MOST)
    if not shown or kind == "same":
        return _with_blanks(text, shown)
    marked = f":green-background[{shown}]" if kind == "added" else f"~~:red[{shown}]~~"
    return _with_blanks(text, marked)


def _with_blanks(text: str, shown: str) -> str:
    """Keep the blanks round a piece, which part it from its neighbours."""
    before = " " * text[:1].isspace()
    after = " " * (text[-1:].isspace() and bool(text.strip()))
    return f"{before}{shown}{after}"
