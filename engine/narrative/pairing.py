"""Whether values are said of the accounts that they belong to: not one account's of another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.narrative.ledger import Fact
from engine.narrative.matching import states
from engine.narrative.reading import CLAUSE
from engine.narrative.tokens import Token

#: What a receiver did with what it got: it sends, too.
_OF_THE_RECEIVER = frozenset({"trace.amount", "trace.passed", "trace.rest", "trace.wait"})
#: Words around an account that tell which side of a transfer it is on.
_TO = re.compile(r"\b(?:to|into)\s(?:the\s)?(?:accounts?\s)?$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:from|by)\s(?:the\s)?(?:accounts?\s)?$", re.IGNORECASE)
_TO_IT = re.compile(r"\b(?:received|got|obtained|collected)\sby\s(?:the\s)?(?:accounts?\s)?$", re.I)
_SENT = re.compile(r"\s(?:\w+ly\s)?(?:sent|paid|transferred|passed|moved|forwarded|sends|pays)\b")
_RECEIVED = re.compile(r"\s(?:\w+ly\s)?(?:received|got|obtained|collected|receives|was paid)\b")


def mispaired(
    text: str,
    stated: Sequence[Token],
    cited: Sequence[Fact],
    zone: str,
    matches: Sequence[Sequence[Fact]] | None = None,
) -> list[str]:
    """Return what is said of an account in a clause that names only others.

    A value of one account needs that account in its clause; that of a transfer needs both sides
    where the clause names two accounts, and the right way round. A clause that names none goes
    with those before it.

    Parameters
    ----------
    matches
        The facts that each of ``stated`` is the value of, where they are known.
    """
    accounts = [token for token in stated if token.kind == "account"]
    if not accounts or not any(len(fact.subjects) in (1, 2) for fact in cited):
        return []
    if matches is None:
        matches = [[fact for fact in cited if states(token, fact, zone)] for token in stated]
    bounds = [0, *(one.end() for one in CLAUSE.finditer(_without(accounts, text))), len(text)]
    found = []
    for token, facts in zip(stated, matches, strict=True):
        if not facts or any(len(fact.subjects) not in (1, 2) for fact in facts):
            continue
        start = max(one for one in bounds if one <= token.start)
        end = min((one for one in bounds if one > token.start), default=len(text))
        near = [one for one in accounts if start <= one.start < end]
        near = near or [one for one in accounts if one.start < token.start]
        if near and not any(_fits(fact, near, text) for fact in facts):
            names = ", ".join(sorted({one.name for one in near}))
            found.append(f"“{token.text}” is not of {names}, or not that way round")
    return found


def _without(accounts: Sequence[Token], text: str) -> str:
    """Blank accounts, which may begin with a digit as amounts do."""
    for one in accounts:
        text = f"{text[: one.start]}{'·' * (one.end - one.start)}{text[one.end :]}"
    return text


def _fits(fact: Fact, near: Sequence[Token], text: str) -> bool:
    names = {one.name for one in near}
    if len(fact.subjects) == 1 or len(names) == 1:
        return bool(names & set(fact.subjects))
    if not names.issuperset(fact.subjects):
        return False
    sender, receiver = fact.subjects
    if len(names) > 2 or sender == receiver:
        return True
    sides = {(one.name, side) for one in near if (side := side_of(one, text))}
    if fact.key in _OF_THE_RECEIVER:
        led = {(one.name, _led(one, text)) for one in near}
        return (sender, "received") not in sides and (receiver, "sent") not in led
    return (receiver, "sent") not in sides and (sender, "received") not in sides


def _led(account: Token, text: str) -> str:
    """Return which side the word before an account puts it on; empty if neither."""
    lead = text[max(0, account.start - 24) : account.start]
    return "received" if _TO.search(lead) else "sent" if _FROM.search(lead) else ""


def side_of(account: Token, text: str) -> str:
    """Return which side of a transfer the words around an account put it on; empty if neither."""
    lead = text[max(0, account.start - 24) : account.start]
    if _TO.search(lead) or _TO_IT.search(lead) or _RECEIVED.match(text, account.end):
        return "received"
    return "sent" if _FROM.search(lead) or _SENT.match(text, account.end) else ""
