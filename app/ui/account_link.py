"""Links to the page of an account."""

from __future__ import annotations

import streamlit as st

from app.ui.evidence import escape
from app.ui.state import page_path

ICON = ":material/account_balance:"


def to_account(run_id: str, account: str, label: str | None = None) -> None:
    """Draw the link that opens an account; its label is the account unless another is given."""
    st.page_link(
        page_path("account"),
        label=escape(account) if label is None else label,
        icon=ICON,
        query_params={"run": run_id, "account": account},
        width="content",
    )
