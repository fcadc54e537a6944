"""What is told in an order: the way of the money, and transfers one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.narrative.licences import forms
from engine.narrative.reading import Reading

_THEN = forms("afterwards consecutive followed later next subsequent subsequently successive then "
              "thereafter")  # fmt: skip
_BACK = forms("after before earlier following preceded")


def disordered(reading: Reading) -> Iterator[str]:
    """Yield what a sentence tells in another order than that of the money or of time."""
    named = tuple(one.name for one in reading.stated if one.kind == "account")
    for fact in reading.cited:
        if isinstance(fact.value, tuple) and not _tells_way(named, fact.value):
            yield f"the accounts of {fact.fact_id} do not stand in the order of the money"
    words = {one.text for one in reading.words}
    if words & _THEN and not words & _BACK:
        times = [
            str(facts[0].value)
            for token, facts in reading.valued()
            if token.kind in ("date", "moment") and len(facts) == 1
        ]
        if times != sorted(times):
            yield "what it tells in the order of time happened in another order"


def _tells_way(named: tuple[str, ...], way: tuple[str, ...]) -> bool:
    """Tell whether accounts are named along a way: once each, or each step with both its ends."""
    steps = tuple(name for step in pairwise(way) for name in step)
    return any(
        named[n : n + len(told)] == told
        for told in (way, steps)
        for n in range(len(named) - len(told) + 1)
    )
