"""Follow the money: where that of a transfer went and where it came from, to the minor unit."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, ledger_wait, messages, state, trace_choose, trace_options, trace_view
from engine.errors import InputError
from engine.query import money_trace, overview

st.title("Follow the money")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()
run = cache.manifest(run_id)
if not run["has_accounts"]:
    messages.no_accounts(run["input"]["name"])
    st.stop()

ledger_wait.make_ready(run_id)
currency = cache.query(overview.currency, run_id)
tx_id = trace_choose.number_in_view()
if tx_id is None:
    trace_choose.search_row()
    trace_choose.choose(run_id, currency)
    st.stop()
try:
    start = cache.query(money_trace.get_transfer, run_id, tx_id)
    rings = cache.query(money_trace.rings_of, run_id, tx_id)
    trace_view.show_transfer(run_id, start, rings, currency)
    asked = trace_options.options(tx_id, trace_options.usual_gap(rings))
    trace_view.show_traces(run_id, tx_id, asked, rings, currency)
except InputError as error:
    state.write("tx", None)
    messages.engine_error(error)
    trace_choose.search_row()
    trace_choose.choose(run_id, currency)
