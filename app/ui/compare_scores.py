"""Two runs side by side: how risk moved, and how good their models are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.ui import cache, compare_charts, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from app.ui.evidence import escape
from engine.query.score_shift import PSI_BOUNDS, ScoreShift, band_moves

_METRICS = (
    ("ROC-AUC", "roc_auc"), ("PR-AUC", "average_precision"), ("Precision", "precision"),
    ("Recall", "recall"), ("Threshold", "threshold"), ("Rows judged", "rows"),
    ("Frauds among them", "positives"),
)  # fmt: skip


def psi_in_words(psi: float) -> str:
    """Say what a stability index means, and where its bounds come from."""
    small, large = PSI_BOUNDS
    size = (
        "no significant change" if psi < small
        else "a change worth a look" if psi < large
        else "a significant change"
    )  # fmt: skip
    return (
        f"Population stability index of the final risk over tenths of the other run: {size} "
        f"(below {small:.2f} none, from {large:.2f} on significant; Siddiqi, Credit Risk "
        "Scorecards, 2006)."
    )


def show_scores(
    shift: ScoreShift, run: dict[str, Any], other: dict[str, Any], *, same_bytes: bool
) -> None:
    """Show both distributions of risk, where transactions changed their band, and the metrics."""
    left, right = st.columns(2, gap="small")
    with card(left, "Final risk"):
        show_chart(
            compare_charts.risk_shares(
                shift.bins, run["run_id"], other["run_id"], dark=theme.is_dark()
            ),
            key="runs_risk_shares",
            alt="Share of transactions by final risk in both runs, logarithmic scale",
        )
        st.caption(psi_in_words(shift.psi))
    with card(right, "Bands of risk"):
        if same_bytes:
            names = (run["run_id"], other["run_id"])
            _bands(cache.compare(band_moves, *names), *names)
        else:
            st.caption(
                "The runs read different files, so there is no transaction to follow from one to "
                "the other."
            )
    with card(st.container(), "Model, measured on rows it had not seen"):
        _metrics(run, other)


def _bands(moves: pd.DataFrame, run: str, other: str) -> None:
    total = int(moves.to_numpy().sum())
    moved = total - int(np.trace(moves.to_numpy()))
    st.markdown(
        f"**{fmt.share(moved / total if total else 0.0)}** of the transactions "
        f"({fmt.count(moved)}) are in another band than in the other run."
    )
    st.table(moves.map(fmt.count))
    st.caption(f"A row is the band in {escape(other)}, a column that in {escape(run)}.")


def _metrics(run: dict[str, Any], other: dict[str, Any]) -> None:
    if not run["metrics"] and not other["metrics"]:
        st.caption("Neither run was measured against labels.")
        return
    rows = []
    for label, name in _METRICS:
        mine, its = run["metrics"].get(name), other["metrics"].get(name)
        both = isinstance(mine, int | float) and isinstance(its, int | float)
        rows.append(
            {
                "Figure": label,
                run["run_id"]: _figure(mine),
                other["run_id"]: _figure(its),
                "Difference": _signed(mine - its) if both else fmt.MISSING,
            }
        )
    st.table(pd.DataFrame(rows).set_index("Figure"))


def _figure(value: Any) -> str:
    return fmt.count(value) if isinstance(value, int) else fmt.score(value)


def _signed(value: float) -> str:
    return f"{value:+,d}" if isinstance(value, int) else f"{value:+.3f}"
