"""Which labels a run uses, as its manifest says it (``labels`` in ``run.json``).

``mode`` (auto or ignore) and ``file, uri, sha256`` of a file of decisions are known from the
start. With the input come ``source`` (:data:`Source`), ``decisions`` (transactions decided in the
file), ``matched`` (those the input has), ``decided_positives`` and ``decided_negatives`` (rows of
the input they label), ``overridden`` (rows whose own label they change), and last ``positives`` and
``negatives`` (rows with either label, as used).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engine.feedback import Decided, FeedbackFile, Labels

LabelMode = Literal["auto", "ignore"]
Source = Literal["input", "feedback", "input+feedback", "none"]

_COUNTS = (
    "decisions", "matched", "decided_positives", "decided_negatives", "overridden", "positives",
    "negatives",
)  # fmt: skip


def begin_record(mode: LabelMode, feedback: FeedbackFile | None) -> dict[str, Any]:
    """Return the record of a run whose input is not read yet."""
    return {
        "mode": mode,
        "source": None,
        "file": None if feedback is None else feedback.path.name,
        "uri": None if feedback is None else feedback.uri,
        "sha256": None if feedback is None else feedback.sha256,
        **dict.fromkeys(_COUNTS),
    }


def read_record(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a manifest; earlier versions wrote the mode alone."""
    told = manifest.get("labels")
    if isinstance(told, dict):
        return told
    return begin_record("ignore" if told == "ignore" else "auto", None)


def ignores_labels(manifest: Mapping[str, Any]) -> bool:
    """Whether a run was told to leave labels aside."""
    return bool(read_record(manifest)["mode"] == "ignore")


def same_choice(record: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records ask for the same labels: the same mode and the same decisions."""
    return all(record[name] == other[name] for name in ("mode", "sha256"))


def feedback_of(record: Mapping[str, Any]) -> FeedbackFile | None:
    """Return the file of decisions that a record names, which need not be here."""
    if record["uri"] is None:
        return None
    return FeedbackFile(Path(record["uri"]), record["uri"], record["sha256"])


def record_decisions(decided: Decided, own: Labels | None) -> dict[str, Any]:
    """Return what a record gains where decisions were put over the labels of an input.

    Parameters
    ----------
    own
        int8, shape (n,), the input's own labels; None where it has none.
    """
    is_decided = decided.label >= 0
    changed = 0 if own is None else int((own[is_decided] != decided.label[is_decided]).sum())
    source: Source | None = None
    if is_decided.any():
        source = "feedback" if own is None else "input+feedback"
    return {
        "source": source,
        "decisions": decided.decisions,
        "matched": decided.matched,
        "decided_positives": int((decided.label == 1).sum()),
        "decided_negatives": int((decided.label == 0).sum()),
        "overridden": changed,
    }


def record_labels(record: Mapping[str, Any], label: Labels | None) -> dict[str, Any]:
    """Return a record with its last figures: the labels the run uses, ``None`` for none."""
    if label is None:
        return {**record, "source": "none", "positives": 0, "negatives": 0}
    positives = int(np.count_nonzero(label == 1))
    return {
        **record,
        "source": record["source"] or "input",
        "positives": positives,
        "negatives": len(label) - positives,
    }


def why_weak(record: Mapping[str, Any], name: str) -> str | None:
    """Return a sentence on what decisions do not tell; None where the input has labels as well."""
    if record["matched"] == 0:
        return (
            f"none of the {record['decisions']:,} decisions of {name} is about a transaction of "
            "this input: they changed no label"
        )
    if record["source"] == "feedback":
        return (
            "the labels are analysts' decisions alone: a row that nobody decided counts as clean, "
            "and figures are measured against what alerts brought to a decision"
        )
    return None
