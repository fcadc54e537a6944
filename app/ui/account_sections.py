"""The parts of the account page below its chart: with whom, in what, why, and among whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import (
    account_tables,
    account_words,
    cache,
    desk,
    evidence,
    explorer_link,
    links,
    risk_why,
    trace_link,
)
from app.ui import format as fmt
from app.ui.account_link import to_account
from app.ui.state import page_path
from engine.query import account_entries, ledger
from engine.query.account_findings import Findings, account_findings
from engine.query.account_peers import account_peers
from engine.query.account_verdict import Condition, Verdict
from engine.query.risk_reasons import account_reasons

MOST_COUNTERPARTIES = 200
MOST_ENTRIES = 500

Period = tuple[datetime, datetime] | None


def show_dealings(run_id: str, account: str, period: Period, currency: str | None) -> None:
    """Show with whom the account dealt in a period, and the transactions with one or all."""
    start, end = period or (None, None)
    place = f"{run_id}_{account}_{period}"
    found = cache.query(
        ledger.counterparties, run_id, (account,), start=start, end=end, limit=MOST_COUNTERPARTIES
    ).drop(columns="account")
    st.markdown("##### Counterparties")
    other = account_tables.counterparty_list(
        found, key=f"account_counterparties_{place}", currency=currency
    )
    if len(found) == MOST_COUNTERPARTIES:
        st.caption(f"The {MOST_COUNTERPARTIES} riskiest; a shorter period shows others.")
    name = "" if other is None else f" with {evidence.escape(other)}"
    st.markdown(f"##### Transactions{name}")
    _show_entries(run_id, account, other, period, currency)


def _show_entries(
    run_id: str, account: str, other: str | None, period: Period, currency: str | None
) -> None:
    start, end = period or (None, None)
    asked: dict[str, Any] = {"counterparty": other, "start": start, "end": end}
    found = cache.query(
        account_entries.account_entries, run_id, account, limit=MOST_ENTRIES, **asked
    )
    tx_id = account_tables.entry_list(
        found, key=f"account_entries_{run_id}_{account}_{other}_{period}", currency=currency
    )
    if len(found) == MOST_ENTRIES:
        st.caption(f"The latest {MOST_ENTRIES}; the download has all of them.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if other is not None:
            to_account(run_id, other, f"Open {evidence.escape(other)}")
        if tx_id is not None:
            trace_link.to_trace(run_id, tx_id)
        if desk.may("export"):
            every = cache.download(
                account_entries.account_entries, run_id, account, limit=None, **asked
            )
            st.download_button(
                "Transactions (CSV)", lambda: evidence.csv_bytes(every()),
                file_name=f"{run_id}-account.csv", mime="text/csv", icon=":material/download:",
                on_click="ignore", key="account_download",
            )  # fmt: skip
    if tx_id is not None:
        risk_why.of_transaction(run_id, tx_id, currency)


def show_findings(run_id: str, account: str, currency: str | None) -> None:
    """Show the rings that the account is in, and the alerts that rest on it."""
    found = cache.query(account_findings, run_id, account)
    if found.rings.empty and found.alerts.empty:
        st.caption("This account is in no ring and no alert of the run.")
        return
    if len(found.rings):
        st.markdown("##### Rings")
        _show_rings(run_id, found, currency)
    if len(found.alerts):
        st.markdown("##### Alerts of single transactions")
        for alert in found.alerts.to_dict("records"):
            with st.container(horizontal=True, vertical_alignment="center"):
                links.alert_link(run_id, str(alert["alert_id"]))
                evidence.risk_badge(float(alert["score"]))
                st.markdown(evidence.escape(str(alert["title"])), width="content")


def _show_rings(run_id: str, found: Findings, currency: str | None) -> None:
    picked = account_tables.ring_table(
        found.rings, key=f"account_rings_{run_id}", currency=currency
    )
    if picked is None:
        st.caption("Pick a ring to open it.")
        return
    ring_id, alert_id = picked
    with st.container(horizontal=True):
        st.page_link(
            page_path("rings"), label=f"Ring {ring_id}", icon=":material/hub:",
            query_params={"run": run_id, "ring": ring_id}, width="content",
        )  # fmt: skip
        explorer_link.of_ring(run_id, ring_id)
        if alert_id is not None:
            links.alert_link(run_id, alert_id)


def show_reasons(run_id: str, account: str, currency: str | None) -> None:
    """Show why the account has its risk, each reason with the transactions it rests on."""
    found = cache.query(account_reasons, run_id, account)
    st.caption(
        f"Of its {fmt.count(found.transactions)} transactions the {fmt.count(len(found.tx_ids))} "
        "riskiest are explained: the risk of an account is that of its riskiest transactions."
    )
    for note in found.notes:
        st.caption(evidence.sentence(note) + ".")
    reasons = [*found.others, *found.reasons]
    key = f"account_reasons_{run_id}_{account}"
    adds = "What it adds to the model's log-odds, mean over these transactions"
    picked = risk_why.pick_reason(reasons, key, adds)
    tx_ids = found.tx_ids if picked is None else picked.tx_ids
    if picked is None:
        st.markdown("##### The riskiest transactions")
    else:
        st.markdown("##### What this reason rests on")
        st.caption(evidence.escape(picked.text))
    code = "" if picked is None else picked.code
    risk_why.rests_on(run_id, tx_ids, currency, key=f"{key}_{code}")


def show_peers(run_id: str, account: str, currency: str | None) -> None:
    """Show where the account stands among those like it."""
    peers = cache.query(account_peers, run_id, account)
    st.caption(account_words.of_peers(peers))
    if not peers.count:
        return
    rows = peers.measures.to_dict("records")
    shown = pd.DataFrame(
        {
            "Measure": [account_words.MEASURES[row["measure"]] for row in rows],
            "This account": [
                account_words.measure(row["measure"], row["value"], currency) for row in rows
            ],
            "Median of the peers": [
                account_words.measure(row["measure"], row["median"], currency) for row in rows
            ],
            "Above": [row["below"] for row in rows],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        key="account_peers",
        alt="Where the account stands among its peers, measure by measure",
        column_config={
            "This account": st.column_config.TextColumn(alignment="right"),
            "Median of the peers": st.column_config.TextColumn(alignment="right"),
            "Above": st.column_config.ProgressColumn(
                min_value=0.0, max_value=1.0, format="percent", width="medium",
                help="Share of the peers that have less; those with the same count half",
            ),
        },
    )  # fmt: skip


def show_verdict(verdict: Verdict) -> None:
    """Show what an alert takes and what the account has of it."""
    st.markdown("##### Either of these raises an alert")
    for condition in verdict.alerting:
        _show_condition(condition)
    st.markdown("##### What a ring through this account takes")
    for condition in verdict.shape:
        _show_condition(condition)
    st.caption(
        "What is met is not enough by itself: a ring is reported where timing and amounts are "
        "such as chance hardly makes, and no innocent explanation fits."
    )


def _show_condition(condition: Condition) -> None:
    icon = ":green[:material/check_circle:]" if condition.is_met else ":gray[:material/cancel:]"
    said = "Met." if condition.is_met else "Not met."
    st.markdown(f"{icon} **{said}** {account_words.describe(condition)}")
