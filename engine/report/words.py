"""Words of the reports: values of facts, names of typologies, what a term means."""

from __future__ import annotations

from collections.abc import Mapping

from engine import formats as fmt
from engine.formats import Style
from engine.narrative.ledger import Fact
from engine.report.coverage import name, printable

#: Most accounts of a path that are named.
_MOST_ON_PATH = 12

TOPICS = {
    "who": "Who", "what": "What", "when": "When", "where": "Where", "why": "Why", "how": "How",
    "counter": "For innocence", "method": "Method",
}  # fmt: skip

PARTS = {
    "introduction": "Introduction", "who": "Who", "what": "What", "when": "When",
    "where": "Where", "why": "Why", "how": "How", "counter": "What speaks for innocence",
    "unknown": "What is not known", "conclusion": "Conclusion",
}  # fmt: skip

#: What a typology is, and other terms; only those that a report uses are printed.
GLOSSARY: Mapping[str, str] = {
    "alert": "A work item: one ring, or one lone transaction, that the detectors found worth a "
    "look. It is no finding of guilt.",
    "ring": "Accounts that are joined by the transfers of one pattern within a period.",
    "score": "From 0 to 1: how strongly the evidence stands out in this run. It is computed by "
    "the program; no language model sets or changes it.",
    "source, mule, collector, exit": "Roles in a ring by the flow of money: who brings it in, who "
    "passes it on, who gathers it, where it leaves.",
    "pass-through": "What an account paid inside the ring, as a share of what it received there.",
    "first in, first out; proportional": "Two ways to tell which money a payment used: that which "
    "came first, or a share of all that lay on the account.",
    "fact": "A figure that code computed from the transactions, with an id such as F7. Each "
    "number, moment, and account of a verified sentence stands in the facts behind it.",
    "SHA-256": "A hash: a changed byte gives another one.",
}


def typology(code: str) -> str:
    """Write the name of a typology, e.g. ``Fan-in`` for ``fan_in``."""
    return code.replace("_", "-").capitalize() if code else "Lone transaction"


def sentence(note: object) -> str:
    """Write a note of a run: it begins with a capital and ends with a point."""
    shown = name(note, 600)
    return shown[:1].upper() + shown[1:] + ("" if shown.endswith((".", "…")) else ".")


def number(value: float | None) -> str:
    """Write a measured value in about four digits; whole ones without a point."""
    if value is None:
        return fmt.MISSING
    if float(value).is_integer() or abs(value) >= 1000:
        return fmt.count(value)
    return f"{value:.4g}"


def value_of(fact: Fact, style: Style) -> str:
    """Write the value of a fact."""
    value = fact.value
    if isinstance(value, tuple):
        shown = " → ".join(name(one) for one in value[:_MOST_ON_PATH])
        rest = len(value) - _MOST_ON_PATH
        return f"{shown} → {rest} more" if rest > 0 else shown
    if fact.kind == "amount":
        return fmt.minor_amount(int(value), fact.unit or None, style)
    if fact.kind == "count":
        return fmt.count(int(value), style)
    if fact.kind == "duration":
        return fmt.duration(int(value))
    if fact.kind == "share":
        return fmt.share(float(value))
    if fact.kind == "moment":
        return fmt.moment(value, style)
    return name(value) if fact.kind == "account" else printable(value)
