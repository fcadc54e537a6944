"""Runs: their history with all they left, two of them side by side, and those on AWS Batch."""

from __future__ import annotations

import streamlit as st

from app.ui import cache
from app.ui.batch_view import show_batch
from app.ui.run_compare import show_comparison
from app.ui.run_history import show_history
from app.ui.runs_view import choose_view
from engine.query.runs import list_runs

st.title("Runs")
view = choose_view()
if view == "batch":
    show_batch()
elif view == "compare":
    show_comparison(list_runs(cache.lake()))
else:
    show_history(list_runs(cache.lake()))
