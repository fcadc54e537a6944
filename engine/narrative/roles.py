"""Accounts in another role than theirs: a source as a collector, a sender as the receiver."""

from __future__ import annotations

from collections.abc import Iterator

from engine.narrative.counting import ROLES, singular
from engine.narrative.pairing import side_of
from engine.narrative.reading import Reading

#: The other side of a transaction's two.
_OTHER = {"lone.sender": "received", "lone.receiver": "sent"}


def miscast(reading: Reading) -> Iterator[str]:
    """Yield the accounts, and the numbers of accounts, to which a sentence gives another role."""
    yield from _of_roles(reading)
    yield from _of_sides(reading)


def _of_roles(reading: Reading) -> Iterator[str]:
    for token, facts in zip(reading.stated, reading.matches, strict=True):
        keys = {
            fact.key
            for fact in (*facts, *reading.cited)
            if fact in facts or fact.value == token.name
        }
        if token.kind == "account":
            keys |= {
                x.key
                for x in reading.cited
                if x.key.startswith("role.") and token.name in x.subjects
            }
        own = {key.split(".")[1] for key in keys if key.startswith(("member.", "role."))}
        if not own or any(not key.startswith(("member.", "role.")) for key in keys):
            continue
        words = reading.words_in(*reading.clause(token.start))
        roles = {ROLES[name] for one in words if (name := singular(one.text)) in ROLES}
        if roles and not roles & own:
            yield f"{token.text} has the role {', '.join(sorted(own))}"


def _of_sides(reading: Reading) -> Iterator[str]:
    if not any(fact.key == "lone.amount" for fact in reading.cited):
        return
    for fact in reading.cited:
        for token in reading.stated:
            is_it = fact.key in _OTHER and token.name == fact.value
            if is_it and side_of(token, reading.text) == _OTHER[fact.key]:
                yield f"{token.name} is the {fact.key.removeprefix('lone.')}"
