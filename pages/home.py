"""Home: choose transactions, check them, find rings, and come back to the latest runs."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, data_source, state
from app.ui.input_check import check_input, choose_schema
from app.ui.job_panel import job_panel
from app.ui.latest_runs import latest_runs
from app.ui.start_run import start_form
from engine.job_state import active_run
from engine.query.runs import list_runs

st.title("Find fraud rings")
runs = list_runs(cache.lake())

active = active_run(cache.lake())
job = active.run_id if active else state.read("job")
if job is not None and job in set(runs["run_id"]):
    state.write("job", job)
    job_panel(job)

if runs.empty:
    st.info(
        "**No run yet: start with the sample.** It is chosen below; press *Find rings*. "
        "Your own transactions can follow, as CSV or Parquet.",
        icon=":material/flag:",
    )

with st.container(border=True):
    st.markdown("##### Choose transactions")
    path = data_source.choose_input()
    if path is not None:
        controls = st.container(horizontal=True, vertical_alignment="bottom")
        with controls:
            schema = choose_schema()
        where = st.container()
        start_form(controls, where, check_input(path, schema, runs))

if not runs.empty:
    latest_runs(runs)
