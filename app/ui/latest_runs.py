"""The latest runs in short, with the ways into one of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui.links import run_links
from app.ui.run_history import ENTRY
from app.ui.run_table import run_table
from app.ui.state import page_path

_SHOWN = 5


def latest_runs(runs: pd.DataFrame) -> None:
    """Show the newest runs of :func:`engine.query.runs.list_runs`; all are on Runs."""
    st.markdown("##### Latest runs")
    latest = runs.head(_SHOWN)
    picked = run_table(latest, key="home_runs", selected=None)
    is_done = latest.set_index("run_id").loc[picked, "state"] == "done"
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_done:
            run_links(picked)
        st.page_link(
            page_path("runs"), label="Its times, settings, and downloads",
            icon=":material/history:", width="content",
            query_params={"view": "history", ("run" if is_done else ENTRY): picked},
        )  # fmt: skip
        if len(runs) > _SHOWN:
            st.page_link(
                page_path("runs"), label=f"All {len(runs)} runs", icon=":material/list:",
                width="content", query_params={"view": "history"},
            )  # fmt: skip
