"""The button that starts a run, with the options that change its result."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.ui import cache, state
from app.ui.input_check import CheckedInput
from app.ui.messages import engine_error
from engine.config import Config
from engine.errors import EngineError
from engine.jobs import active_run, start_run
from engine.pipeline import plan

_LABELS = {"auto": "Use them if there are any", "ignore": "Ignore them"}
_ENGINES = {
    "auto": "Choose by size and hardware",
    "cpu": "Processor (CPU)",
    "gpu": "Graphics card (GPU)",
}


def start_form(checked: CheckedInput | None) -> None:
    """Draw the options and the button; a click starts the run and puts it in view."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = st.selectbox(
            "Labels",
            list(_LABELS),
            format_func=_LABELS.__getitem__,
            key="home_labels",
            help="With labels a model is trained on the past and measured on the future.",
            width=230,
        )
        engine = st.selectbox(
            "Engine", list(_ENGINES), format_func=_ENGINES.__getitem__, key="home_engine", width=230
        )
        busy = active_run(cache.lake())
        clicked = st.button(
            "Find rings",
            type="primary",
            icon=":material/hub:",
            key="home_start",
            disabled=checked is None or busy is not None,
            help=f"{busy.run_id} is at work; runs go one at a time." if busy else None,
        )
    if clicked and checked is not None:
        _start(checked.path, checked.schema, labels, engine)


def _start(path: Path, schema: str, labels: str, engine: str) -> None:
    lake = cache.lake()
    try:
        planned = plan(lake, path, schema, labels, engine, Config())
        if planned.duplicate_of is None:
            start_run(
                lake, path, run_id=planned.run_id, schema=schema, labels=labels, engine=engine
            )
    except EngineError as error:
        engine_error(error)
        return
    state.write("job", planned.duplicate_of or planned.run_id)
    st.rerun()
