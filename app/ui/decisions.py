"""Transactions that analysts have decided, for runs that learn from them."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, desk
from engine.workbench.feedback import Decided, decided_transactions, labelling_decisions


def n_decided() -> int:
    """Return how many alerts are decided in a way that a run can learn from."""
    return len(desk.read(labelling_decisions))


def decided() -> Decided:
    """Return the decided transactions of all data sets, read once for each state of decisions.

    Account ids stand as they are: a run has to find them.
    """
    state = desk.read(labelling_decisions)
    return _decided(desk.address(), state, cache.lake().address, desk.actor().user_id)


@st.cache_data(ttl="10m", max_entries=4, show_spinner="Reading what was decided")
def _decided(address: str, state: tuple[int, ...], lake: str, user_id: int) -> Decided:
    return desk.bench().read(decided_transactions, desk.actor(), cache.lake())
