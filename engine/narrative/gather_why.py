"""Facts about why it alerted, what speaks for innocence, and what is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.alerts import suspicious_text
from engine.alerts.reasons import describe_feature
from engine.narrative.gather_book import Book, decimal, minor
from engine.narrative.words import CHECKS, COUNTED_CHECKS
from engine.query.alert_detail import AlertDetail, Reason
from engine.query.ring_detail import RingDetail

#: Beyond this surprise a figure would only pretend to be exact.
_BEYOND_COUNTING = 9.0
_PER_ACCOUNTS = 10_000
#: Reasons that other facts tell.
_TOLD_ELSEWHERE = frozenset({"passed_on", "learned", "risky_community"})
#: Ends the label of a feature whose window is a fact of its own, the next one.
IN_A_WINDOW = " in the time before"
_WINDOW = re.compile(r"(sender|receiver)_(out|in)_(n|sum)_(?:(\d+)h|all)")
_SIDES = {
    "sender_out": "sent by the sender", "sender_in": "received by the sender",
    "receiver_in": "received by the receiver", "receiver_out": "sent by the receiver",
}  # fmt: skip
_FEATURES: dict[str, tuple[str, str]] = {
    "sender_balance_before": ("amount", "the sender's balance before"),
    "sender_balance_left": ("amount", "what would be left on the sender's account"),
    "receiver_balance_before": ("amount", "the receiver's balance before"),
    "pair_n": ("count", "earlier transactions from the sender to the receiver"),
    "sender_gap_hours": ("duration", "time since the sender's last payment"),
    "receiver_gap_hours": ("duration", "time since the receiver was last paid"),
    "sender_counterparties": ("count", "accounts that the sender paid before"),
    "receiver_counterparties": ("count", "accounts that paid the receiver before"),
    "amount_to_sender_mean": ("score", "the amount as a multiple of the sender's usual payment"),
    "amount_to_receiver_mean": ("score", "the amount as a multiple of the receiver's usual income"),
    "amount_to_sender_balance": ("score", "the amount as a multiple of the sender's balance"),
}
_PLAIN = {
    "log_amount": "the size of the amount", "weekday": "the day of the week",
    "hour": "the hour of the day", "type_code": "the type of the transaction",
    "is_round": "whether the amount is round",
    "empties_sender": "whether it empties the sender's account",
}  # fmt: skip
_TEXTS = {
    "empties_sender": "it empties the sender's account to the last unit",
}

_UNKNOWN = (
    ("unknown.people", "who owns or controls the accounts", "who"),
    ("unknown.places", "in which branch, bank, or country the accounts are", "where"),
    ("unknown.purpose", "what the payments were for", "why"),
)


def add_ring_reasons(book: Book, alert: AlertDetail, query: str) -> None:
    """Add what a ring's reasons measured; their texts name accounts and are not told."""
    for reason in alert.reasons:
        if reason.code == "surprise":
            _add_chance(book, reason, query)
        elif reason.code.endswith("_burst"):
            _add_measure(book, reason, "count", "new counterparties of the account in the middle",
                         "counterparties expected at its own rate", query)  # fmt: skip
        elif reason.code == "mean_risk":
            _add_measure(book, reason, "score", "mean risk of the transfers by themselves",
                         "risk from which that is a reason", query)  # fmt: skip
        elif reason.code != alert.typology and reason.code not in _TOLD_ELSEWHERE:
            _add_other(book, reason, query)


def _add_chance(book: Book, reason: Reason, query: str) -> None:
    surprise = reason.value or 0.0
    beyond = surprise >= _BEYOND_COUNTING
    told: dict[str, Any] = {"tx_ids": reason.tx_ids, "query": query}
    label = "data sets among which chance makes at most a single such" if beyond else (
        "data sets among which chance makes about a single such"
    )  # fmt: skip
    book.add("chance.inputs", "count", round(10 ** min(surprise, _BEYOND_COUNTING)), label, "why",
             is_key=True, **told)  # fmt: skip
    book.add("chance.accounts", "count", _PER_ACCOUNTS, "accounts in such a data set", "why",
             **told)  # fmt: skip


def _add_measure(book: Book, reason: Reason, kind: Any, label: str, limit: str, query: str) -> None:
    told: dict[str, Any] = {"tx_ids": reason.tx_ids, "query": query}
    value = _typed(kind, reason.value or 0.0)
    book.add(f"reason.{reason.code}", kind, value, label, "why", is_key=True, **told)
    if reason.threshold is not None:
        least: Any = "score" if kind == "count" else kind
        book.add(f"reason.{reason.code}.limit", least, _typed(least, reason.threshold), limit,
                 "why", **told)  # fmt: skip


def _typed(kind: str, value: float) -> int | str:
    if kind == "amount":
        return minor(value)
    if kind == "duration":
        return round(value * 3600)
    return round(value) if kind == "count" else decimal(value)


def _add_other(book: Book, reason: Reason, query: str) -> None:
    words = reason.code.replace("_", " ")
    if reason.code == suspicious_text.CODE:
        # Only which kinds were found, in words of the program's own.
        book.add(f"reason.{reason.code}", "text", suspicious_text.in_words(reason.text), "a sign",
                 "why", is_key=True, tx_ids=reason.tx_ids, query=query)  # fmt: skip
    elif reason.code in _TEXTS or reason.value is None:
        book.add(f"reason.{reason.code}", "text", _TEXTS.get(reason.code, words), "a sign", "why",
                 is_key=True, tx_ids=reason.tx_ids, query=query)  # fmt: skip
    else:
        _add_measure(book, reason, "score", f"what the rule {words!r} measured",
                     f"limit of the rule {words!r}", query)  # fmt: skip


