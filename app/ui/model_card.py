"""What the model of a run achieved, how the run was made, and how long its stages took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.ui import charts, format, messages
from app.ui.chart_card import show_chart
from app.ui.label_words import labels_in_words
from engine.label_record import ignores_labels

_MEASURES = (
    ("ROC-AUC", "roc_auc", "Chance that a fraud scores above a clean transaction."),
    ("PR-AUC", "average_precision", "Average precision over all recalls."),
    ("Precision", "precision", "Share of flagged transactions that are fraud."),
    ("Recall", "recall", "Share of fraud that is flagged."),
    ("Threshold", "threshold", "Chosen on transactions before the test."),
)


def model_card(run: Mapping[str, Any], *, is_labelled: bool, dark: bool) -> None:
    """Draw the model's figures and the stage times of a run, given its manifest."""
    if run["metrics"]:
        _measures(run["metrics"])
    elif is_labelled and not ignores_labels(run):
        st.caption("The labels were not enough to measure the model; the notes below say why.")
    else:
        messages.no_labels()
    st.caption(labels_in_words(run))
    engine = run["engine"]
    st.caption(
        f"{format.duration(run['seconds'])} on {engine['device']} "
        f"({engine['kind'].upper()}: {engine['reason']})"
    )
    for note in run.get("notes", []):
        st.caption(f":material/info: {note}")
    if run["stages"]:
        show_chart(
            charts.stage_times(run["stages"], dark=dark),
            key="overview_stages",
            alt="Seconds by stage of the run",
        )


def _measures(metrics: Mapping[str, Any]) -> None:
    st.caption("Measured on the last 20 % of transactions in time, never seen in training.")
    causal = metrics.get("causal", {})
    if causal:
        st.caption(
            "It reads rings and what happened before and after. The causal model alone, which sees "
            "earlier transactions only and is the one for real-time scoring, reaches a PR-AUC of "
            f"{_written(causal.get('average_precision'))}, a precision of "
            f"{_written(causal.get('precision'))}, and a recall of "
            f"{_written(causal.get('recall'))}."
        )
    with st.container(horizontal=True, gap="small"):
        for label, key, help_text in _MEASURES:
            st.metric(label, _written(metrics.get(key)), help=help_text, width=88)


def _written(figure: float | None) -> str:
    # With the digits of the curves: a ROC-AUC of 0.9999 is not 1.
    return format.score(figure, decimals=4)
