"""Score: one transaction against the model and the accounts' profiles, as ``POST /infer`` does."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.ui import cache, format, messages, scoring, state
from app.ui.score_answer import show_answer
from app.ui.score_form import publish_button, transaction_form
from engine.errors import EngineError
from engine.query.example import riskiest_transaction

st.title("Score a transaction")
run_id = state.run_in_view()
used = scoring.in_use()

if used is None and (run_id is None or scoring.deployed_url()):
    messages.no_scorer()
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    if used is not None:
        where = "the deployed API" if scoring.deployed_url() else "this machine"
        st.caption(
            f"Scored on {where} by run `{used.run_id}` · model `{used.version[:12]}` · made "
            f"{format.moment(used.finished)}",
            width="content",
        )
    if run_id is not None and not scoring.deployed_url():
        publish_button(run_id, used)

if used is None:
    st.info(
        "What the run has learned, and what every account did in it, is made ready for single "
        "transactions once; then each takes some milliseconds.",
        icon=":material/bolt:",
    )
    st.stop()

form, result = st.columns([2, 3], gap="medium")
with form.container(border=True):
    body = transaction_form(
        None if run_id is None else partial(cache.query, riskiest_transaction, run_id)
    )
    if body is not None:
        st.session_state["score_body"] = body
        try:
            st.session_state["score_answer"] = scoring.score(body)
        except scoring.RefusedError as error:
            st.session_state["score_answer"] = None
            told = "".join(f"\n- **{one.field}** {one.message}" for one in error.fields)
            st.error(f"{str(error).capitalize()}:{told}", icon=":material/error:")
        except EngineError as error:
            st.session_state["score_answer"] = None
            messages.engine_error(error)

with result.container(border=True):
    answer = st.session_state.get("score_answer")
    if answer is None:
        st.markdown("##### No transaction scored yet")
        st.caption("Fill in the form: risk, reasons and the rings that it touches appear here.")
    else:
        show_answer(answer, st.session_state["score_body"])
