"""What a feature adds to a risk, put into words: which way, how much, and what was seen."""

from __future__ import annotations

import math
from typing import Any

from engine.alerts.reasons import describe_feature
from engine.amounts import ROUND_MULTIPLE

#: From this change of the log-odds on it is called so; e to the 2 is about seven times the odds.
_STRENGTHS = ((2.0, "strongly"), (0.5, "clearly"), (0.1, "slightly"))
_LEAST = "hardly"

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def strength(contribution: float) -> str:
    """Say how much a contribution to the log-odds is, whichever way it goes."""
    size = abs(contribution)
    return next((word for least, word in _STRENGTHS if size >= least), _LEAST)


def effect(contribution: float) -> str:
    """Say which way and how much, e.g. ``raises the risk strongly (odds × 24)``.

    Parameters
    ----------
    contribution
        To the log-odds: adding ``c`` multiplies the odds by ``exp(c)``.
    """
    way, sign = ("raises", "×") if contribution > 0 else ("lowers", "÷")
    factor = math.exp(min(abs(contribution), 50.0))
    shown = f"{factor:.2f}" if factor < 2 else f"{factor:.1f}" if factor < 10 else f"{factor:,.0f}"
    return f"{way} the risk {strength(contribution)} (odds {sign} {shown})"


def feature_in_words(name: str, value: float, row: dict[str, Any]) -> str:
    """Say what a feature of a transaction shows.

    Parameters
    ----------
    row
        The transaction, for what the number alone does not tell: the name of its type.
    """
    if name == "type_code":
        kind = row.get("type")
        return f"the type of the transaction, {kind}" if isinstance(kind, str) else "no known type"
    if name == "weekday" and 0 <= value < len(WEEKDAYS):
        return f"the day of the week, {WEEKDAYS[int(value)]}"
    if name == "is_round":
        return f"the amount is {'' if value else 'not '}a multiple of {ROUND_MULTIPLE:,}"
    if name == "empties_sender":
        empties = "empties" if value else "does not empty"
        return f"it {empties} the sender's account to the last unit"
    return describe_feature(name, value)


def named(name: str) -> str:
    """Name a feature without a value, e.g. ``amount sent by the sender in the 24 h before``."""
    if name in _NAMES:
        return _NAMES[name]
    said = describe_feature(name, 0.0)
    return said.rpartition(", ")[0] or said.partition(" = ")[0].replace("_", " ")


def title(name: str) -> str:
    """Name a feature without a value, as a title."""
    text = named(name)
    return text[:1].upper() + text[1:]


_NAMES = {
    "amount": "the amount",
    "type_code": "the type of the transaction",
    "weekday": "the day of the week",
    "is_round": f"whether the amount is a multiple of {ROUND_MULTIPLE:,}",
    "empties_sender": "whether it empties the sender's account",
}
