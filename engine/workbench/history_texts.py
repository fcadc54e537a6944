"""Entries of the audit about narratives and drafts of reports, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.workbench.history_plain import quoted

Values = Mapping[str, Any]


def _kept(after: Values) -> str:
    writer = f"by {after.get('model')}" if after.get("source") == "model" else "by the program"
    return f"kept narrative {after.get('narrative')}, written {writer}"


def _drafted(after: Values) -> str:
    return (
        f"drafted {after.get('report')} {after.get('filing')} from narrative "
        f"{after.get('narrative')}"
    )


def _edited(after: Values) -> str:
    number = after.get("flags", 0)
    flags = f", {number} sentence{'s' * (number != 1)} beyond the facts" if number else ""
    return f"edited {_subject(after)}{flags}{_because(after)}"


def _accepted(after: Values) -> str:
    return f"accepted the text of {_subject(after)}{_because(after)}"


def _subject(after: Values) -> str:
    if after.get("filing") is not None:
        return f"the draft of report {after['filing']}"
    return f"narrative {after.get('narrative')}"


def _because(after: Values) -> str:
    comment = str(after.get("comment") or "")
    return f": {quoted(comment)}" if comment.strip() else ""


#: What is said of an action, given the values after it.
SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "narrative_keep": _kept,
    "narrative_edit": _edited,
    "narrative_accept": _accepted,
    "filing_draft": _drafted,
    "filing_edit": _edited,
    "filing_accept": _accepted,
}
