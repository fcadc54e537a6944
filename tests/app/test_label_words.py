"""What a run says of its labels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from app.ui.label_choice import decisions_in_words
from app.ui.label_words import labels_in_short, labels_in_words
from engine.workbench.feedback import Decided

DECIDED = {
    "mode": "auto", "source": "input+feedback", "file": "d.parquet", "uri": "d", "sha256": "0",
    "decisions": 15, "matched": 12, "decided_positives": 5, "decided_negatives": 8,
    "overridden": 2, "positives": 40, "negatives": 1960,
}  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "words", "short"),
    [
        ("auto", "Labels are those of the input, if any.", "Input, if any"),
        ("ignore", "Labels were ignored.", "Ignored"),
        ({**DECIDED, "mode": "ignore", "source": "none"}, "Labels were ignored.", "Ignored"),
        ({**DECIDED, "source": "none"}, "No labels.", "None"),
        (
            {**DECIDED, "source": "input", "file": None},
            "Labels of the input: 40 transactions labelled as fraud, 1,960 as clean.",
            "Input",
        ),
        (
            {**DECIDED, "source": "feedback", "overridden": 0},
            "Labels by analysts' decisions alone: 40 transactions labelled as fraud, 1,960 as "
            "clean. 12 of 15 decided transactions of d\\.parquet are in this input; they label 5 "
            "rows as fraud and 8 as clean.",
            "Decisions",
        ),
        (
            DECIDED,
            "Labels of the input and analysts' decisions: 40 transactions labelled as fraud, 1,960 "
            "as clean. 12 of 15 decided transactions of d\\.parquet are in this input; they label "
            "5 rows as fraud and 8 as clean, 2 of them against the input's own label.",
            "Input and decisions",
        ),
    ],
)
def test_a_run_says_which_labels_it_used(labels: Any, words: str, short: str) -> None:
    assert labels_in_words({"labels": labels}) == words
    assert labels_in_short({"labels": labels}) == short


def test_decisions_are_counted_before_a_run_learns_from_them() -> None:
    until = datetime(2026, 5, 2, 14, 5, tzinfo=UTC)
    gone = [f"AL-{number}: run may is no longer in the lake" for number in range(4, 9)]
    decided = Decided(pd.DataFrame(), 2, 2, 1, gone, until)
    said = decisions_in_words(decided)
    assert said.startswith(
        "2 transactions decided as fraud and 1 as clean, from 2 alerts, the latest on "
        "2026-05-02 14:05 UTC."
    )
    assert "run may is no longer in the lake; and 2 more." in said.replace("\\", "")
