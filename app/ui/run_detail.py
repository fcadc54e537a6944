"""One run of the history: where it is, what each stage took, how it was made, what it rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import account_ids, cache, charts, format, report_run, state, theme
from app.ui.chart_card import card, show_chart
from app.ui.evidence import escape, safe
from app.ui.run_actions import run_actions
from app.ui.run_downloads import run_downloads
from app.ui.run_making import show_making
from app.ui.runs_view import open_view
from engine.query.lineage import previous_run
from engine.query.runs import rejects

_BADGES: dict[str, tuple[str, str]] = {
    "done": (":material/check_circle:", "green"),
    "running": (":material/play_circle:", "blue"),
    "starting": (":material/rocket_launch:", "blue"),
    "elsewhere": (":material/cloud_queue:", "blue"),
    "waiting": (":material/hourglass_top:", "gray"),
    "cancelled": (":material/cancel:", "gray"),
    "interrupted": (":material/warning:", "orange"),
    "failed": (":material/error:", "red"),
    "unreadable": (":material/error:", "red"),
}
_SHOWN_REJECTS = 50


def run_detail(run: pd.Series[Any]) -> None:
    """Show a run, given its row of :func:`engine.query.runs.list_runs`."""
    run_id, status = str(run["run_id"]), str(run["state"])
    _head(run_id, status)
    if run["error"]:
        st.caption(f":red[:material/error:] {safe(account_ids.quoting(str(run['error'])))}")
    if status in ("running", "starting"):
        st.page_link(
            state.page_path("home"), label="Follow it on Home", icon=":material/arrow_forward:",
            query_params={"job": run_id},
        )  # fmt: skip
    run_actions(run_id, status)
    if status == "unreadable" or not cache.lake().run(run_id).manifest.exists():
        return
    if status == "done":
        cache.fetch_run(run_id)
    manifest = cache.manifest(run_id)
    times, made = st.columns([1, 1], gap="small")
    with card(times, "Stages"):
        _stages(manifest["stages"])
    with card(made, "How it was made"):
        show_making(manifest)
    if status == "done":
        with card(st.container(), "Downloads"):
            report_run.summary_button(run_id)
            run_downloads(manifest)
    if manifest["input"]["rejected"] and cache.lake().run(run_id).rejects.exists():
        _rejects(run_id, int(manifest["input"]["rejected"]))


def _head(run_id: str, status: str) -> None:
    icon, colour = _BADGES.get(status, (":material/help:", "gray"))
    badge: Any = colour
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {escape(run_id)}", width="content")
        st.badge(status.capitalize(), icon=icon, color=badge)
        previous = previous_run(cache.lake(), run_id) if status == "done" else None
        if previous is not None:
            st.button(
                "Compare with the run before", icon=":material/compare_arrows:", type="tertiary",
                key="runs_compare", on_click=_compare, args=(run_id, previous),
            )  # fmt: skip


def _compare(run_id: str, previous: str) -> None:
    state.show_run(run_id)
    state.write("against", previous)
    open_view("compare")


def _stages(stages: Sequence[Mapping[str, Any]]) -> None:
    if not stages:
        st.caption("No stage is finished yet.")
        return
    show_chart(
        charts.stage_times([dict(stage) for stage in stages], dark=theme.is_dark()),
        key="runs_stages",
        alt="Seconds by stage of the run",
    )
    table = pd.DataFrame([_stage(stage) for stage in stages])
    if table["Engine"].nunique() < 2:  # then it is said beside the table
        table = table.drop(columns="Engine")
    st.dataframe(
        table,
        hide_index=True,
        row_height=28,
        placeholder="–",
        key="runs_stage_table",
        alt="What each stage of the run took",
        column_config={
            "Seconds": st.column_config.NumberColumn(format="%.2f"),
            "Rows a second": st.column_config.NumberColumn(format="localized"),
            "Peak memory": st.column_config.NumberColumn(format="%d MB"),
        },
    )


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    seconds, rows = float(stage["seconds"]), stage.get("rows")
    return {
        "Stage": str(stage["name"]).capitalize(),
        "Seconds": seconds,
        "Rows a second": round(rows / seconds) if rows and seconds else None,
        "Peak memory": stage.get("peak_rss_mb"),
        "Engine": str(stage.get("engine", "")).upper() or None,
    }


def _rejects(run_id: str, n_rejected: int) -> None:
    title = f"{format.count(n_rejected)} rejected row{'' if n_rejected == 1 else 's'}"
    with st.expander(title, icon=":material/rule:"):
        st.dataframe(
            cache.query(rejects, run_id, _SHOWN_REJECTS),
            hide_index=True,
            key="runs_rejects",
            column_config={"row": "Row", "reason": "Reason", "raw": "As received"},
            alt="First rejected rows with the reason",
        )
        if n_rejected > _SHOWN_REJECTS:
            st.caption(f"The first {_SHOWN_REJECTS}; all of them are among the downloads.")
