"""The filter rows: widgets bound to the address, in and a filter out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui import state
from app.ui.theme import RISK_BANDS
from engine.query.alerts import AlertFilter, AlertOrder

_ALERT_ORDERS: dict[str, tuple[AlertOrder, bool]] = {
    "Highest risk": ("score", True),
    "Largest amount": ("amount", True),
    "Most accounts": ("n_accounts", True),
    "Newest": ("opened", True),
    "Oldest": ("opened", False),
}


def alert_filters(typologies: pd.DataFrame) -> AlertFilter:
    """Draw the filter row of the alert queue and return what it asks for.

    Parameters
    ----------
    typologies
        ``typology, alerts``: the typologies of the run with their numbers of alerts.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = search_box("Alert, title or account", state.ALERTS_SEARCH)
        chosen = _typologies(typologies, state.ALERTS_TYPOLOGY)
        floor = lowest_band(state.ALERTS_BAND)
        sort, descending = _ALERT_ORDERS[order_box(list(_ALERT_ORDERS), "sort")]
        with st.popover("More filters", icon=":material/tune:"):
            low = st.number_input("Amount from", min_value=0.0, value=None, key="alerts_low")
            high = st.number_input("Amount to", min_value=0.0, value=None, key="alerts_high")
            period = st.date_input("Last activity (UTC)", value=[], key="alerts_period")
    start, end = whole_days(period)
    return AlertFilter(
        typologies=chosen,
        min_score=floor,
        min_amount=low,
        max_amount=high,
        start=start,
        end=end,
        search=search,
        sort=sort,
        descending=descending,
    )


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


def search_box(placeholder: str, key: str) -> str:
    """Draw the search box and return its text."""
    text = st.text_input(
        "Search",
        key=key,
        placeholder=placeholder,
        icon=":material/search:",
        live=True,
        bind="query-params",
        width=190,
    )
    return text or ""


def _typologies(counts: pd.DataFrame, key: str) -> tuple[str, ...]:
    """Let typologies be picked; a run with a single one leaves nothing to pick."""
    if len(counts) < 2:
        return ()
    _accept_names(key, list(counts["typology"]))
    chosen: Any = st.pills(
        "Typology",
        list(counts["typology"]),
        selection_mode="multi",
        format_func=fmt.typology,
        key=key,
        bind="query-params",
    )
    return tuple(chosen or ())


def _accept_names(key: str, names: list[str]) -> None:
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
    """Turn picked dates into a range; while only the first day is picked, the range is open."""
    days: list[date] = list(period) if isinstance(period, (list, tuple)) else []
    start = datetime.combine(days[0], time.min) if days else None
    end = datetime.combine(days[1] + timedelta(days=1), time.min) if len(days) > 1 else None
    return start, end
