"""How well a score tells fraud from the rest: curves, calibration, and what a threshold does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, model_charts, model_words, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from engine.query import model_quality
from engine.query.model_rows import Score, scores_of

THRESHOLD = "model_threshold"


def pick_score(run_id: str, *, sees_rings: bool) -> Score:
    """Let one of the run's scores be picked."""
    scores = cache.query(scores_of, run_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        picked: Score = st.segmented_control(
            "Score",
            scores,
            default=scores[0],
            format_func=model_words.SCORES.__getitem__,
            key=f"model_score_{len(scores)}",
            label_visibility="collapsed",
            required=True,
        )
        is_learned = sees_rings and picked == "fraud_probability"
        st.caption(model_words.LEARNED_RINGS if is_learned else model_words.MEANINGS[picked])
    return picked


def show_curves(run_id: str, run: Mapping[str, Any], score: Score) -> None:
    """Show the ROC and precision-recall curves of a score, and its calibration."""
    found = cache.query(model_quality.curves, run_id, score)
    st.caption(model_words.test_rows(run, found.rows, found.positives))
    base = found.positives / found.rows
    with st.container(horizontal=True, gap="small"):
        for label, value, meaning in (
            ("ROC-AUC", fmt.score(found.roc_auc, decimals=4),
             "Chance that a fraud scores above a clean transaction; 0.5 is chance."),
            ("PR-AUC", fmt.score(found.average_precision, decimals=4),
             f"Average precision over all recalls; chance reaches {base:.4f}, the share of fraud."),
            ("Share of fraud", fmt.share(base, decimals=2), "Among the rows measured."),
        ):  # fmt: skip
            st.metric(label, value, help=meaning, border=True, width="stretch")
    dark = theme.is_dark()
    left, right = st.columns(2, gap="small")
    with card(left, "ROC"):
        show_chart(
            model_charts.roc(found.roc, dark=dark),
            key="model_roc",
            alt="Recall by false positive rate, logarithmic scale",
        )
    with card(right, "Precision and recall"):
        show_chart(
            model_charts.precision_recall(found.precision_recall, base, dark=dark),
            key="model_pr",
            alt="Precision by recall",
        )
    if score == "fraud_probability":
        _calibration(run_id, by=_calibrated(run), dark=dark)


def show_threshold(run_id: str, score: Score, currency: str | None) -> None:
    """Show the confusion at a threshold that can be moved."""
    table = cache.query(model_quality.at_thresholds, run_id, score)
    chosen = table.loc[table["is_chosen"], "threshold"]
    start = float(chosen.iloc[0]) if len(chosen) else 0.5
    picked = st.select_slider(
        "Threshold: flagged from this score on",
        table["threshold"].tolist(),
        value=start,
        format_func=lambda one: f"{one:.4g}",
        key=f"{THRESHOLD}_{run_id}_{score}",
    )
    if len(chosen):
        st.caption(
            f"The run's own threshold is {start:.4g}: the best F1 on rows before those measured."
        )
    row = table[table["threshold"] == picked].iloc[0]
    _figures(row, currency)
    left, right = st.columns([2, 3], gap="small")
    with card(left, "Confusion"):
        _confusion(row)
    with card(right, "Precision and recall by threshold"):
        show_chart(
            model_charts.over_thresholds(table, picked, dark=theme.is_dark()),
            key="model_thresholds",
            alt="Precision and recall by threshold",
        )


def _figures(row: pd.Series, currency: str | None) -> None:
    hits, wrong = int(row["true_positives"]), int(row["false_positives"])
    missed = int(row["false_negatives"])
    precision = hits / (hits + wrong) if hits + wrong else None
    recall = hits / (hits + missed) if hits + missed else None
    f1 = 2 * hits / (2 * hits + wrong + missed) if hits + wrong + missed else None
    with st.container(horizontal=True, gap="small"):
        for label, value, meaning in (
            ("Precision", fmt.share(precision), "Share of flagged transactions that are fraud."),
            ("Recall", fmt.share(recall), "Share of the frauds that are flagged."),
            ("F1", fmt.score(f1), "Harmonic mean of precision and recall."),
            ("Flagged a day", _a_day(float(row["flagged_a_day"])), "Mean over the rows measured."),
            ("Caught", fmt.compact_amount(row["caught_amount"], currency),
             "Amount of the frauds that are flagged."),
            ("Missed", fmt.compact_amount(row["missed_amount"], currency),
             "Amount of the frauds that are not flagged."),
        ):  # fmt: skip
            st.metric(label, value, help=meaning, border=True, width="stretch")


def _confusion(row: pd.Series) -> None:
    cells = {
        name: fmt.count(row[name])
        for name in ("true_positives", "false_positives", "false_negatives", "true_negatives")
    }
    st.table(
        pd.DataFrame(
            {
                "Flagged": [cells["true_positives"], cells["false_positives"]],
                "Not flagged": [cells["false_negatives"], cells["true_negatives"]],
            },
            index=["Fraud", "Clean"],
        )
    )
    st.caption("Rows are what the labels say, columns what the threshold does.")


def _calibrated(run: Mapping[str, Any]) -> str:
    """Say how the run's probability was calibrated."""
    if run["metrics"].get("family") == "batch":
        return "Not calibrated beyond what its logistic loss does."
    return "Calibrated (Platt) on rows before these."


def _calibration(run_id: str, *, by: str, dark: bool) -> None:
    found = cache.query(model_quality.calibration, run_id)
    left, right = st.columns([2, 3], gap="small")
    with card(left, "Calibration"):
        show_chart(
            model_charts.calibration(found.bins, dark=dark),
            key="model_calibration",
            alt="Share of fraud by mean probability, logarithmic scales",
        )
    with card(right, "Does a probability come true?"):
        st.table(
            pd.DataFrame(
                {
                    "Probability": [
                        f"{low:g} to {high:g}"
                        for low, high in zip(found.bins["low"], found.bins["high"], strict=True)
                    ],
                    "Rows": found.bins["rows"].map(fmt.count),
                    "Predicted": found.bins["predicted"].map(_fine_share),
                    "Observed": found.bins["observed"].map(_fine_share),
                    "95 % interval": [
                        f"{_fine_share(low)} to {_fine_share(high)}"
                        for low, high in zip(
                            found.bins["observed_low"], found.bins["observed_high"], strict=True
                        )
                    ],
                }
            ).set_index("Probability")
        )
        st.caption(
            f"Brier score {found.brier:.2g} (giving every row the share of fraud: "
            f"{found.brier_base:.2g}); mean gap of predicted and observed {found.error:.2g}. "
            f"Intervals by Wilson. {by}"
        )


def _fine_share(value: float) -> str:
    """Write a share that may be tiny, e.g. ``0.00049 %``."""
    return f"{100 * value:.2g} %" if value < 0.01 else fmt.share(value)


def _a_day(number: float) -> str:
    return fmt.count(number) if number >= 10 else f"{number:.1f}"
