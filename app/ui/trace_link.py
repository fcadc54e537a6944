"""Links from other pages to the money of a transfer."""

from __future__ import annotations

import streamlit as st

from app.ui import state


def to_trace(run_id: str, tx_id: int, label: str = "Follow the money") -> None:
    """Draw the link to where the money of a transaction went and came from."""
    _link(label, {"run": run_id, "tx": str(tx_id)})


def to_credits(run_id: str, account: str, label: str = "Follow its money") -> None:
    """Draw the link to the transfers of an account, one of which can be followed."""
    _link(label, {"run": run_id, "account": account})


def _link(label: str, params: dict[str, str]) -> None:
    st.page_link(
        state.page_path("trace"),
        label=label,
        icon=":material/conversion_path:",
        query_params=params,
        width="content",
    )
