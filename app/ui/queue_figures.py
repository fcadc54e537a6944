"""The figures of the queue in one line: how much is open and late, and how often it was right."""

from __future__ import annotations

import streamlit as st

from app.ui import format as fmt
from engine.workbench.queue_figures import Precision, QueueFigures


def show_figures(figures: QueueFigures) -> None:
    """Show the figures side by side, compact enough to leave the room to the work."""
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
        ("Right so far", precision(figures.precision), _PRECISION_HELP),
    ]
    with st.container(horizontal=True, gap="medium", key="queue_figures"):
        for name, value, explanation in entries:
            with st.container(width="content", gap=None):
                st.caption(name, help=explanation)
                st.markdown(f"**{value}**")


_PRECISION_HELP = (
    "Of the alerts decided in this data set, the share that were fraud or suspicious; false "
    "positives count against it, inconclusive ones and duplicates do not count. In brackets the "
    "95 % interval, and how many alerts it rests on."
)


def precision(found: Precision) -> str:
    """Write a precision with its interval and number, e.g. ``63 % (51–74 %, 60)``."""
    if found.share is None or found.low is None or found.high is None:
        return f"{fmt.MISSING} (none decided)"
    share, low, high = (round(100 * part) for part in (found.share, found.low, found.high))
    return f"{share} % ({low}–{high} % of {fmt.count(found.decided)})"


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
