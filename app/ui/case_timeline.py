"""The timeline of the open alert: money in and out by day, and the payments that weigh most."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, evidence, theme
from app.ui.chart_card import show_chart
from app.ui.timeline_chart import in_and_out
from engine.query import alert_detail, alert_timeline
from engine.query.alert_detail import AlertDetail

#: Transactions that are summed up and listed; alerts of more are rare.
MOST_TRANSACTIONS = 5000
_ALL = "All accounts"


def show_timeline(run_id: str, alert: AlertDetail, currency: str | None) -> None:
    """Show what an account of the alert received and paid over time, and its key payments."""
    found = cache.query(alert_detail.alert_transactions, run_id, alert, MOST_TRANSACTIONS)
    accounts = alert_timeline.busiest(found)
    account = None
    if accounts:
        choice = st.selectbox(
            "Account",
            [*accounts, _ALL],
            key=f"alert_timeline_{run_id}_{alert.alert_id}",
            width=280,
            help="The account that moved most comes first.",
        )
        account = None if choice == _ALL else choice
    found_over_time = alert_timeline.timeline(found, account)
    show_chart(
        in_and_out(found_over_time, currency, dark=theme.is_dark()),
        key="alert_timeline_chart",
        alt=f"Money received and paid by {account or 'all accounts'} per {found_over_time.bucket}",
    )
    st.markdown("**Key payments, in the order of time**")
    evidence.transactions_table(
        alert_timeline.key_transactions(found, account),
        currency=currency,
        key="alert_key_transactions",
    )
    if len(found) == MOST_TRANSACTIONS:
        st.caption(f"Of the first {MOST_TRANSACTIONS:,} transactions of this alert.")
