"""The order of a drill: which rings, how many, how large, when; a click starts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, desk, format, messages
from app.ui.run_settings import in_words
from engine.drill import work
from engine.drill.order import SIZES, Order, Planting
from engine.errors import EngineError
from engine.evaluation.run_results import has_labels
from engine.job_state import active_run
from engine.label_record import ignores_labels
from engine.query import overview
from engine.query.threshold_alerts import Thresholds
from engine.workbench.drill_orders import order_drill

#: Rings of each typology that are offered at first.
_EACH = 3


def order_form(run_id: str) -> None:
    """Draw the order of a drill on the data of a run, and start it when asked."""
    run = cache.manifest(run_id)
    if not run["has_accounts"]:
        messages.no_accounts(run["input"]["name"])
        return
    figures = cache.query(overview.key_figures, run_id)
    learns = _learns(run_id, run)
    with st.form("drill_order", border=True):
        st.markdown("##### Plant rings")
        left, right = st.columns([3, 2], gap="medium")
        with left:
            wanted = _plantings()
        with right:
            amount = st.number_input(
                "Median transfer", min_value=0.0, value=None, key="drill_amount",
                placeholder="Automatic: the data's median",
                help="Left empty, or 0: the median of the data's transfers",
            )  # fmt: skip
            period = st.date_input(
                "Within", (figures.first, figures.last), figures.first, figures.last,
                key="drill_period",
            ) if figures.first and figures.last else ()  # fmt: skip
            seed = st.number_input("Seed", 0, 2**31 - 1, 1, key="drill_seed")
        st.caption(f"Searched with the settings of `{run_id}`: "
                   f"{in_words(Thresholds.of_run(run))}.")  # fmt: skip
        asked = st.form_submit_button(
            "Start the drill", type="primary", icon=":material/target:", key="drill_start",
            disabled=not desk.may("run") or cache.only_batch() or _busy() is not None,
            help=_hindrance(),
        )  # fmt: skip
    if asked:
        days = [day.isoformat() for day in _days(period)]
        start, end = (days[0], days[-1]) if days else (None, None)
        _start(Order(run_id, wanted, amount or None, start, end,
                     "auto" if learns else "ignore", int(seed)))  # fmt: skip


def _learns(run_id: str, run: Mapping[str, Any]) -> bool:
    """Ask whether to learn from labels, as the run did at first; say so where it differs."""
    labelled = has_labels(cache.lake().run(run_id))
    did = labelled and not ignores_labels(run)
    learns = st.checkbox(
        "Learn from the data's labels", value=did, key=f"drill_labels_{run_id}",
        disabled=not labelled,
        help="Rings are then planted in the last part of the data, on which the model is "
        "judged: of what it was taught no test can be made.",
    )  # fmt: skip
    told = difference_in_words(did=did, learns=learns)
    if told:
        st.caption(f":orange[:material/warning:] {told}")
    return learns


def difference_in_words(*, did: bool, learns: bool) -> str:
    """Say how the search of a drill differs from its run's; empty where it does not."""
    if did == learns:
        return ""
    if did:
        return (
            "The run in view learned from the labels, this drill does not: rings are scored "
            "without that, and the recall is not that of the run."
        )
    return (
        "The run in view left the labels aside, this drill learns from them: the recall is not "
        "that of the run."
    )


def order_in_words(order: Order) -> str:
    """Say what was planted and how it was searched.

    E.g. ``3 Cycle (3–10 accounts), 2 Stack (9–15 accounts); searched without labels``.
    """
    parts = [
        f"{planting.count} {typology(planting.typology)} "
        f"({planting.smallest}–{planting.largest} accounts)"
        for planting in order.plantings
        if planting.count
    ]
    when = f"; {order.start} to {order.end}" if order.start and order.end else ""
    learned = "learning from its labels" if order.labels == "auto" else "without labels"
    return f"{', '.join(parts)}{when}; searched {learned}"


def typology(name: str) -> str:
    """Write the name of a planted typology."""
    return "Random walk" if name == "random" else format.typology(name)


def _plantings() -> tuple[Planting, ...]:
    names = list(SIZES)
    given = pd.DataFrame(
        {
            "typology": [typology(name) for name in names],
            "count": _EACH,
            "smallest": [SIZES[name][0] for name in names],
            "largest": [SIZES[name][1] for name in names],
        }
    )
    number = st.column_config.NumberColumn
    edited = st.data_editor(
        given, hide_index=True, row_height=30, key="drill_plantings", disabled=["typology"],
        num_rows="fixed",
        column_config={
            "typology": st.column_config.TextColumn("Typology", width=130),
            "count": number("Rings", min_value=0, max_value=50, step=1, required=True, width=70),
            "smallest": number("Accounts from", min_value=3, step=1, required=True, width=110),
            "largest": number("to", min_value=3, step=1, required=True, width=70),
        },
    )  # fmt: skip
    return tuple(
        Planting(name, int(row["count"]), int(row["smallest"]), int(row["largest"]))
        for name, row in zip(names, edited.to_dict("records"), strict=True)
    )


def _days(period: object) -> list[date]:
    return [day for day in period if isinstance(day, date)] if isinstance(period, tuple) else []


def _busy() -> str | None:
    active = active_run(cache.lake())
    return None if active is None else active.run_id


def _hindrance() -> str | None:
    if cache.only_batch():
        return "Drills are computed on the machine of the app, which here computes nothing"
    busy = _busy()
    return f"{busy} is at work; runs and drills go one at a time." if busy else None


def _start(order: Order) -> None:
    lake = cache.lake()
    try:
        drill_id = work.begin(lake, order)
        desk.write(order_drill, "start", drill_id, order.to_dict())
        work.start(lake, drill_id)
    except EngineError as error:
        messages.engine_error(error)
        return
    st.session_state["drill_in_view"] = drill_id
    st.query_params["drill"] = drill_id
    st.rerun()
