"""Links into the explorer, from a ring or an account."""

from __future__ import annotations

import streamlit as st

from app.ui.state import page_path
from engine.explorer.link import view_to_params
from engine.explorer.view import Start, View

_ICON = ":material/travel_explore:"


def of_ring(run_id: str, ring_id: str, label: str = "Open in the explorer") -> None:
    """Draw the link that opens a ring in the explorer."""
    _link(run_id, Start(ring_id), label)


def of_account(run_id: str, account: str, label: str = "Explore its network") -> None:
    """Draw the link that opens an account with its riskiest counterparties in the explorer."""
    _link(run_id, Start(accounts=(account,)), label)


def params_of(run_id: str, view: View) -> dict[str, str]:
    """Return the parameters of the address that opens a view."""
    return {"run": run_id, **view_to_params(view)}


def _link(run_id: str, start: Start, label: str) -> None:
    st.page_link(
        page_path("explorer"),
        label=label,
        icon=_ICON,
        query_params=params_of(run_id, View(start=start)),
        width="content",
    )
