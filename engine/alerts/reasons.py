"""Reasons: why something alerted, in an analyst's words, with the transactions behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

#: A reason points to at most this many transactions; the ring's table holds them all.
MAX_TX_IDS = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of evidence.

    Attributes
    ----------
    code
        Stable name of the reason.
    text
        The reason in words.
    value, threshold
        What was measured and what it was compared with, in the units the text names.
    tx_ids
        Transactions that show it, at most ``MAX_TX_IDS``.
    """

    code: str
    text: str
    value: float | None = None
    threshold: float | None = None
    tx_ids: tuple[int, ...] = ()


def to_json(reasons: Sequence[Reason]) -> str:
    """Write reasons as the JSON list of the alerts table."""
    return json.dumps(
        [
            {
                "code": reason.code,
                "text": reason.text,
                "value": reason.value,
                "threshold": reason.threshold,
                "tx_ids": reason.tx_ids,
            }
            for reason in reasons
        ]
    )


def within(hours: float) -> str:
    """Say in how long: ``at the same time``, ``within 45 minutes``, ``within 10 days``."""
    if hours == 0:
        return "at the same time"
    if hours < 1:
        return f"within {_counted(max(round(hours * 60), 1), 'minute')}"
    if hours < 72:
        return f"within {_counted(round(hours), 'hour')}"
    return f"within {_counted(round(hours / 24), 'day')}"


def amount_in_words(amount: float) -> str:
    """Write an amount with grouped digits and two decimals, without a currency sign."""
    return f"{amount:,.2f}"


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}" + ("" if number == 1 else "s")


#: Feature name -> what it says, for TreeSHAP reasons. ``{v}`` is the value of the row.
FEATURE_TEXTS: dict[str, str] = {
    "amount": "the amount {v:,.2f}",
    "log_amount": "the size of the amount",
    "is_round": "whether the amount is a multiple of 1,000",
    "hour": "the hour of the day, {v:.0f}:00",
    "weekday": "the day of the week",
    "type_code": "the type of the transaction",
    "sender_balance_before": "the sender's balance before, {v:,.2f}",
    "sender_balance_left": "what would be left on the sender's account, {v:,.2f}",
    "empties_sender": "whether it empties the sender's account",
    "amount_to_sender_balance": "the amount as a share of the sender's balance, {v:.2f}",
    "receiver_balance_before": "the receiver's balance before, {v:,.2f}",
    "pair_n": "earlier transactions between the two, {v:,.0f}",
    "sender_gap_hours": "time since the sender's last payment, {v:,.0f} h",
    "receiver_gap_hours": "time since the receiver was last paid, {v:,.0f} h",
    "sender_counterparties": "accounts the sender paid before, {v:,.0f}",
    "receiver_counterparties": "accounts that paid the receiver before, {v:,.0f}",
    "amount_to_sender_mean": "the amount against the sender's usual payment, {v:.1f} times",
    "amount_to_receiver_mean": "the amount against the receiver's usual income, {v:.1f} times",
}
_SIDES = {
    "sender_out": "sent by the sender",
    "sender_in": "received by the sender",
    "receiver_in": "received by the receiver",
    "receiver_out": "sent by the receiver",
}
#: A value of -1 says that there is nothing to compare with.
_ABSENT = {
    "sender_gap_hours": "the sender has not paid before",
    "receiver_gap_hours": "the receiver was not paid before",
    "amount_to_sender_mean": "the sender has not paid before",
    "amount_to_receiver_mean": "the receiver was not paid before",
    "amount_to_sender_balance": "the sender's balance was zero or is not known",
    "sender_balance_before": "the sender's balance is not known",
    "sender_balance_left": "the sender's balance is not known",
    "receiver_balance_before": "the receiver's balance is not known",
}


def describe_feature(name: str, value: float) -> str:
    """Put a feature and its value into words."""
    if value == -1 and name in _ABSENT:
        return _ABSENT[name]
    if name in FEATURE_TEXTS:
        return FEATURE_TEXTS[name].format(v=value)
    for side, words in _SIDES.items():
        for kind, what in (("n", "transactions"), ("sum", "amount")):
            prefix = f"{side}_{kind}_"
            if name.startswith(prefix):
                window = name.removeprefix(prefix)
                period = "before" if window == "all" else f"in the {window[:-1]} h before"
                shown = f"{value:,.0f}" if kind == "n" else amount_in_words(value)
                return f"{what} {words} {period}, {shown}"
    return f"{name.removeprefix('x_')} = {value:.3g}"
