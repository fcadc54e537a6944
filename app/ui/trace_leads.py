"""Ways from a trace to its accounts, to other transfers, and to the rings that hold it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import explorer_link, trace_link
from app.ui.account_link import to_account
from app.ui.evidence import escape
from app.ui.state import page_path
from engine.trace import Transfer

#: Most rings of one transfer that have a link.
_MOST_RINGS = 3


def of_start(run_id: str, start: Transfer, rings: pd.DataFrame) -> None:
    """Draw the ways from the chosen transfer: to both accounts, their network, and its rings."""
    with st.container(horizontal=True, gap="small"):
        to_account(run_id, start.sender)
        to_account(run_id, start.receiver)
        explorer_link.of_account(
            run_id, start.receiver, f"Explore the network of {escape(start.receiver)}"
        )
        for ring_id in rings["ring_id"].head(_MOST_RINGS):
            st.page_link(
                page_path("rings"), label=f"Ring {escape(ring_id)}", icon=":material/hub:",
                query_params={"run": run_id, "ring": ring_id}, width="content",
            )  # fmt: skip
            explorer_link.of_ring(run_id, ring_id, f"Explore ring {escape(ring_id)}")


def of_transfer(run_id: str, row: pd.Series | None, tx_id: int | None = None) -> None:
    """Draw the ways from the picked transfer of a table; ``tx_id`` is that which is followed."""
    if row is None:
        st.caption("Pick a row to open its accounts or to follow it from there.")
        return
    with st.container(horizontal=True, gap="small"):
        to_account(run_id, str(row["sender"]))
        to_account(run_id, str(row["receiver"]))
        if int(row["tx_id"]) != tx_id:
            trace_link.to_trace(run_id, int(row["tx_id"]), f"Follow row {row['tx_id']}")


def of_end(run_id: str, row: pd.Series | None) -> None:
    """Draw the ways from the account at which money was followed no further."""
    if row is None:
        return
    account = str(row["account"])
    with st.container(horizontal=True, gap="small"):
        to_account(run_id, account)
        explorer_link.of_account(run_id, account, f"Explore the network of {escape(account)}")
