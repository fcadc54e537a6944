"""Which transfers the explorer draws: by amount, period, type, and risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from app.ui import days, explorer_state
from app.ui import format as fmt
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
            f"Period ({fmt.zone()})", min_value=days.day_of(bounds.first),
            max_value=days.day_of(bounds.last), key=period,
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
    least, most = days.day_of(bounds.first), days.day_of(bounds.last)
    first = least if filters.start is None else days.day_of(filters.start)
    last = most if filters.end is None else days.day_of(filters.end - timedelta(microseconds=1))
    first = min(max(first, least), most)
    return first, min(max(last, first), most)


def _chosen(bounds: Bounds) -> Filters:
    amount, period, types, risk = (st.session_state.get(key) for key in _KEYS)
    least, most = days.day_of(bounds.first), days.day_of(bounds.last)
    # While one end is picked, the other is not there yet.
    first, last = (*(period or (least,)), most)[:2]
    end = days.begins(last + timedelta(days=1)).replace(tzinfo=None)
    return Filters(
        min_amount=amount or 0.0,
        start=None if first <= least else days.begins(first).replace(tzinfo=None),
        end=None if last >= most else end,
        types=tuple(types or ()),
        min_risk=risk or 0.0,
    )
