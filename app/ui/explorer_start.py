"""Where an exploration begins: nothing is open yet, or something else is wanted."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, explorer_state, messages, ring_tables
from engine.explorer.view import Start
from engine.query import ring_list
from engine.query.ring_list import RingFilter

_ACCOUNT = "explorer_start_account"
_MOST_RINGS = 100


def start_form(run_id: str, currency: str | None) -> None:
    """Offer an account to be typed, and the rings of the run."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown("#### An account")
        st.caption("Its riskiest counterparties are drawn round it, within a budget.")
        account_box(run_id)
    with right:
        st.markdown("#### Or a ring")
        if not cache.query(ring_list.count_rings, run_id, RingFilter()):
            messages.nothing_found("rings in this run", "Begin with an account.")
            return
        rings = cache.query(ring_list.page_rings, run_id, RingFilter(), 1, _MOST_RINGS)
        ring_tables.ring_list(
            rings, key=f"explorer_rings_{run_id}", in_view=None, currency=currency, height=460
        )


def account_box(run_id: str) -> None:
    """Let an account be typed by its whole id, and open it."""

    def take() -> None:
        account = str(st.session_state[_ACCOUNT]).strip()
        if account:
            explorer_state.open_at(run_id, Start(accounts=(account,)))

    st.text_input(
        "Account", key=_ACCOUNT, on_change=take, placeholder="Whole account id, then Enter",
        label_visibility="collapsed",
    )  # fmt: skip
