"""A draft: sentences that cite facts, as a template or a language model wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What a part of a narrative is for. ``counter`` tells what speaks for innocence, ``unknown`` what
#: is not known.
Role = Literal[
    "introduction", "who", "what", "when", "where", "why", "how", "counter", "unknown", "conclusion"
]

Band = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the facts that it rests on."""

    text: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences of one role, in order."""

    role: Role
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What a model would do, which is shown beside the score and never changes it."""

    band: Band
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A narrative that nobody has checked; a template gives no advice."""

    sections: tuple[Section, ...]
    advice: Advice | None = None

    def sentences(self) -> tuple[Sentence, ...]:
        """Return all sentences of all sections, in order."""
        return tuple(one for section in self.sections for one in section.sentences)
