"""Drill: plant rings into a copy of the data in view, and see which of them are caught."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, messages, state
from app.ui.drill_order import order_form
from app.ui.drill_result import choose_drill, show_drill
from engine.drill import work

st.title("Drill")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()

st.caption(
    "A test of the detectors on your own data: rings that you choose are planted into a copy, the "
    "copy is searched with the settings of the run in view, and you see which rings were caught "
    "and why others were not."
)
drills = work.drills(cache.lake())
if drills:
    show_drill(choose_drill(drills))
with st.expander("A new drill", icon=":material/target:", expanded=not drills):
    order_form(run_id)
