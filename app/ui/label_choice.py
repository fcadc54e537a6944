"""The choice of the labels that a run learns from; analysts' decisions only where asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import cache, decisions, desk, format
from app.ui.evidence import escape
from engine.feedback import keep_feedback
from engine.label_record import LabelMode
from engine.workbench.feedback import Decided

#: Alerts that are named where their transactions are gone.
_MOST_NAMED = 3

_Choice = Literal["auto", "ignore", "decisions"]


@dataclass(frozen=True, slots=True)
class ChosenLabels:
    """Whether labels are used, and the decided transactions that go over them, if any."""

    mode: LabelMode
    decided: Decided | None = None

    def keep(self) -> Path | None:
        """Write the decisions into the lake, for the run to read; return their file."""
        if self.decided is None:
            return None
        return keep_feedback(self.decided.frame, cache.lake().root / "feedback")


def choose_labels(below: DeltaGenerator) -> ChosenLabels:
    """Draw the choice; what decisions would teach is told ``below``, before the run starts."""
    alerts = decisions.n_decided() if desk.may("train_on_decisions") else 0
    names: dict[_Choice, str] = {"auto": "From the input", "ignore": "Ignore them"}
    if alerts:
        counted = f"{format.count(alerts)} alert{'' if alerts == 1 else 's'}"
        names["decisions"] = f"With analysts' decisions ({counted})"
    chosen: _Choice = st.selectbox(
        "Labels",
        list(names),
        format_func=lambda choice: names.get(choice, choice),
        key="home_labels",
        help="With labels a model is trained on the past and measured on the future.",
        width=290 if "decisions" in names else 140,
    )
    if chosen == "decisions" and alerts:
        decided = decisions.decided()
        below.caption(f":material/gavel: {decisions_in_words(decided)}")
        return ChosenLabels("auto", decided if decided.alerts else None)
    return ChosenLabels("ignore" if chosen == "ignore" else "auto")


def decisions_in_words(decided: Decided) -> str:
    """Say how many transactions were decided which way, from how many alerts, up to when."""
    if not decided.alerts:
        said = "No decision can be learned from: the labels are those of the input."
        return f"{said} {_missing(decided)}"
    words = (
        f"{format.count(decided.positives)} transaction{'' if decided.positives == 1 else 's'} "
        f"decided as fraud and {format.count(decided.negatives)} as clean, from "
        f"{format.count(decided.alerts)} alert{'' if decided.alerts == 1 else 's'}, the latest on "
        f"{format.moment(decided.until)}. Where this input has such a transaction, "
        "the decision is its label; every other keeps its own, or counts as clean."
    )
    return f"{words} {_missing(decided)}" if decided.missing else words


def _missing(decided: Decided) -> str:
    named, more = decided.missing[:_MOST_NAMED], len(decided.missing) - _MOST_NAMED
    rest = f"; and {format.count(more)} more" if more > 0 else ""
    return f"Left out, for want of their transactions: {escape('; '.join(named))}{rest}."
