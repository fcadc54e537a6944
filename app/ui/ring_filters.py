"""The filters of the ring list: bound to the address, with counts and a way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui.filters import lowest_band, order_box, search_box, whole_days
from engine.query.ring_list import RingFilter, RingOrder, RingRanges

_ORDERS: dict[str, tuple[RingOrder, bool]] = {
    "Highest risk": ("score", True),
    "Largest amount": ("amount", True),
    "Most accounts": ("n_accounts", True),
    "Most transactions": ("n_transactions", True),
    "Latest start": ("start", True),
    "Earliest start": ("start", False),
}
_TYPOLOGY = "ring_typology"
#: What each filter is when it lets every ring through.
_OPEN: dict[str, Any] = {
    "ring_search": "",
    "ring_band": None,
    "ring_low": None,
    "ring_high": None,
    "ring_period": (),
    _TYPOLOGY: [],
}


def ring_filters(
    count: Callable[[RingFilter], pd.DataFrame], ranges: RingRanges, currency: str | None
) -> RingFilter:
    """Draw the filters of the ring list and return what they ask for.

    Parameters
    ----------
    count
        Returns ``typology, rings``: how many rings of each typology of the run pass a filter.
    ranges
        Amounts and times of the run's rings.
    currency
        ISO code of the amounts, if known.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = search_box("Ring or account", "ring_search")
        floor = lowest_band("ring_band")
        with st.popover("Amount and period", icon=":material/tune:"):
            low, high, period = _bounds(ranges, currency)
        sort, descending = _ORDERS[order_box(list(_ORDERS), "ring_sort")]
    start, end = whole_days(period)
    chosen = RingFilter(
        min_score=floor,
        min_amount=low,
        max_amount=high,
        start=start,
        end=end,
        search=search,
        sort=sort,
        descending=descending,
    )
    return replace(chosen, typologies=_typologies(count(chosen)))


def ring_count(shown: int, total: int) -> None:
    """Say how many rings the filters keep, with a button that takes all filters away."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if shown == total:
            st.caption(f"{fmt.count(total)} rings", width="content")
            return
        st.caption(f"{fmt.count(shown)} of {fmt.count(total)} rings", width="content")
        st.button(
            "Show all rings",
            icon=":material/filter_alt_off:",
            type="tertiary",
            on_click=reset,
            key="ring_reset",
        )


def reset() -> None:
    """Take all filters of the ring list away; the order stays."""
    for key, value in _OPEN.items():
        st.session_state[key] = value
    st.query_params.pop(_TYPOLOGY, None)


def _bounds(ranges: RingRanges, currency: str | None) -> tuple[float | None, float | None, Any]:
    st.caption(
        f"Rings of this run: {fmt.compact_amount(ranges.smallest, currency)} to "
        f"{fmt.compact_amount(ranges.largest, currency)}, {fmt.date(ranges.first)} to "
        f"{fmt.date(ranges.last)}"
    )
    low = st.number_input(
        "Amount from", min_value=0.0, value=None, key="ring_low", bind="query-params"
    )
    high = st.number_input(
        "Amount to", min_value=0.0, value=None, key="ring_high", bind="query-params"
    )
    period = st.date_input(
        f"Active between ({fmt.zone()})", value=[], key="ring_period", bind="query-params"
    )
    return low, high, period


def _typologies(counts: pd.DataFrame) -> tuple[str, ...]:
    """Let typologies be picked; a run with a single one leaves nothing to pick.

    Streamlit would write the labels to the address, and these hold counts that change: so the
    names are written here.
    """
    if len(counts) < 2:
        return ()
    rings = dict(zip(counts["typology"], counts["rings"], strict=True))
    _settle_typologies(list(rings))
    chosen: Any = st.pills(
        "Typology",
        list(rings),
        selection_mode="multi",
        format_func=lambda name: f"{fmt.typology(name)} :gray[{fmt.count(rings.get(name))}]",
        key=_TYPOLOGY,
        label_visibility="collapsed",
        on_change=_write_typologies,
        persist_state="session",
    )
    return tuple(chosen or ())


def _settle_typologies(names: list[str]) -> None:
    """Take the choice from the address; a link of the sidebar drops it there: put it back."""
    asked = st.query_params.get_all(_TYPOLOGY) or st.session_state.get(_TYPOLOGY) or []
    st.session_state[_TYPOLOGY] = [name for name in names if name in asked]
    _write_typologies()


def _write_typologies() -> None:
    chosen = st.session_state[_TYPOLOGY]
    if chosen:
        st.query_params[_TYPOLOGY] = chosen
    else:
        st.query_params.pop(_TYPOLOGY, None)
