"""A narrative that somebody edited: which sentences are the draft's, and what no fact bears out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.filing.recheck import recheck
from engine.filing.sentences import split
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an edited text.

    Attributes
    ----------
    fact_ids
        Those that it cites, if it is a verified one of the draft, word for word; else empty.
    problems
        What in it stands in no fact.
    """

    text: str
    fact_ids: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def is_by_hand(self) -> bool:
        """Whether a person wrote it, or wrote in it."""
        return not self.fact_ids


def paragraphs(text: str, draft: Narrative, ledger: Ledger) -> tuple[tuple[Sentence, ...], ...]:
    """Return an edited text, each sentence held against the facts anew."""
    cited = cited_by(draft)
    flags = {flag.text: flag.problems for flag in recheck(text, draft, ledger)}
    return tuple(
        tuple(_sentence(one, cited, flags) for one in split(paragraph))
        for paragraph in text.split("\n")
        if paragraph.strip()
    )


def cited_by(draft: Narrative) -> dict[str, tuple[str, ...]]:
    """Return the sentences of a draft with the facts that each cites."""
    return {
        one: line.fact_ids
        for part in draft.parts
        for line in part.lines
        for one in split(line.text)
    }


def _sentence(
    text: str, cited: Mapping[str, tuple[str, ...]], flags: Mapping[str, tuple[str, ...]]
) -> Sentence:
    problems = flags.get(text, ())
    return Sentence(text, () if problems else cited.get(text, ()), problems)
