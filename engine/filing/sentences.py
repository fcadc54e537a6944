"""The sentences of a text that somebody wrote, and the facts that each rests on."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from engine.narrative.draft import Sentence
from engine.narrative.verdict import Line, Narrative

#: A sentence ends before a blank that a new one follows: not within ``No. 5`` or ``e.g. this``.
_END = re.compile(r"(?<=[.!?।。؟])(?<!\bNo\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+(?=[^\sa-z])|\n+")

#: Two sentences this alike are one that was edited.
_ALIKE = 0.6


def split(text: str) -> tuple[str, ...]:
    """Split a text into its sentences."""
    return tuple(one.strip() for one in _END.split(text) if one and one.strip())


def with_facts(text: str, narrative: Narrative) -> tuple[Sentence, ...]:
    """Return the sentences of a text, each with the facts of the line that it was made from.

    A sentence that was written anew cites none.
    """
    lines = [line for part in narrative.parts for line in part.lines]
    known = {
        one: line.fact_ids for line in reversed(lines) for one in (*split(line.text), line.text)
    }
    return tuple(Sentence(one, known.get(one) or _closest(one, lines)) for one in split(text))


def _closest(sentence: str, lines: list[Line]) -> tuple[str, ...]:
    words, best = sentence.split(), _ALIKE
    found: tuple[str, ...] = ()
    for line in lines:
        matcher = SequenceMatcher(None, words, line.text.split(), autojunk=False)
        if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
            continue
        alike = matcher.ratio()
        if alike >= best:
            best, found = alike, line.fact_ids
    return found
