"""The filter rows: widgets bound to the address, in and a filter out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from app.ui import days
from app.ui.theme import RISK_BANDS


def page_number(rows: int, page_size: int, key: str) -> int:
    """Draw the page control, where there is more than one page, and return the page, from 1."""
    pages = max(1, -(-rows // page_size))
    if int(st.session_state.get(key, 1)) > pages:
        st.session_state[key] = 1
    if pages == 1:
        return 1
    # With the width of its content it folds to fewer pages than there is room for.
    width = 90 + 40 * min(pages, 7)
    return st.pagination(pages, key=key, max_visible_pages=7, width=width, bind="query-params")


def search_box(placeholder: str, key: str, width: int = 190) -> str:
    """Draw the search box and return its text."""
    text = st.text_input(
        "Search",
        key=key,
        placeholder=placeholder,
        icon=":material/search:",
        live=True,
        bind="query-params",
        width=width,
    )
    return text or ""


def accept_names(key: str, names: list[str]) -> None:
    """Let links name a typology as the lake does; the widget itself writes its label there."""
    named = [name for name in st.query_params.get_all(key) if name in names]
    if named:
        st.session_state[key] = named


def lowest_band(key: str) -> float:
    """Let a risk band be picked and return its lowest score, 0 where none is picked."""
    floors = {band.name: band.floor for band in RISK_BANDS}
    name = st.segmented_control(
        "Risk at least",
        [band.name for band in RISK_BANDS if band.floor > 0][::-1],
        key=key,
        bind="query-params",
    )
    return floors[name] if name else 0.0


def order_box(labels: list[str], key: str) -> str:
    """Let an order be picked and return its label."""
    return st.selectbox("Sort by", labels, key=key, bind="query-params", width=150)


def whole_days(period: Any) -> tuple[datetime | None, datetime | None]:
    """Turn picked days of the person's zone into a range of moments in UTC, without a time zone.

    While only the first day is picked, the range is open.
    """
    picked: list[date] = list(period) if isinstance(period, (list, tuple)) else []
    start = _begins(picked[0]) if picked else None
    end = _begins(picked[1] + timedelta(days=1)) if len(picked) > 1 else None
    return start, end


def _begins(day: date) -> datetime:
    return days.begins(day).replace(tzinfo=None)
