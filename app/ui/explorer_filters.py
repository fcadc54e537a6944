"""Which transfers the explorer draws: by amount, period, type, and risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import streamlit as st

from app.ui import explorer_state
from engine.explorer.bounds import Bounds
from engine.explorer.view import Filters, View

_KEYS = ("explorer_amount", "explorer_period", "explorer_types", "explorer_risk")


def filter_popover(run_id: str, view: View, bounds: Bounds, currency: str | None) -> None:
    """Offer the filters; what is chosen holds for what is drawn and for the next expansions."""
    filters = view.filters
    n_on = sum(
        map(bool, (filters.min_amount, filters.start or filters.end, filters.types,
                   filters.min_risk))
    )  # fmt: skip
    # The widgets show what the view says, also after a link, an undo, or another start.
    amount, period, types, risk = _KEYS
    st.session_state[amount] = filters.min_amount or None
    st.session_state[period] = _days(filters, bounds)
    st.session_state[types] = [one for one in filters.types if one in bounds.types]
    st.session_state[risk] = filters.min_risk

    def take() -> None:
        explorer_state.write(run_id, replace(view, filters=_chosen(bounds)))

    label = f"Filters · {n_on}" if n_on else "Filters"
    with st.popover(label, icon=":material/filter_alt:", key="explorer_filters"):
        unit = "" if currency is None else f" ({currency})"
        st.number_input(
            f"Least amount of a transfer{unit}", min_value=0.0, step=100.0, key=amount,
            on_change=take, placeholder="any",
        )  # fmt: skip
        st.date_input(
            "Period (UTC)", min_value=bounds.first, max_value=bounds.last, key=period,
            on_change=take,
        )  # fmt: skip
        if len(bounds.types) > 1:
            st.multiselect(
                "Types", bounds.types, key=types, on_change=take, placeholder="all types"
            )
        st.slider("Least risk of a transfer", 0.0, 1.0, step=0.05, key=risk, on_change=take)
        st.button(
            "Show everything", icon=":material/filter_alt_off:", disabled=not n_on,
            on_click=lambda: explorer_state.write(run_id, replace(view, filters=Filters())),
        )  # fmt: skip


def _days(filters: Filters, bounds: Bounds) -> tuple[date, date]:
    first = bounds.first if filters.start is None else filters.start.date()
    last = bounds.last if filters.end is None else (filters.end - timedelta(microseconds=1)).date()
    first = min(max(first, bounds.first), bounds.last)
    return first, min(max(last, first), bounds.last)


def _chosen(bounds: Bounds) -> Filters:
    amount, period, types, risk = (st.session_state.get(key) for key in _KEYS)
    # While one end is picked, the other is not there yet.
    first, last = (*(period or (bounds.first,)), bounds.last)[:2]
    return Filters(
        min_amount=amount or 0.0,
        start=None if first <= bounds.first else datetime.combine(first, time()),
        end=None if last >= bounds.last else datetime.combine(last + timedelta(days=1), time()),
        types=tuple(types or ()),
        min_risk=risk or 0.0,
    )
