"""The figures of the queue in one line: how much is open and late, how often it was confirmed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui import desk, queue_filters
from app.ui import format as fmt
from engine.workbench.queue_figures import Precision, QueueFigures
from engine.workbench.queue_filter import QueueFilter


def show_figures(figures: QueueFigures, chosen: QueueFilter) -> None:
    """Show the figures side by side, compact enough to leave the room to the work.

    Parameters
    ----------
    figures
        Those of the alerts that the filter is about.
    chosen
        The filter.
    """
    late = fmt.count(figures.overdue)
    entries = [
        ("To do", fmt.count(figures.open), "Not closed, not snoozed, not suppressed"),
        (
            "Overdue",
            f":red[:material/alarm: {late}]" if figures.overdue else late,
            "To do, and past the moment it was due",
        ),
        ("Mine", fmt.count(figures.mine), "To do, and assigned to you"),
        ("Amount", *_amounts(figures)),
        ("Closed today", fmt.count(figures.closed_today), f"Since midnight ({fmt.zone()})"),
        ("Confirmed", precision(figures.precision), _PRECISION_HELP),
    ]
    with st.container(horizontal=True, gap="medium", key="queue_figures"):
        for name, value, explanation in entries:
            with st.container(width="content", gap=None):
                st.caption(name, help=explanation)
                st.markdown(f"**{value}**")
        if figures.to_approve and desk.may("approve"):
            _approve_button(figures.to_approve, chosen)


_PRECISION_HELP = (
    "Of the alerts decided in this data set, the share that were fraud or suspicious; false "
    "positives count against it, inconclusive ones and duplicates do not count. In brackets the "
    "95 % interval of the share."
)


def _approve_button(number: int, chosen: QueueFilter) -> None:
    show, statuses = queue_filters.SHOWN["Awaiting approval"]
    waiting = replace(chosen, show=show, statuses=statuses, assignee=None, overdue=False)
    st.button(
        f"To approve: {fmt.count(number)}", icon=":material/approval:", key="queue_to_approve",
        on_click=queue_filters.put, args=(waiting,),
        help="Others' decisions that wait for a second person: show them",
    )  # fmt: skip


def precision(found: Precision) -> str:
    """Write a precision as its numbers and its interval, e.g. ``38 of 60 (51–74 %)``."""
    if found.low is None or found.high is None:
        return f"{fmt.MISSING} (none decided)"
    low, high = (round(100 * part) for part in (found.low, found.high))
    return f"{fmt.count(found.right)} of {fmt.count(found.decided)} ({low}–{high} %)"


def _amounts(figures: QueueFigures) -> tuple[str, str]:
    """Return the largest sum; sums of other currencies stand in the explanation."""
    explanation = "Sum over what is to do; a transaction in several alerts counts in each"
    if not figures.amounts:
        return fmt.MISSING, explanation
    shown, *others = (
        fmt.compact_amount(amount, currency).replace("$", "\\$")
        for currency, amount in figures.amounts
    )
    if others:
        return f"{shown} + {len(others)}", f"{explanation}. Besides: {', '.join(others)}"
    return shown, explanation
