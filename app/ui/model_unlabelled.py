"""What can be said of a run that nothing measures, and what not."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import cache, charts, model_charts, model_words, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from app.ui.evidence import escape
from engine.query import model_scores, overview


def show_unlabelled(run_id: str, why: str) -> None:
    """Say why nothing is measured, and show what can be told all the same."""
    st.info(
        f"Nothing here is measured: {escape(why)}.  \n"
        "**Can be told:** how scores spread, where unusual transactions are, and whether features "
        "and scores move (Drift).  \n"
        "**Cannot be told:** ROC, precision, recall, calibration, or which feature marks fraud. "
        "Decisions in the queue become labels for a later run; labels in the input do at once.",
        icon=":material/info:",
    )
    dark = theme.is_dark()
    left, right = st.columns(2, gap="small")
    with card(left, "Transactions by final risk"):
        show_chart(
            charts.risk_histogram(cache.query(overview.risk_histogram, run_id), dark=dark),
            key="model_risk",
            alt="Number of transactions by final risk, logarithmic scale",
        )
    with card(right, "Scores of all transactions"):
        _quantiles(cache.query(model_scores.score_quantiles, run_id))
    left, right = st.columns(2, gap="small")
    with card(left, "Unusual transactions over time"):
        show_chart(
            model_charts.share_over_time(
                cache.query(model_scores.unusual_over_time, run_id), dark=dark
            ),
            key="model_unusual",
            alt="Share of unusual transactions over time",
        )
        st.caption(
            "Among the most abnormal share that the run was told to mark; a bump is worth a look."
        )
    with card(right, "Unusual transactions by type"):
        _by_type(cache.query(model_scores.unusual_by_type, run_id))


def _quantiles(table: pd.DataFrame) -> None:
    shown = table.assign(score=[model_words.SCORES[one] for one in table["score"]])
    names = {"median": "Median", "p90": "90 %", "p99": "99 %", "p999": "99.9 %",
             "highest": "Highest"}  # fmt: skip
    shown[list(names)] = shown[list(names)].map(fmt.score)
    st.table(shown.rename(columns={"score": "Score", **names}).set_index("Score"))
    st.caption("Unusualness is a rank, so it spreads evenly by its nature.")


def _by_type(table: pd.DataFrame) -> None:
    if table.empty:
        st.caption("The input has no types of transactions.")
        return
    st.table(
        pd.DataFrame(
            {
                "Type": [escape(str(one)) for one in table["type"]],
                "Transactions": table["transactions"].map(fmt.count),
                "Unusual": (table["unusual"] / table["transactions"]).map(fmt.share),
                "Mean risk": table["mean_risk"].map(fmt.score),
            }
        ).set_index("Type")
    )