def add_lone_reasons(book: Book, alert: AlertDetail, query: str) -> None:
    """Add what the reasons of a lone transaction measured."""
    measures = {
        "model": ("share", "probability by the model", "probability from which it alerts"),
        "high_amount": ("amount", "the amount", "amount that few transactions exceed"),
        "round_amount": ("amount", "the amount", "it is a multiple of"),
        "anomaly": ("score", "how unusual it is, from 0 to 1", "where unusual begins"),
    }
    for reason in alert.reasons:
        if reason.code in measures:
            _add_measure(book, reason, *measures[reason.code], query)
        elif reason.code.startswith("model_"):
            _add_feature(book, reason, query)
        else:
            _add_other(book, reason, query)


def _add_feature(book: Book, reason: Reason, query: str) -> None:
    """Add a feature that raised the risk; one of a column that only the data know stays unnamed."""
    name, value = reason.code.removeprefix("model_"), reason.value or 0.0
    told: dict[str, Any] = {"tx_ids": reason.tx_ids, "query": query}
    history = _WINDOW.fullmatch(name)
    if value == -1 and not history:
        book.add("feature.text", "text", describe_feature(name, value), "what raised the risk",
                 "why", **told)  # fmt: skip
    elif history:
        end, way, what, hours = history.groups()
        kind: Any = "count" if what == "n" else "amount"
        counted = "transactions" if what == "n" else "money"
        period = IN_A_WINDOW if hours else " before"
        label = f"{counted} {_SIDES[f'{end}_{way}']}{period}"
        book.add("feature.value", kind, _typed(kind, value), label, "why", **told)
        if hours:
            book.add("feature.window", "duration", int(hours) * 3600, "the time before that counts",
                     "why", **told)  # fmt: skip
    elif name in _FEATURES:
        kind, label = _FEATURES[name]
        book.add("feature.value", kind, _typed(kind, value), label, "why", **told)
    elif name in _PLAIN:
        book.add("feature.text", "text", _PLAIN[name], "what raised the risk", "why", **told)


def add_checks(book: Book, ring: RingDetail, query: str) -> None:
    """Add the innocent explanations that were tested, with their figures."""
    if not ring.checks:
        return
    fitting = sum(one.innocent for one in ring.checks)
    for key, value, label in (
        ("check.tested", len(ring.checks), "innocent explanations that were tested"),
        ("check.fitting", fitting, "innocent explanations that fit"),
    ):
        book.add(key, "count", value, label, "counter", is_key=True, query=query)
    for check in ring.checks:
        title, figure = CHECKS.get(check.code, (check.code.replace("_", " "), "its figure"))
        kind: Any = "count" if check.code in COUNTED_CHECKS else "share"
        book.add(f"check.{check.code}", "text", title,
                 f"explanation that {'fits' if check.innocent else 'does not fit'}", "counter",
                 is_key=check.innocent, query=query)  # fmt: skip
        book.add(f"check.{check.code}.value", kind, _typed(kind, check.value), figure, "counter",
                 query=query)  # fmt: skip
        book.add(f"check.{check.code}.limit", kind, _typed(kind, check.limit),
                 f"from where on that fits: {figure}", "counter", query=query)  # fmt: skip
    if fitting and ring.unexplained_score is not None:
        book.add("score.unexplained", "score", decimal(ring.unexplained_score),
                 "score if no innocent explanation fitted", "counter", query=query)  # fmt: skip


def add_method(
    book: Book, alert: AlertDetail, learned: bool, manifest: Mapping[str, Any], query: str
) -> None:
    """Add the score, where alerts begin, how much was searched, and what is not known."""
    book.add("alert.score", "score", decimal(alert.score), "score of the alert, from 0 to 1",
             "method", is_key=True, query=query)  # fmt: skip
    threshold = (manifest.get("config") or {}).get("ring_alert_threshold")
    if alert.ring_id is not None and threshold is not None:
        book.add("alert.threshold", "score", decimal(threshold), "score from which a ring alerts",
                 "method", query="run.json")  # fmt: skip
    basis = "labelled rings of the past" if learned else "the shape of the transfers alone"
    if alert.ring_id is not None:
        book.add("method.basis", "text", basis, "what the score rests on", "method", query=query)
    counts, source = manifest.get("counts") or {}, manifest.get("input") or {}
    for key, value, label in (
        ("run.transactions", counts.get("transactions"), "transactions searched"),
        ("run.accounts", counts.get("accounts"), "accounts searched"),
        ("run.rejected", source.get("rejected"), "rows of the input that could not be read"),
    ):
        if value is not None:
            book.add(key, "count", int(value), label, "method", query="run.json")
    _add_unknown(book, _UNKNOWN)


def _add_unknown(book: Book, unknown: Sequence[tuple[str, str, Any]]) -> None:
    for key, value, topic in unknown:
        book.add(key, "text", value, "what the data do not say", topic, query="schema")
