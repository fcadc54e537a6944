"""Sentences with one digit changed: none of them may pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Ledger
from engine.narrative.verify import verify


def mutants(sentence: Sentence, turn: int = 0) -> Iterator[Sentence]:
    """Yield a sentence with each of its digits changed once, to one that ``turn`` chooses."""
    for place, letter in enumerate(sentence.text):
        if letter.isdecimal():
            other = str((int(letter) + 1 + (place + turn) % 9) % 10)
            yield Sentence(
                f"{sentence.text[:place]}{other}{sentence.text[place + 1 :]}", sentence.fact_ids
            )


def missed(sentences: Sequence[Sentence], ledger: Ledger, turn: int = 0) -> tuple[int, list[str]]:
    """Count the changed sentences, and return those that are verified all the same."""
    changed = tuple(new for one in sentences for new in mutants(one, turn))
    checked = verify(Draft((Section("what", changed),)), ledger)
    return len(changed), [one.sentence.text for one in checked if one.is_verified]
