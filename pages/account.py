"""Account: what it did and with whom, its risk with reasons, its peers, and why no alert."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import (
    account_chart,
    account_sections,
    account_tables,
    account_words,
    cache,
    chart_card,
    evidence,
    explorer_link,
    format,
    ledger_wait,
    messages,
    state,
    theme,
    trace_link,
    typologies,
)
from app.ui.account_sections import Period
from engine.errors import EngineError
from engine.query import account_entries, ledger, overview
from engine.query.account_activity import Activity, account_activity
from engine.query.account_verdict import account_verdict

MOST_SUGGESTED = 20
_WHOLE = "account_whole_period"


def show_start(run_id: str, currency: str | None) -> None:
    """Offer the riskiest accounts, and say how to find others."""
    st.caption(
        "Type an account or a part of its id into the search at the top, or begin with one of "
        "the riskiest of this run."
    )
    found = cache.query(account_entries.riskiest_accounts, run_id, MOST_SUGGESTED)
    account_tables.account_list(found, key=f"account_list_{run_id}", currency=currency)


def show_heading(run_id: str, account: str, facts: pd.Series, currency: str | None) -> None:
    """Show what the account is and what it moved, with the ways on."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {evidence.escape(account)}", width="content")
        evidence.risk_badge(float(facts["risk"]))
        st.badge(f"In the run: {typologies.run_role(facts['role']).lower()}", color="gray")
        explorer_link.of_account(run_id, account)
        trace_link.to_credits(run_id, account)
    evidence.facts(
        [
            ("Received", _moved(facts["in_amount"], facts["in_count"], currency)),
            ("Paid", _moved(facts["out_amount"], facts["out_count"], currency)),
            ("Counterparties", format.count(facts["counterparties"])),
            (
                f"Active ({format.zone()})",
                evidence.period(
                    facts["first_time"].to_pydatetime(), facts["last_time"].to_pydatetime()
                ),
            ),
        ]
    )


def _moved(amount: float, n: int, currency: str | None) -> str:
    transfers = "transfer" if n == 1 else "transfers"
    return f"{format.compact_amount(amount, currency)} in {format.count(n)} {transfers}"


def show_activity(run_id: str, account: str, activity: Activity, currency: str | None) -> Period:
    """Show the account over time and return the period that is picked in the chart."""
    # A new key is a chart without a selection.
    again = st.session_state.setdefault(_WHOLE, 0)
    event = st.plotly_chart(
        account_chart.activity_figure(activity, currency, dark=theme.is_dark()),
        theme=None, config=chart_card.CONFIG, on_select="rerun", selection_mode="box",
        key=f"account_activity_{run_id}_{account}_{again}",
        alt=f"Money received and paid by the account per {activity.bucket}",
    )  # fmt: skip
    period = account_chart.picked_period(event, activity)
    with st.container(horizontal=True, vertical_alignment="center"):
        if period is None:
            st.caption("Drag over the chart to narrow the tables to a part of the time.")
            return None
        st.caption(
            f"The tables show {format.moment(period[0])} to {format.moment(period[1])}.",
            width="content",
        )
        if st.button("Whole period", icon=":material/restart_alt:", type="tertiary"):
            st.session_state[_WHOLE] += 1
            st.rerun()
    return period


def show_account(run_id: str, account: str, currency: str | None) -> None:
    """Show one account."""
    facts = cache.query(ledger.account_facts, run_id, (account,))
    activity = cache.query(account_activity, run_id, account)
    verdict = cache.query(account_verdict, run_id, account)
    show_heading(run_id, account, facts.iloc[0], currency)
    st.markdown(account_words.headline(verdict))
    period = show_activity(run_id, account, activity, currency)
    labels = {
        "dealings": "Counterparties and transactions",
        "findings": "Rings and alerts",
        "reasons": "Why this risk",
        "peers": "Among its peers",
        "verdict": "Why alerted" if verdict.is_alerted else "Why not alerted",
    }
    picked = st.segmented_control(
        "Part", list(labels), default="dealings", format_func=labels.__getitem__,
        key="account_section", label_visibility="collapsed", required=True,
    )  # fmt: skip
    if picked == "findings":
        account_sections.show_findings(run_id, account, currency)
    elif picked == "reasons":
        account_sections.show_reasons(run_id, account, currency)
    elif picked == "peers":
        account_sections.show_peers(run_id, account, currency)
    elif picked == "verdict":
        account_sections.show_verdict(verdict)
    else:
        account_sections.show_dealings(run_id, account, period, currency)


st.title("Account")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()
run = cache.manifest(run_id)
if not run["has_accounts"]:
    messages.no_accounts(run["input"]["name"])
    st.stop()
currency = cache.query(overview.currency, run_id)
account = state.read("account")
if account is None:
    st.markdown("#### No account open")
    show_start(run_id, currency)
    st.stop()
state.write("account", account)
try:
    ledger_wait.make_ready(run_id)
    show_account(run_id, account, currency)
except EngineError as error:
    state.write("account", None)
    messages.engine_error(error)
    show_start(run_id, currency)
