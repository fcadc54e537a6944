"""Two runs side by side: what each stage took, and what they were told to do."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import compare_charts, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from app.ui.label_words import labels_in_short
from engine.query.run_settings import differing_settings


def show_making(run: dict[str, Any], other: dict[str, Any]) -> None:
    """Show times of stages, figures of the whole, and the settings that differ."""
    left, right = st.columns(2, gap="small")
    with card(left, "Stages"):
        show_chart(
            compare_charts.stage_times(run, other, dark=theme.is_dark()),
            key="runs_both_stages",
            alt="Seconds by stage of both runs",
        )
    with card(right, "The whole run"):
        st.table(pd.DataFrame({one["run_id"]: _whole(one) for one in (run, other)}))
    with card(st.container(), "What differs in how they were made"):
        differ = differing_settings(run, other)
        if differ.empty:
            st.caption("Nothing: same input, labels, engine, library versions, and settings.")
            return
        st.dataframe(
            differ,
            hide_index=True,
            row_height=28,
            placeholder="–",
            key=f"runs_differ_{run['run_id']}_{other['run_id']}",
            column_config={
                "setting": "Setting", "value": run["run_id"], "other": other["run_id"],
            },
            alt="What differs in how the two runs were made",
        )  # fmt: skip


def _whole(run: dict[str, Any]) -> dict[str, str]:
    peak = max((stage["peak_rss_mb"] for stage in run["stages"]), default=None)
    cost = (run.get("cost") or {}).get("amount")
    return {
        "Rows": fmt.count(run["input"]["rows"]),
        "Rejected": fmt.count(run["input"]["rejected"]),
        "Accounts": fmt.count(run["counts"].get("accounts")),
        "Labels": labels_in_short(run),
        "Engine": str(run["engine"]["kind"]).upper(),
        "Time": fmt.duration(run["seconds"]),
        "Peak memory": fmt.MISSING if peak is None else fmt.file_size(round(peak * 2**20)),
        "Cost": fmt.MISSING if cost is None else f"{cost:.3f} USD" if cost else "no charge",
    }
