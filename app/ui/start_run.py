"""The button that starts a run, with the options that change its result."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import cache, state
from app.ui.engine_choice import engine_panel, settings
from app.ui.input_check import CheckedInput
from app.ui.messages import engine_error
from engine.backend import EngineChoice
from engine.errors import EngineError
from engine.job_state import active_run
from engine.jobs import start_run
from engine.plan import LabelMode, plan
from engine.query.runs import done_runs, list_runs

_LABELS: dict[LabelMode, str] = {"auto": "Use them if any", "ignore": "Ignore them"}
_ENGINES: dict[EngineChoice, str] = {
    "auto": "Choose for me",
    "cpu": "CPU",
    "gpu": "GPU",
}


def start_form(row: DeltaGenerator, below: DeltaGenerator, checked: CheckedInput | None) -> None:
    """Draw the options and the button in a row; a click starts the run and puts it in view.

    Below the row stands where the run will be computed, and why.
    """
    with row:
        labels = st.selectbox(
            "Labels",
            list(_LABELS),
            format_func=_LABELS.__getitem__,
            key="home_labels",
            help="With labels a model is trained on the past and measured on the future.",
            width=140,
        )
        engine = st.selectbox(
            "Engine", list(_ENGINES), format_func=_ENGINES.__getitem__, key="home_engine", width=140
        )
        can_start = checked is not None and engine_panel(
            below, checked.path, checked.schema, engine
        )
        busy = active_run(cache.lake())
        clicked = st.button(
            "Find rings",
            type="primary",
            icon=":material/hub:",
            key="home_start",
            disabled=not can_start or busy is not None,
            help=f"{busy.run_id} is at work; runs go one at a time." if busy else None,
        )
    if clicked and checked is not None:
        _start(checked.path, checked.schema, labels, engine)


def _start(path: Path, schema: str, labels: LabelMode, engine: EngineChoice) -> None:
    lake = cache.lake()
    try:
        planned = plan(lake, path, schema, labels, engine, settings())
        if planned.run_id not in done_runs(list_runs(lake)):
            start_run(
                lake, path, run_id=planned.run_id, schema=schema, labels=labels, engine=engine
            )
    except EngineError as error:
        engine_error(error)
        return
    state.write("job", planned.run_id)
    st.rerun()
