"""Which part of the Runs page is open; each has a link (``?run=``, ``?against=``, ``?batch=``)."""

from __future__ import annotations

from typing import Literal, get_args

import streamlit as st

from app.ui import state

View = Literal["history", "compare", "batch"]

_NAMES: dict[View, str] = {
    "history": ":material/history: History",
    "compare": ":material/compare_arrows: Compare two runs",
    "batch": ":material/cloud_queue: AWS Batch",
}
_PARAM = "view"
_LAST = "runs_view"
_PICKED = "runs_view_picked"
#: A link that names one of these, and no view, means the view that shows it.
_SHOWN_BY: tuple[tuple[state.Param, View], ...] = (("batch", "batch"), ("against", "compare"))


def choose_view() -> View:
    """Draw the choice; return the view that is open, at first the one a link asked for."""
    now = _asked_for()
    st.session_state[_PICKED] = now
    st.segmented_control(
        "View", list(_NAMES), format_func=_NAMES.__getitem__, key=_PICKED, required=True,
        label_visibility="collapsed", on_change=_take,
    )  # fmt: skip
    st.session_state[_LAST] = now
    if st.query_params.get(_PARAM) != now:
        st.query_params[_PARAM] = now
    for param, view in _SHOWN_BY:
        if view != now:
            st.query_params.pop(param, None)
    return now


def open_view(view: View) -> None:
    """Open a view, from a callback."""
    st.query_params[_PARAM] = view


def _take() -> None:
    open_view(st.session_state[_PICKED])


def _asked_for() -> View:
    told = st.query_params.get(_PARAM)
    for view in get_args(View):
        if view == told:
            return view  # type: ignore[no-any-return]
    for param, view in _SHOWN_BY:
        if param in st.query_params:
            return view
    last: View = st.session_state.get(_LAST, "history")
    return last
