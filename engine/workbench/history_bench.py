"""Entries of the audit about thresholds, samples and drills, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: Longest comment that a line repeats, in characters.
_MOST_QUOTED = 200

Values = Mapping[str, Any]

_NAMES = {
    "ring_alert_threshold": "ring threshold",
    "lone_share": "share of lone transactions",
    "min_lone": "lone transactions at least",
    "max_lone": "lone transactions at most",
}


def _proposed(subject: str, before: Values, after: Values) -> str:
    changes = "; ".join(
        f"{words} {before.get(name)} → {after.get(name)}"
        for name, words in _NAMES.items()
        if before.get(name) != after.get(name)
    )
    return f"proposed version {_number(subject)} of the thresholds: {changes}{_because(after)}"


def _did(what: str) -> Callable[[str, Values, Values], str]:
    return lambda subject, before, after: (
        f"{what} version {_number(subject)} of the thresholds{_because(after)}"
    )


def _drawn(subject: str, before: Values, after: Values) -> str:
    return (
        f"drew a sample of {after.get('items')} findings below the line of {subject}, seed "
        f"{after.get('seed')}"
    )


def _labelled(subject: str, before: Values, after: Values) -> str:
    ring = after.get("ring")
    what = f"ring {ring}" if ring else f"transaction {after.get('transaction')}"
    said = {1: "called it true", 0: "called it not true"}.get(
        after.get("label", -1), "took the label back"
    )
    return f"{said}: {what} of {subject}"


def _drilled(did: str) -> Callable[[str, Values, Values], str]:
    return lambda subject, before, after: (
        f"{did} {subject}" + (f" on {after['source']}" if after.get("source") else "")
    )


def _number(subject: str) -> str:
    return subject.rpartition(" ")[2]


def _because(after: Values) -> str:
    comment = " ".join(str(after.get("comment") or "").split())
    if not comment:
        return ""
    return f": {comment if len(comment) <= _MOST_QUOTED else f'{comment[: _MOST_QUOTED - 1]}…'}"


#: What is said of an action, given its subject and the values before and after.
SENTENCES: Mapping[str, Callable[[str, Values, Values], str]] = {
    "propose_thresholds": _proposed,
    "approve_thresholds": _did("approved"),
    "reject_thresholds": _did("sent back"),
    "withdraw_thresholds": _did("withdrew"),
    "apply_thresholds": _did("put in force"),
    "draw_sample": _drawn,
    "label_sample": _labelled,
    "start_drill": _drilled("started"),
    "cancel_drill": _drilled("cancelled"),
    "delete_drill": _drilled("deleted"),
}
