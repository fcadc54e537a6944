"""Which labels a run has learned from and was measured by, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.ui import format
from app.ui.evidence import escape
from engine.label_record import read_record


def labels_in_words(manifest: Mapping[str, Any]) -> str:
    """Say which labels a run used, given its manifest."""
    record = read_record(manifest)
    source = record["source"]
    if source is None:
        used = "were ignored" if record["mode"] == "ignore" else "are those of the input, if any"
        return f"Labels {used}."
    if source == "none":
        return f"{'Labels were ignored' if record['mode'] == 'ignore' else 'No labels'}."
    together = (
        f"{format.count(record['positives'])} transactions labelled as fraud, "
        f"{format.count(record['negatives'])} as clean"
    )
    if record["file"] is None:
        return f"Labels of the input: {together}."
    whose = "Labels of the input and analysts' decisions" if source == "input+feedback" else (
        "Labels of the input" if source == "input" else "Labels by analysts' decisions alone"
    )  # fmt: skip
    return f"{whose}: {together}. {_decisions(record)}"


def labels_in_short(manifest: Mapping[str, Any]) -> str:
    """Name the labels a run used, e.g. ``Input and decisions``."""
    record = read_record(manifest)
    if record["mode"] == "ignore":
        return "Ignored"
    names = {"input": "Input", "feedback": "Decisions", "input+feedback": "Input and decisions"}
    return names.get(record["source"], "None" if record["source"] == "none" else "Input, if any")


def _decisions(record: Mapping[str, Any]) -> str:
    found = f"{format.count(record['matched'])} of {format.count(record['decisions'])}"
    changed = record["overridden"]
    against = f", {format.count(changed)} of them against the input's own label" if changed else ""
    return (
        f"{found} decided transactions of {escape(record['file'])} are in this input; they label "
        f"{format.count(record['decided_positives'])} rows as fraud and "
        f"{format.count(record['decided_negatives'])} as clean{against}."
    )
