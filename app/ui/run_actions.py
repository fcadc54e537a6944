"""What can be done with a run: open it, go on with it, read its log, delete it."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, desk, state
from app.ui.batch_runs import refuse_while_at_work
from app.ui.evidence import escape
from app.ui.job_panel import log_button, resume_button
from app.ui.links import run_links
from app.ui.messages import engine_error
from engine.errors import EngineError
from engine.job_state import ACTIVE
from engine.jobs import delete_run
from engine.workbench.run_orders import order_deletion

_RESUMABLE = ("waiting", "failed", "cancelled", "interrupted")


def run_actions(run_id: str, status: str) -> None:
    """Draw the links and buttons that fit the run's state."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if status == "done":
            run_links(run_id)
        # A hosted app's role may neither compute nor delete.
        if status in _RESUMABLE and not cache.only_batch() and desk.may("run"):
            resume_button(run_id, "runs")
        log_button(run_id, "runs")
        if status not in ACTIVE and not cache.only_batch() and desk.may("delete_run"):
            _delete(run_id)


def _delete(run_id: str) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"**Delete every result of {escape(run_id)}?**")
        st.markdown(
            "- Its tables, model, log, and downloads are gone for good.\n"
            "- Alerts in the queue that rest on it keep their record (decisions, notes, history) "
            "but lose their evidence: rings and transactions can no longer be opened.\n"
            "- The input stays; the same file and settings make the run again."
        )
        typed = st.text_input(
            "Type the run's id to confirm", key=f"runs_delete_id_{run_id}", placeholder=run_id
        )
        if st.button(
            "Delete the run", type="primary", key="runs_delete", disabled=typed.strip() != run_id
        ):
            _delete_now(run_id)


def _delete_now(run_id: str) -> None:
    try:
        refuse_while_at_work(run_id)
        desk.write(order_deletion, run_id)
        delete_run(cache.lake(), run_id)
    except EngineError as error:
        engine_error(error)
        return
    if state.read("job") == run_id:
        state.write("job", None)
    st.rerun()
