"""Words in pairs of opposites: the largest and the smallest, the first and the last, in and out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from engine.narrative.ledger import Fact
from engine.narrative.licences import FIRST, LARGEST, LAST, SMALLEST, forms, is_one_of
from engine.narrative.pairing import side_of
from engine.narrative.reading import Reading
from engine.narrative.tokens import Token

#: Of a pair: which facts are of its one side and of the other, and the words for them.
_PAIRS = (
    (r"^ring\.largest$", r"^ring\.smallest$", forms(LARGEST), forms(SMALLEST)),
    (r"^ring\.median$", r"^ring\.(?:largest|smallest)$",
     forms("average median middle midpoint typical"), forms(f"{LARGEST} {SMALLEST}")),
    (r"^(?:ring\.start|history\.first)$", r"^ring\.end$", forms(FIRST), forms(LAST)),
    (r"^balance\.\w+_before$", r"^balance\.\w+_after$",
     forms("before previously beforehand"), forms("after afterwards thereafter")),
    (r"^account\.(?:in|out)_|^ring\.(?:amount|transfers|accounts)$",
     r"^history\.(?:in|out)_amount$|^history\.counterparties$|^run\.|^(?:sender|receiver)\.",
     forms("inside within internal"), forms("overall whole data dataset records history entire")),
    (r"^trace\.passed$|passed[._]share$", r"^trace\.rest$",
     forms("passed forwarded further onward onwards sent went left"),
     forms("stayed stay stays remained remain remains kept retained rested rest")),
    (r"^outside\.in_", r"^outside\.out_", forms("arrive came come incoming inflow"),
     forms("go leave left outflow outgoing went")),
    (r"^account\.in_|^history\.in_|^(?:sender|receiver)\.in_",
     r"^account\.out_|^history\.out_|^(?:sender|receiver)\.out_",
     forms("received receive receives got obtained collected incoming inflow receipts takings"),
     forms("sent send sends paid pays transferred passed forwarded handed gave outgoing outflow")),
)  # fmt: skip
_SIDES = tuple((re.compile(one), re.compile(other)) for one, other, _, _ in _PAIRS)
_MOMENTS, _BALANCES, _OUTSIDE, _AMOUNTS_OF_ONE = 2, 3, 6, 7
_FROM = re.compile(r"\b(?:from|since)\s(?:the\s|on\s|at\s)*$")
_UNTIL = re.compile(r"\b(?:to|until|till)\s(?:the\s|on\s|at\s)*$")

_FROM_ONE = re.compile(r"\bfrom (?!the ring\b|it\b|them\b)")
_TO_ONE = re.compile(r"\b(?:in)?to (?!the ring\b|it\b|them\b)")
_SENDER, _RECEIVER = forms("payer sender"), forms("payee receiver recipient")
_OF_THE_SENDER = re.compile(r"^(?:balance\.sender_|sender\.)")
_OF_THE_RECEIVER = re.compile(r"^(?:balance\.receiver_|receiver\.)")
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|being)\s(?:\w+ly\s)?(?:paid|sent)\b|\bby\b")
_AT_HAND = re.compile(r"\s(?:for|as|at)\sthe\s")
_UP = forms("rise rose increase grow grew gain")
_DOWN = forms("fall fell decrease drop sink")


def contrary(reading: Reading) -> list[str]:
    """Return the values that a sentence puts on the wrong side."""
    found = []
    for token, facts in reading.valued():
        for n in range(len(_SIDES)):
            side = _side(facts, n)
            if side is not None and _is_contrary(reading, token, facts, n, side):
                found.append(f"“{token.text}” is what a cited fact says of the opposite")
    return [*found, *_grown(reading), *_of_ends(reading)]


def _side(facts: Sequence[Fact], pair: int) -> int | None:
    """Return the side of a pair that all of some facts are of."""
    sides = {_sides_of(fact.key)[pair] for fact in facts}
    return sides.pop() if len(sides) == 1 else None


@lru_cache(maxsize=2048)
def _sides_of(key: str) -> tuple[int | None, ...]:
    return tuple(
        0 if one.search(key) else 1 if other.search(key) else None for one, other in _SIDES
    )


def _is_contrary(
    reading: Reading, token: Token, facts: Sequence[Fact], pair: int, side: int
) -> bool:
    start, end = reading.clause(token.start)
    named = [one for one in reading.stated if one.kind == "account" and start <= one.start < end]
    if pair == _AMOUNTS_OF_ONE and named:
        about = {name for fact in facts for name in fact.subjects}
        sides = {side_of(one, reading.text) for one in named if one.name in about}
        return sides == {("sent", "received")[side]}
    if pair in (_MOMENTS, _BALANCES):
        lead = reading.plain[max(0, token.start - 16) : token.start]
        if (_UNTIL if side == 0 else _FROM).search(lead):
            return _nearest(reading, (start, end), token, _PAIRS[pair][2:]) != side
    if pair == _AMOUNTS_OF_ONE and _PASSIVE.search(reading.plain, start, end):
        return False
    if pair == _OUTSIDE and _leads_elsewhere(reading.plain[start:end], side):
        return True
    return _nearest(reading, (start, end), token, _PAIRS[pair][2:]) == 1 - side


def _nearest(
    reading: Reading, clause: tuple[int, int], token: Token, of: Sequence[frozenset[str]]
) -> int | None:
    """Return the side of the word nearest to a value; ``for the largest`` behind it is at hand."""
    told = [
        (
            0
            if _AT_HAND.fullmatch(reading.plain, token.end, word.start)
            else max(word.start - token.end, token.start - word.end),
            side,
        )
        for word in reading.words_in(*clause)
        if (side := _of_side(word.text, *of)) is not None
    ]
    return min(told)[1] if told else None


def _leads_elsewhere(clause: str, side: int) -> bool:
    """Tell whether the only preposition leads out of the ring where money came in, or in."""
    comes, goes = bool(_FROM_ONE.search(clause)), bool(_TO_ONE.search(clause))
    return (goes and not comes) if side == 0 else (comes and not goes)


def _of_ends(reading: Reading) -> Iterator[str]:
    """Find what the sender had or did that is told of the receiver alone, and the other way."""
    words = {one.text for one in reading.words}
    for fact in reading.cited:
        own, other = _SENDER, _RECEIVER
        if _OF_THE_RECEIVER.search(fact.key):
            own, other = _RECEIVER, _SENDER
        elif not _OF_THE_SENDER.search(fact.key):
            continue
        if words & other and not words & own:
            yield f"{fact.fact_id} is about the other side of the transaction"


def _grown(reading: Reading) -> Iterator[str]:
    """Find balances that are said to rise and fell, or to fall and rose."""
    of = {fact.key: fact.value for fact in reading.cited if fact.key.startswith("balance.")}
    words = [one.text for one in reading.words]
    for end in ("sender", "receiver"):
        before, after = of.get(f"balance.{end}_before"), of.get(f"balance.{end}_after")
        if not isinstance(before, int) or not isinstance(after, int):
            continue
        is_up, is_down = (any(is_one_of(one, of) for one in words) for of in (_UP, _DOWN))
        if (is_up and not is_down and after < before) or (is_down and not is_up and after > before):
            yield "the balance went the other way"


@lru_cache(maxsize=8192)
def _of_side(word: str, one: frozenset[str], other: frozenset[str]) -> int | None:
    if is_one_of(word, one):
        return 0
    return 1 if is_one_of(word, other) else None
