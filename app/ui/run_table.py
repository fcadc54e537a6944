"""The table of past runs, and what can be done with the selected one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, format, state
from app.ui.batch_runs import refuse_while_at_work
from app.ui.evidence import safe
from app.ui.job_panel import log_button, resume_button
from app.ui.links import run_links
from app.ui.messages import engine_error
from engine.errors import EngineError
from engine.job_state import ACTIVE
from engine.jobs import delete_run
from engine.query.runs import rejects, rejects_csv

_SHOWN = ("state", "input", "rows", "rejected", "alerts", "rings", "seconds", "engine", "started")
_RESUMABLE = ("waiting", "failed", "cancelled", "interrupted")
_SHOWN_REJECTS = 50


def run_table(runs: pd.DataFrame) -> None:
    """Draw the runs of :func:`engine.query.runs.list_runs`, and actions for the selected one."""
    event: Any = st.dataframe(
        runs[["run_id", *_SHOWN]],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        row_height=30,
        placeholder="–",
        key="home_runs",
        column_config=_columns(),
        alt="Past runs",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(runs):
        _actions(runs.iloc[rows[0]])


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "run_id": st.column_config.TextColumn("Run", width="medium"),
        "state": st.column_config.TextColumn("Status", width=92),
        "input": st.column_config.TextColumn("Input", width="medium"),
        "rows": number("Rows", format="localized"),
        "rejected": number("Rejected", format="localized"),
        "alerts": number("Alerts", format="localized"),
        "rings": number("Rings", format="localized"),
        "seconds": number("Seconds", format="%.1f"),
        "engine": "Engine",
        "started": st.column_config.DatetimeColumn("Started (UTC)", format="YYYY-MM-DD HH:mm"),
    }


def _actions(run: pd.Series[Any]) -> None:
    run_id, status = str(run["run_id"]), str(run["state"])
    if run["error"]:
        st.caption(f":red[:material/error:] {safe(str(run['error']))}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if status == "done":
            run_links(run_id)
        # A hosted app's role may neither compute nor delete.
        if status in _RESUMABLE and not cache.only_batch():
            resume_button(run_id, "home")
            log_button(run_id, "home")
        if status not in ACTIVE and not cache.only_batch():
            _delete(run_id)
    if status == "done" and run["rejected"] > 0:
        _rejects(run_id, int(run["rejected"]))


def _delete(run_id: str) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete every result of `{run_id}`? The input stays.")
        if st.button("Delete the run", type="primary", key="home_delete"):
            try:
                refuse_while_at_work(run_id)
                delete_run(cache.lake(), run_id)
            except EngineError as error:
                engine_error(error)
            else:
                if state.read("job") == run_id:
                    state.write("job", None)
                st.rerun()


def _rejects(run_id: str, n_rejected: int) -> None:
    with st.expander(f"{format.count(n_rejected)} rejected rows", icon=":material/rule:"):
        st.dataframe(
            cache.query(rejects, run_id, _SHOWN_REJECTS),
            hide_index=True,
            key="home_rejects",
            column_config={"row": "Row", "reason": "Reason", "raw": "As received"},
            alt="First rejected rows with the reason",
        )
        st.download_button(
            "All rejected rows as CSV",
            data=lambda: rejects_csv(cache.lake().run(run_id)),
            file_name=f"{run_id}-rejects.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="home_rejects_csv",
        )
