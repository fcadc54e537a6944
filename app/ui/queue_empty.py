"""What the queue says when nothing passes the filter: why, and what to do."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui import format as fmt
from app.ui import queue_counts, queue_filters
from app.ui.evidence import escape
from engine.workbench import queue
from engine.workbench.queue_figures import QueueFigures
from engine.workbench.queue_filter import QueueFilter


def show_empty(chosen: QueueFilter, figures: QueueFigures) -> None:
    """Say what was done today, what hides the rest, and offer the way to it."""
    with st.container(border=True, horizontal_alignment="left", key="queue_empty"):
        if queue_filters.is_narrowed(chosen):
            everywhere = replace(chosen, show="all", statuses=())
            if elsewhere := queue_counts.ask(queue.count, everywhere):
                _elsewhere(everywhere, elsewhere)
                return
            hidden = queue_counts.ask(queue.count, queue_filters.unfiltered(chosen))
            if hidden:
                _narrowed(chosen, hidden)
                return
        if chosen.show == "working" and not chosen.statuses:
            _done(figures)
        else:
            st.markdown("#### :material/inbox: Nothing here")
            st.markdown("No alert is in this part of the queue.")
            _button("Show what is to do")


def _elsewhere(everywhere: QueueFilter, number: int) -> None:
    found = "1 alert passes" if number == 1 else f"{fmt.count(number)} alerts pass"
    st.markdown("#### :material/filter_alt: No alert in this part of the queue passes the filters")
    st.markdown(f"{found} them under *Show: All*: closed, snoozed, suppressed or to do.")
    st.button(
        f"Show {'it' if number == 1 else 'them'}", key="queue_everywhere",
        on_click=_put, args=(everywhere,), icon=":material/select_all:",
    )  # fmt: skip


def _narrowed(chosen: QueueFilter, hidden: int) -> None:
    st.markdown("#### :material/filter_alt: No alert passes these filters")
    waits = "1 alert" if hidden == 1 else f"{fmt.count(hidden)} alerts"
    st.markdown(f"{waits} would be here without: {escape(queue_filters.in_words(chosen))}.")
    st.button(
        "Take the filters away", key="queue_unfilter", on_click=_put,
        args=(queue_filters.unfiltered(chosen),), icon=":material/filter_alt_off:",
    )  # fmt: skip


def _done(figures: QueueFigures) -> None:
    st.markdown("#### :material/done_all: Nothing is to do")
    if figures.closed_today:
        n = figures.closed_today
        closed = "1 alert was" if n == 1 else f"{fmt.count(n)} alerts were"
        st.markdown(f"{closed} closed today, and none is left.")
    else:
        st.markdown(
            "No alert of this data set is open. A run that finds rings or risky transactions "
            "brings alerts; what was put off or closed is under *Show*."
        )
    _button("Show all alerts, closed ones too", show="All")


def _button(label: str, show: str = "To do") -> None:
    part, statuses = queue_filters.SHOWN[show]
    st.button(
        label, key="queue_show", on_click=_put,
        args=(QueueFilter(data_set="", show=part, statuses=statuses),),
    )  # fmt: skip


def _put(chosen: QueueFilter) -> None:
    queue_filters.put(chosen)
    st.rerun()  # the filters stand in the page round the list
