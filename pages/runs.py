"""Runs on AWS Batch: follow their jobs, read their logs, cancel or retry them, see their cost."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, messages, state
from app.ui.batch_panel import batch_panel
from app.ui.batch_runs import list_followed
from app.ui.batch_table import batch_table

st.title("Runs on AWS Batch")

if cache.lake().remote is None:
    messages.no_batch()
    st.stop()

runs = list_followed()
if not runs:
    messages.no_batch_runs(cache.lake().address)
    st.stop()

shown = batch_table(runs, state.read("batch"))
state.write("batch", shown.chain.run_id)
batch_panel(shown)
