"""Numbers told of another thing than what they count: 8 transfers, where 8 are accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.narrative.ledger import Fact
from engine.narrative.lexicon import NOUNS
from engine.narrative.licences import forms
from engine.narrative.reading import Reading
from engine.narrative.tokens import Token

#: What is counted, under the names that it has.
_NAMES = {
    "account": "account counterparty counterpart customer destination exit hub intermediary member "
    "merchant mule originator participant party payee payer receiver recipient relay sender source "
    "collector",
    "transfer": "transfer payment transaction movement posting step hop leg debit deposit "
    "withdrawal",
    "day": "day date occasion",
    "alert": "alert case",
    "explanation": "explanation reading",
    "set": "set sample dataset",
    "row": "row record line entry",
    "ring": "ring network group",
}
#: The roles of a ring, under the names that they have.
ROLES = {
    "source": "source", "origin": "source", "originator": "source", "mule": "mule",
    "intermediary": "mule", "hub": "hub", "collector": "collector", "exit": "exit",
}  # fmt: skip
_CLASSES = {noun: name for name, nouns in _NAMES.items() for noun in nouns.split()}
#: Between a number and what it counts stand no such words.
_STOPS = forms(
    "of in to from and or with that which were was is are for by on at moved had have who sent "
    "received paid made over within during"
)
_NEAR = 4


def miscounted(reading: Reading) -> Iterator[str]:
    """Yield the numbers that a sentence gives to what they do not count."""
    for token, facts in reading.valued():
        if token.kind != "number" or any(fact.kind not in ("count", "score") for fact in facts):
            continue
        noun = _noun_after(reading, token)
        if noun and not any(_counts(fact, noun) for fact in facts):
            yield f"“{token.text}” is no number of {noun}"


def _noun_after(reading: Reading, token: Token) -> str | None:
    _, end = reading.clause(token.start)
    for word in reading.words_in(token.end, min(end, token.end + 48))[:_NEAR]:
        if word.text in _STOPS or "·" in reading.plain[token.end : word.start]:
            return None
        single = singular(word.text)
        if single in _CLASSES or (single in NOUNS and single != word.text):
            return word.text
    return None


def _counts(fact: Fact, noun: str) -> bool:
    """Tell whether a fact counts such things: those of the first noun of its label."""
    if singular(noun) in ROLES and fact.key.startswith("role."):
        return fact.key.split(".")[1] == ROLES[singular(noun)]
    of = _class(noun)
    if of is not None:
        return of in _first_class(fact.label)
    return noun == "times" or noun in re.findall(r"[a-z]+", fact.label.lower())


def _class(noun: str) -> str | None:
    return _CLASSES.get(singular(noun))


@lru_cache(maxsize=2048)
def _first_class(label: str) -> tuple[str, ...]:
    of = (_class(word) for word in re.findall(r"[a-z]+", label.lower()))
    return tuple(one for one in of if one)[:1]


@lru_cache(maxsize=8192)
def singular(word: str) -> str:
    if word == "people":
        return "person"
    if word.endswith("ies"):
        return f"{word.removesuffix('ies')}y"
    return word.removesuffix("s")
