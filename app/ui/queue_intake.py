"""New runs come into the queue when somebody looks at it."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, desk
from app.ui.evidence import escape, safe
from engine.workbench import take_in
from engine.workbench.errors import WorkbenchError
from engine.workbench.take_in import TakenIn


def take_in_runs() -> None:
    """Take in the runs that are not in the queue yet, and say what they brought.

    What was looked at once is not looked at again until a run of the lake comes or changes.
    """
    try:
        taken = _taken(desk.address(), cache.lake().address, _finished())
    except WorkbenchError as error:
        # Another process may be taking them in: what is in the queue can be worked on meanwhile.
        st.warning(
            f"New runs could not be taken into the queue now: {safe(str(error))}",
            icon=":material/hourglass_top:",
        )
        return
    for run_id, problem in taken.problems.items():
        st.warning(
            f"The alerts of run **{escape(run_id)}** are not in the queue: {safe(problem)}",
            icon=":material/error:",
        )


def _finished() -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(manifest["run_id"]), str(manifest["started"]))
        for manifest in cache.lake().manifests()
        if manifest.get("status") == "done"
    )


@st.cache_resource(max_entries=4, show_spinner="Taking new alerts into the queue")
def _taken(workbench: str, lake: str, runs: tuple[tuple[str, str], ...]) -> TakenIn:
    return take_in.take_in_all(desk.bench(), cache.lake())
