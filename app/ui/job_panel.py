"""The panel of one run at work: stage, percentage, time, cancel, and how it ended."""

from __future__ import annotations

import streamlit as st

from app.ui import account_ids, cache, desk, format, state
from app.ui.engine_choice import receipt_text
from app.ui.links import run_links
from app.ui.messages import engine_error
from engine.errors import EngineError
from engine.job_state import RunState, run_state
from engine.jobs import cancel_run, resume_run
from engine.workbench.run_orders import order_work

_POLL_SECONDS = 1.0

STAGE_TEXT = {
    "": "Starting",
    "intake": "Reading the input",
    "features": "Making features",
    "scores": "Scoring transactions",
    "graph": "Building the network",
    "rings": "Finding rings",
    "alerts": "Ranking alerts",
}


def job_panel(run_id: str) -> None:
    """Show a run; while it is at work, the panel alone refreshes every second."""
    active = run_state(cache.lake().run(run_id)).is_active
    st.fragment(_panel, run_every=_POLL_SECONDS if active else None)(run_id, active)


def _panel(run_id: str, was_active: bool) -> None:
    try:
        now = run_state(cache.lake().run(run_id))
    except EngineError as error:
        engine_error(error)
        return
    if was_active and not now.is_active:
        if now.state == "done":
            state.show_run(run_id)
        st.rerun()
    with st.container(border=True):
        if now.is_active:
            _at_work(now)
        elif now.state == "done":
            _done(now)
        else:
            _not_done(now)


def _at_work(now: RunState) -> None:
    text, button = st.columns([5, 1], vertical_alignment="center")
    text.markdown(f"**{STAGE_TEXT.get(now.stage, now.stage)}** · `{now.run_id}`")
    if desk.may("run") and button.button(
        "Cancel", icon=":material/stop_circle:", key="job_cancel", width="stretch"
    ):
        try:
            desk.write(order_work, "cancel", now.run_id)
            cancel_run(cache.lake().run(now.run_id))
        except EngineError as error:
            engine_error(error)
        else:
            st.rerun()
    st.progress(
        now.share,
        text=f"{now.share:.0%} · {format.duration(now.elapsed)} · {now.message}",
    )
    st.caption("It goes on when you leave or close this page.")


def _done(now: RunState) -> None:
    manifest = cache.manifest(now.run_id)
    counts = manifest.get("counts") or {}
    st.markdown(
        f":green[:material/check_circle:] **Done in {format.duration(now.elapsed)}**: "
        f"{format.count(counts.get('rings'))} rings and {format.count(counts.get('alerts'))} "
        f"alerts in {format.count(counts.get('transactions'))} transactions · `{now.run_id}`"
    )
    st.caption(receipt_text(manifest))
    with st.container(horizontal=True, vertical_alignment="center"):
        run_links(now.run_id)
        _dismiss()


def _not_done(now: RunState) -> None:
    titles = {
        "waiting": ":gray[:material/hourglass_top:] **Waits for its next stages**",
        "elsewhere": ":blue[:material/cloud_queue:] **At work on another machine**",
        "failed": ":red[:material/error:] **The run failed**",
        "cancelled": ":gray[:material/cancel:] **Cancelled**",
        "interrupted": ":orange[:material/warning:] **The run was interrupted**",
    }
    st.markdown(f"{titles[now.state]} after {format.duration(now.elapsed)} · `{now.run_id}`")
    if now.error:
        st.code(account_ids.quoting(now.error), language=None, wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        if now.state != "elsewhere" and desk.may("run"):
            resume_button(now.run_id, "job")
        log_button(now.run_id, "job")
        _dismiss()


def resume_button(run_id: str, place: str) -> None:
    """Show the button that resumes a run; finished stages are not redone."""
    if st.button("Resume", icon=":material/play_arrow:", key=f"{place}_resume"):
        try:
            desk.write(order_work, "resume", run_id)
            resume_run(cache.lake(), run_id)
        except EngineError as error:
            engine_error(error)
        else:
            state.write("job", run_id)
            st.rerun()


def log_button(run_id: str, place: str) -> None:
    """Offer the run's log for download, if it has one; it may quote lines of the input."""
    log = cache.lake().run(run_id).log
    if log.exists() and desk.may("export") and not account_ids.are_hidden():
        st.download_button(
            "Log",
            data=cache.noted(run_id, "log", log.read_bytes),
            file_name=f"{run_id}.log",
            mime="text/plain",
            icon=":material/description:",
            on_click="ignore",
            key=f"{place}_log",
        )


def _dismiss() -> None:
    if st.button("Dismiss", type="tertiary", key="job_dismiss"):
        state.write("job", None)
        st.rerun()
