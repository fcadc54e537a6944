"""Alerts: the queue of the run in view, and the evidence of the alert that is open."""

from __future__ import annotations

import streamlit as st

from app.ui import alert_grid, cache, evidence, filters, format, messages, state
from engine.errors import InputError
from engine.query import alert_detail, alerts, overview, rings
from engine.query.alert_detail import AlertDetail
from engine.query.alerts import AlertFilter

PAGE_SIZE = 100
MOST_TRANSACTIONS = 500


def show_figures(run_id: str, chosen: AlertFilter, currency: str | None) -> int:
    """Show the key figures of the filtered alerts and return their number."""
    total = cache.query(alerts.count_alerts, run_id, AlertFilter())
    summary = cache.query(alerts.summarize_alerts, run_id, chosen)
    shown = format.count(summary.alerts)
    with st.container(horizontal=True, gap="small"):
        st.metric(
            "Alerts",
            shown if summary.alerts == total else f"{shown} of {format.count(total)}",
            border=True,
        )
        st.metric("Ring alerts", format.count(summary.rings), border=True)
        st.metric(
            "Amount",
            format.compact_amount(summary.amount, currency),
            border=True,
            help="Sum over the alerts; a transaction in several alerts counts in each.",
        )
        st.metric("Median risk", format.score(summary.median_score), border=True)
        st.metric("Last activity", format.date(summary.latest), border=True)
    return summary.alerts


def show_queue(run_id: str, chosen: AlertFilter, n_alerts: int, currency: str | None) -> None:
    """Show one page of the queue; an alert that is picked there comes into view."""
    grid = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        page = filters.page_number(n_alerts, PAGE_SIZE, state.ALERTS_PAGE)
        st.download_button(
            "CSV of these alerts",
            lambda: evidence.csv_bytes(alerts.export_alerts(cache.lake().run(run_id), chosen)),
            file_name=f"{run_id}-alerts.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="alerts_csv",
        )
    with grid:
        picked = alert_grid.alert_grid(
            cache.query(alerts.page_alerts, run_id, chosen, page, PAGE_SIZE),
            key="alerts_grid",
            in_view=state.read("alert"),
            currency=currency,
            is_whole=n_alerts <= PAGE_SIZE,
        )
    if picked is not None:
        state.write("alert", picked)


def show_alert(run_id: str, alert: AlertDetail, currency: str | None) -> None:
    """Show one alert: facts, reasons, transactions, and its ring."""
    with st.container(horizontal=True, vertical_alignment="center"):
        evidence.risk_badge(alert.score)
        st.badge(format.typology(alert.typology), color="gray")
        st.caption(alert.alert_id)
    st.markdown(f"#### {evidence.escape(alert.title)}")
    facts = [
        ("Amount", format.amount(alert.amount, currency)),
        ("Period (UTC)" if alert.ring_id else "Time", evidence.period(alert.start, alert.end)),
    ]
    if alert.accounts:
        facts.insert(1, ("Accounts", format.count(len(alert.accounts))))
    evidence.facts(facts)
    if alert.ring_id is not None:
        show_ring(run_id, alert.ring_id, alert.typology)
    elif alert.accounts:
        show_accounts(run_id, alert.accounts)
    reason = evidence.reason_picker(alert.reasons, key=f"alert_reason_{alert.alert_id}")
    show_transactions(run_id, alert, reason.tx_ids if reason else None, currency)


def show_accounts(run_id: str, accounts: tuple[str, ...]) -> None:
    """Show the two accounts of a lone transaction, each with the way to all of its alerts."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for account in accounts:
            st.page_link(
                state.page_path("alerts"),
                label=f"Alerts of {evidence.escape(account)}",
                icon=":material/search:",
                query_params={"run": run_id, state.ALERTS_SEARCH: account},
                width="content",
            )


def show_ring(run_id: str, ring_id: str, typology: str) -> None:
    """Show the small picture of the alert's ring with the way to the large one."""
    evidence.ring_picture(
        cache.query(rings.ring_members, run_id, ring_id),
        cache.query(rings.ring_edges, run_id, ring_id),
        ring_id=ring_id,
        typology=typology,
        key="alert_ring",
        height=240,
    )
    st.page_link(
        state.page_path("rings"),
        label=f"Investigate ring {ring_id}",
        icon=":material/hub:",
        query_params={"run": run_id, "ring": ring_id},
    )


def show_transactions(
    run_id: str, alert: AlertDetail, tx_ids: tuple[int, ...] | None, currency: str | None
) -> None:
    """Show the transactions of the alert, or those of one reason, with a download."""
    found = cache.query(
        alert_detail.alert_transactions, run_id, alert, MOST_TRANSACTIONS, tx_ids=tx_ids
    )
    evidence.transactions_table(found, currency=currency, key="alert_transactions")
    if len(found) == MOST_TRANSACTIONS:
        st.caption(f"The first {MOST_TRANSACTIONS} transactions; the download has all of them.")
    st.download_button(
        "CSV of the evidence",
        lambda: evidence.csv_bytes(
            alert_detail.alert_transactions(cache.lake().run(run_id), alert, None, tx_ids=tx_ids)
        ),
        file_name=f"{run_id}-{alert.alert_id}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="alert_csv",
    )


st.title("Alerts")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()

currency = cache.query(overview.currency, run_id)
figures = st.container()
typologies = cache.query(alerts.alert_typologies, run_id)
if typologies.empty:
    messages.nothing_found(
        "alerts in this run",
        "No ring and no transaction reached the alert thresholds. Overview shows all scores.",
    )
    st.stop()
chosen = filters.alert_filters(typologies)
with figures:
    n_alerts = show_figures(run_id, chosen, currency)

queue, detail = st.columns([3, 2], gap="medium")
with queue:
    if n_alerts:
        show_queue(run_id, chosen, n_alerts, currency)
    else:
        messages.nothing_found("alerts", "Take a filter away, or lower the risk.")
with detail.container(border=True):
    alert_id = state.read("alert")
    if alert_id is None:
        st.markdown("#### No alert open")
        st.caption("Click an alert in the list to see why it was raised and what proves it.")
    else:
        state.write("alert", alert_id)
        try:
            show_alert(run_id, cache.query(alert_detail.get_alert, run_id, alert_id), currency)
        except InputError as error:
            state.write("alert", None)
            messages.engine_error(error)
