"""Where a score is good and where it is not."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import cache, model_charts, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from engine.query import model_quality
from engine.query.model_rows import Score
from engine.query.model_slices import SliceBy, slices

_BY: dict[SliceBy, str] = {"type": "Type", "amount": "Amount", "time": "Time"}
#: Where the run has no threshold of its own.
_MIDDLE = 0.5


def show_slices(run_id: str, score: Score, currency: str | None) -> None:
    """Show the figures by type, by amount, or over time."""
    by: SliceBy = st.segmented_control(
        "By", list(_BY), default="type", format_func=_BY.__getitem__, key="model_by", required=True
    )
    chosen = cache.query(model_quality.chosen_threshold, run_id)
    limit = chosen if chosen is not None and score == "fraud_probability" else _MIDDLE
    table = cache.query(slices, run_id, score, limit, by)
    if table.empty:
        st.info("The input has no types of transactions.", icon=":material/info:")
        return
    names = _names(table, by, currency)
    left, right = st.columns([1, 2], gap="small")
    with card(left, "Recall, with its 95 % interval"):
        if (table["positives"] > 0).any():
            show_chart(
                model_charts.recall_by_slice(table, names, dark=theme.is_dark()),
                key=f"model_slices_{by}",
                alt=f"Recall by {_BY[by].lower()}",
            )
        else:
            st.caption("None of these rows is fraud.")
    with card(right, f"Figures by {_BY[by].lower()}"):
        _table(table, names, by)
    st.caption(
        f"Flagged from {limit:.4g} on. Precision is missing where nothing is flagged, recall and "
        "the areas where there is no fraud. A wide interval says that the frauds are too few to "
        "tell (Wilson)."
    )


def _names(table: pd.DataFrame, by: SliceBy, currency: str | None) -> list[str]:
    if by == "time":
        return [fmt.date(one) for one in table["slice"]]
    if by == "type":
        return [str(one) for one in table["slice"]]
    bounds = [(fmt.compact_amount(one or 10, currency), one) for one in table["slice"]]
    return [
        f"{said} to {fmt.compact_amount(10 * low, currency)}" if low else f"under {said}"
        for said, low in bounds
    ]


def _table(table: pd.DataFrame, names: list[str], by: SliceBy) -> None:
    figure = st.column_config.NumberColumn
    st.dataframe(
        table.assign(slice=names),
        hide_index=True,
        row_height=28,
        placeholder="–",
        key=f"model_slices_table_{by}",
        alt=f"Figures by {_BY[by].lower()}",
        column_order=["slice", "rows", "positives", "flagged", "precision", "recall",
                      "average_precision", "roc_auc"],
        column_config={
            "slice": _BY[by],
            "rows": figure("Rows", format="localized"),
            "positives": figure("Frauds", format="localized"),
            "flagged": figure("Flagged", format="localized"),
            "precision": figure("Precision", format="percent"),
            "recall": figure("Recall", format="percent"),
            "average_precision": figure("PR-AUC", format="%.4f"),
            "roc_auc": figure("ROC-AUC", format="%.4f"),
        },
    )  # fmt: skip
