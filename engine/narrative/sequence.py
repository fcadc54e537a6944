"""What is told in an order: the way of the money, and transfers one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.narrative.licences import forms
from engine.narrative.reading import Reading
from engine.narrative.tokens import Token

_THEN = forms("afterwards consecutive followed later next subsequent subsequently successive then "
              "thereafter")  # fmt: skip

_TURNED = re.compile(r"\b(?:earliest|first)\b[^·]*·.*\b(?:last|latest)\b")


def disordered(reading: Reading) -> Iterator[str]:
    """Yield what a sentence tells in another order than that of the money or of time."""
    named = tuple(one.name for one in reading.stated if one.kind == "account")
    for fact in reading.cited:
        if isinstance(fact.value, tuple) and not _tells_way(named, fact.value):
            yield f"the accounts of {fact.fact_id} do not stand in the order of the money"
        if fact.key == "path.share" and _TURNED.search(reading.plain):
            yield f"{fact.fact_id} is the latest transfer as a share of the earliest"
    times = [
        (token, str(facts[0].value))
        for token, facts in reading.valued()
        if token.kind in ("date", "moment") and len(facts) == 1
    ]
    if len(times) > 1 and not _is_in_order(reading, times):
        yield "what it tells in the order of time happened in another order"


def _is_in_order(reading: Reading, times: Sequence[tuple[Token, str]]) -> bool:
    values = [value for _, value in times]
    (first, _), (last, _) = times[0], times[-1]
    between = {one.text for one in reading.words_in(first.end, last.start)}
    lead = {one.text for one in reading.words_in(0, first.start)}
    if len(values) == 2 and ("after" in between) != ("before" in lead):
        return values[0] >= values[1]
    if ({"before", "after"} & (between | lead) or between & _THEN) and not {
        "earlier",
        "following",
        "preceded",
    } & (between | lead):
        return values == sorted(values)
    return True


def _tells_way(named: tuple[str, ...], way: tuple[str, ...]) -> bool:
    """Tell whether accounts are named along a way: once each, or each step with both its ends."""
    steps = tuple(name for step in pairwise(way) for name in step)
    return any(
        named[n : n + len(told)] == told
        for told in (way, steps)
        for n in range(len(named) - len(told) + 1)
    )
