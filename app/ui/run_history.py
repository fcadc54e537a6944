"""Every run of the lake, and the one that is picked."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import messages, state
from app.ui.run_detail import run_detail
from app.ui.run_table import run_table
from engine.query.runs import done_runs

#: A run that is not done is never the run in view; a link names it by this parameter.
ENTRY = "entry"


def show_history(runs: pd.DataFrame) -> None:
    """Show the runs of :func:`engine.query.runs.list_runs`; a done one that is picked is shown."""
    if runs.empty:
        messages.no_runs()
        return
    wanted = st.query_params.get(ENTRY)
    open_run = wanted if wanted in set(runs["run_id"]) else state.run_in_view()
    picked = run_table(runs, key="runs_history", selected=open_run)
    if picked != (open_run or picked):
        _open(picked, done=picked in done_runs(runs))
    run_detail(runs[runs["run_id"] == picked].iloc[0])


def _open(run_id: str, *, done: bool) -> None:
    if done:
        st.query_params.pop(ENTRY, None)
        state.show_run(run_id)
    else:
        st.query_params[ENTRY] = run_id
    st.rerun()
