"""What was inside the ring, and what was in the whole data: neither is told as the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.narrative.licences import forms
from engine.narrative.reading import Reading

_OF_THE_DATA = re.compile(r"^history\.(?:in|out)_amount$|^history\.counterparties$")
_OF_AN_END = re.compile(r"^(?:sender|receiver)\.")
_IN_ONE = re.compile(r"\b(?:in|by|with) (?:the|this|that) (?:transaction|transfer|payment)\b")
_WHOLE = re.compile(
    r"\b(?:(?:whole|entire|all (?:the|its)) (?:data|period|history)|overall(?!,))\b"
)
_COVERS_ALL = re.compile(r"^history\.|^run\.|^(?:sender|receiver)\.|^chance\.")
_AS_WHOLE = forms(
    "all altogether data dataset ever entire historically history overall record recorded records "
    "total whole"
)
_OF_THE_RING = re.compile(r"\b(?:the ring's|of the ring's) (?:money|total)\b")


def stretched(reading: Reading) -> Iterator[str]:
    """Yield what a sentence says of another period than that of the facts."""
    keys = [fact.key for fact in reading.cited]
    said = _WHOLE.search(reading.plain)
    if said and not any(_COVERS_ALL.search(key) for key in keys):
        yield f"no cited fact is about “{said[0]}”"
    words = {one.text for one in reading.words}
    for fact in reading.cited:
        if (
            (_OF_THE_DATA.search(fact.key) and not words & _AS_WHOLE)
            or (fact.key.startswith("history.") and _OF_THE_RING.search(reading.plain))
            or (_OF_AN_END.search(fact.key) and _IN_ONE.search(reading.plain))
        ):
            yield f"{fact.fact_id} is about the whole data, and the sentence does not say so"
