"""The button that starts a run, with the options that change its result."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import cache, desk, run_settings, state
from app.ui.batch_runs import submit_run
from app.ui.engine_choice import engine_panel
from app.ui.input_check import CheckedInput
from app.ui.label_choice import ChosenLabels, choose_labels
from app.ui.messages import engine_error
from aws import names
from aws.batch.chain import Expected
from engine.backend import EngineChoice
from engine.errors import EngineError
from engine.job_state import active_run
from engine.jobs import start_run
from engine.plan import plan
from engine.query.runs import done_runs, list_runs
from engine.router import Option, Wanted
from engine.workbench.run_orders import order_training, order_work

_ENGINES: dict[Wanted, str] = {"auto": "Choose for me", "cpu": "CPU", "gpu": "GPU"}
_ENGINES_WITH_BATCH: dict[Wanted, str] = {**_ENGINES, "batch": "AWS Batch"}
_MACHINES: dict[names.Kind, str] = {"cpu": "CPU, spot", "gpu": "GPU, spot"}


def start_form(row: DeltaGenerator, below: DeltaGenerator, checked: CheckedInput | None) -> None:
    """Draw the options and the button in a row; a click starts the run and puts it in view.

    Below the row stands where the run will be computed, and why.
    """
    with row:
        labels = choose_labels(below)
        engines = _engines()
        engine = st.selectbox(
            "Engine", list(engines), format_func=engines.__getitem__, key="home_engine", width=140
        )
        kind: names.Kind = "cpu"
        if engine == "batch":
            kind = st.selectbox(
                "Machines", list(_MACHINES), format_func=_MACHINES.__getitem__,
                key="home_machines", width=110,
            )  # fmt: skip
        there = None
        if checked is not None:
            there = engine_panel(below, checked.path, checked.schema, engine, kind)
        busy = active_run(cache.lake())
        with below:
            run_settings.show_in_force()
        clicked = st.button(
            "Find rings",
            type="primary",
            icon=":material/hub:",
            key="home_start",
            disabled=(
                there is None
                or (busy is not None and there.place != "batch")
                or not desk.may("run")
            ),
            help=f"{busy.run_id} is at work; runs go one at a time." if busy else None,
        )
    if not clicked or checked is None or there is None:
        return
    if there.place == "batch":
        _submit(checked, labels, kind, there)
    elif engine != "batch":
        _start(checked.path, checked.schema, labels, engine)


def _engines() -> dict[Wanted, str]:
    if cache.only_batch():
        return {"batch": _ENGINES_WITH_BATCH["batch"]}
    return _ENGINES if cache.lake().remote is None else _ENGINES_WITH_BATCH


def _submit(checked: CheckedInput, labels: ChosenLabels, kind: names.Kind, there: Option) -> None:
    expected = None
    if there.seconds is not None and there.cost_usd is not None:
        expected = Expected(there.seconds, there.cost_usd)
    try:
        feedback = labels.keep()
        _order(checked.path.name, labels, feedback, f"AWS Batch, {kind}")
        with st.spinner("Submitting to AWS Batch"):
            chain = submit_run(checked.path, checked.schema, labels.mode, kind, expected, feedback)
    except EngineError as error:
        engine_error(error)
        return
    state.write("batch", chain.run_id)
    st.switch_page(state.page_path("runs"), query_params={"batch": chain.run_id})


def _start(path: Path, schema: str, labels: ChosenLabels, engine: EngineChoice) -> None:
    lake = cache.lake()
    try:
        feedback = labels.keep()
        settings = run_settings.settings()
        planned = plan(lake, path, schema, labels.mode, engine, settings, feedback=feedback)
        if planned.run_id not in done_runs(list_runs(lake)):
            _order(planned.run_id, labels, feedback, engine)
            start_run(
                lake,
                lake.address_of(path),
                run_id=planned.run_id,
                schema=schema,
                labels=labels.mode,
                engine=engine,
                config=run_settings.settings_file(),
                feedback=feedback,
            )
    except EngineError as error:
        engine_error(error)
        return
    state.write("job", planned.run_id)
    st.rerun()


def _order(run_id: str, labels: ChosenLabels, feedback: Path | None, engine: str) -> None:
    """Record who starts what, if they may."""
    desk.write(order_work, "start", run_id, {"engine": engine, "labels": labels.mode})
    if labels.decided is not None and feedback is not None:
        told = labels.decided
        desk.write(order_training, run_id, feedback.name, told.positives, told.negatives)
