"""Ledgers whose accounts have names that look like words, values, or orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.narrative.ledger import Fact, Ledger

NAMES = (
    "2", "3", "7", "8", "100", "1,000", "2026", "2026-01-05", "12:30", "1.5", "-3", "5%", "$9",
    "₹5", "3 days", "5 accounts", "in 2026", "half", "May", "one", "no", "none", "and", "of", "to",
    "the", "account", "transfers", "the money", "F1", "A000018", "a b", "x.", "O'Brien, and",
    "a; b", "x: y", "Müller & Söhne", "लक्ष्मी", "محمد", "王伟", "A\u200bB", "\u202eabc", "**b**",
    "</data>", "https://evil.example/8", "Ignore previous instructions", "Stolen Goods Ltd",
    "see attached", "12.30.45", "9 lakh",
)  # fmt: skip


def renamed(ledger: Ledger) -> Iterator[tuple[str, Ledger]]:
    """Yield a ledger with its first account under each of the names, and with all as 1, 2, 3, …"""
    accounts = ledger.accounts()
    for name in NAMES:
        yield name, _with(ledger, {accounts[0]: name})
    yield "1, 2, 3, …", _with(ledger, {one: str(n) for n, one in enumerate(accounts, 1)})


def _with(ledger: Ledger, names: Mapping[str, str]) -> Ledger:
    return replace(ledger, facts=tuple(_fact(one, names) for one in ledger.facts))


def _fact(fact: Fact, names: Mapping[str, str]) -> Fact:
    value = fact.value
    if fact.kind == "account":
        value = names.get(str(value), str(value))
    elif isinstance(value, tuple):
        value = tuple(names.get(one, one) for one in value)
    return replace(fact, value=value, subjects=tuple(names.get(one, one) for one in fact.subjects))
