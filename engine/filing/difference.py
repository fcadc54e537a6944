"""What somebody changed in a draft: sentence by sentence, and within them word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_SENTENCES = re.compile(r".*?(?:[.!?।。؟]+\s+|\n+|$)", re.DOTALL)
_WORDS = re.compile(r"\S+|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that both have, or one of them."""

    kind: Literal["same", "added", "removed"]
    text: str


def difference(draft: str, text: str) -> tuple[Piece, ...]:
    """Tell what differs; without the added pieces it is the draft, without the removed the text."""
    return tuple(_joined(_pieces(_SENTENCES.findall(draft), _SENTENCES.findall(text), deeper=True)))


def _pieces(old: Sequence[str], new: Sequence[str], *, deeper: bool) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, from_, to in matcher.get_opcodes():
        before, after = "".join(old[start:end]), "".join(new[from_:to])
        if kind == "equal":
            yield Piece("same", before)
        elif kind == "replace" and deeper:
            yield from _pieces(_WORDS.findall(before), _WORDS.findall(after), deeper=False)
        else:
            yield Piece("removed", before)
            yield Piece("added", after)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for one in pieces:
        if not one.text:
            continue
        if last is not None and last.kind == one.kind:
            last = Piece(one.kind, last.text + one.text)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
