"""A text that somebody edited, held against the facts: what stands in none is flagged."""

from __future__ import annotations

from dataclasses import dataclass

from engine.filing.sentences import with_facts
from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative


@dataclass(frozen=True, slots=True)
class Flag:
    """A sentence with what the facts do not bear out; a person may know better."""

    text: str
    problems: tuple[str, ...]


def recheck(text: str, narrative: Narrative, ledger: Ledger) -> tuple[Flag, ...]:
    """Return the sentences that name what is in no fact, in order.

    An edited sentence is held against the facts of the one that it was made from, and where these
    do not bear it out, as one that was written anew, against all of them.
    """
    sentences = with_facts(text, narrative)
    every = tuple(fact.fact_id for fact in ledger.facts)
    first = _problems(
        tuple(s if s.fact_ids else Sentence(s.text, every) for s in sentences), ledger
    )
    left = [one for one, problems in zip(sentences, first, strict=True) if problems]
    second = _problems(tuple(Sentence(one.text, every) for one in left), ledger)
    return tuple(
        Flag(one.text, problems) for one, problems in zip(left, second, strict=True) if problems
    )


def _problems(sentences: tuple[Sentence, ...], ledger: Ledger) -> list[tuple[str, ...]]:
    from engine.narrative.verify import verify

    if not sentences:
        return []
    checked = verify(Draft((Section("what", sentences),)), ledger)
    return [one.problems for one in checked]
