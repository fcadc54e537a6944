"""Rings: the rings of the run in view, and one ring as a network with what proves it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from app.ui import (
    cache,
    desk,
    evidence,
    explorer_link,
    filters,
    format,
    links,
    messages,
    ring_compare,
    ring_filters,
    ring_sections,
    ring_story,
    ring_tables,
    state,
    trace_leads,
    typologies,
)
from engine.errors import InputError
from engine.network import RingPicture, standalone_html
from engine.query import alert_detail, overview, ring_detail, ring_list, rings
from engine.query.ring_detail import RingDetail
from engine.query.ring_flow import flow_of
from engine.query.ring_list import RingFilter

PAGE_SIZE = 100
MOST_TRANSACTIONS = 500
GRAPH = "ring_graph"
ACCOUNTS = "accounts"


def take_clicked_account() -> None:
    """Put the account that was clicked in the graph in view."""
    state.write("account", st.session_state[GRAPH]["selected"])


def show_list(run_id: str, chosen: RingFilter, n_rings: int, currency: str | None) -> None:
    """Show one page of the rings; a ring that is picked comes into view."""
    slot = st.container()
    page = filters.page_number(n_rings, PAGE_SIZE, "ring_page")
    with slot:
        ring_tables.ring_list(
            cache.query(ring_list.page_rings, run_id, chosen, page, PAGE_SIZE),
            key=f"rings_{run_id}_{page}_{chosen}",
            in_view=state.read("ring"),
            currency=currency,
        )


def show_heading(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Show what the ring is, how big, and when, with the ways to its alert and to the explorer."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {ring.ring_id}", width="content")
        evidence.risk_badge(ring.score)
        st.badge(format.typology(ring.typology), color="gray")
        alert_id = cache.query(alert_detail.alert_of_ring, run_id, ring.ring_id)
        if alert_id is None:
            st.caption("Below the alert threshold")
        else:
            links.alert_link(run_id, alert_id)
        explorer_link.of_ring(run_id, ring.ring_id)
    evidence.facts(
        [
            ("Amount", format.amount(ring.amount, currency)),
            ("Accounts", format.count(ring.n_accounts)),
            ("Transactions", format.count(ring.n_transactions)),
            (f"Period ({format.zone()})", evidence.period(ring.start, ring.end)),
            ("Fingerprint", ring.fingerprint[:12]),
        ]
    )


def show_downloads(run_id: str, ring: RingDetail, picture: RingPicture) -> None:
    """Offer the picture as a page of its own and the tables as CSV."""
    if not desk.may("export"):
        return
    name = f"{run_id}-{ring.ring_id}"
    members = cache.download(rings.ring_members, run_id, ring.ring_id)
    transactions = cache.download(rings.ring_transactions, run_id, ring.ring_id, None)
    drawn = cache.noted(run_id, "ring_picture", lambda: standalone_html(picture.network))
    offers: list[tuple[str, str, str, Any]] = [
        ("Graph (HTML)", "html", "text/html", drawn),
        ("Members (CSV)", "members.csv", "text/csv", lambda: evidence.csv_bytes(members())),
        (
            "Transactions (CSV)",
            "transactions.csv",
            "text/csv",
            lambda: evidence.csv_bytes(transactions()),
        ),
    ]
    with st.container(horizontal=True):
        for label, ending, mime, data in offers:
            st.download_button(
                label,
                data,
                file_name=f"{name}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"ring_download_{ending}",
            )


def show_tables(run_id: str, ring_id: str, account: str | None, currency: str | None) -> None:
    """Show the members and the transactions, in step with the account in view."""
    left, right = st.columns([9, 11], gap="medium")
    with left:
        st.markdown("##### Members")
        ring_tables.member_list(
            cache.query(rings.ring_members, run_id, ring_id),
            key=f"members_{run_id}_{ring_id}_{account}",
            in_view=account,
            currency=currency,
        )
    with right:
        st.markdown("##### Transactions" + (f" of {evidence.escape(account)}" if account else ""))
        found = cache.query(
            rings.ring_transactions, run_id, ring_id, MOST_TRANSACTIONS, account=account
        )
        key = f"ring_transactions_{run_id}_{ring_id}_{account}"
        picked = evidence.transaction_picker(found, currency=currency, key=key)
        if len(found) == MOST_TRANSACTIONS:
            st.caption(f"The first {MOST_TRANSACTIONS} transactions; the download has all of them.")
        trace_leads.of_transfer(run_id, picked)


def show_sections(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Show the part of the ring's evidence that is picked."""
    fitting = sum(check.innocent for check in ring.checks)
    labels = {
        ACCOUNTS: "Accounts and transactions",
        "why": "Why this score",
        "checks": f"Innocent explanations ({fitting} of {len(ring.checks)} fit)",
        "lineage": "Since an earlier run",
        "compare": "Compare",
    }
    picked = st.segmented_control(
        "Evidence",
        list(labels),
        default=ACCOUNTS,
        format_func=labels.__getitem__,
        key="ring_section",
        label_visibility="collapsed",
        required=True,
    )
    if picked == "why":
        ring_sections.show_reasons(run_id, ring, currency)
    elif picked == "checks":
        ring_sections.show_checks(ring)
    elif picked == "lineage":
        ring_sections.show_lineage(run_id, ring)
    elif picked == "compare":
        ring_compare.show_comparison(run_id, ring, currency)
    else:
        show_tables(run_id, ring.ring_id, state.read("account"), currency)


def show_ring(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Show one ring: heading, network, and downloads."""
    show_heading(run_id, ring, currency)
    members = cache.query(rings.ring_members, run_id, ring.ring_id)
    edges = cache.query(rings.ring_edges, run_id, ring.ring_id)
    st.markdown(ring_story.tell(ring, flow_of(members, edges), currency))
    st.caption(typologies.find(ring.typology).meaning)
    picture = evidence.ring_picture(
        members,
        edges,
        ring_id=ring.ring_id,
        typology=ring.typology,
        key=GRAPH,
        selected=state.read("account"),
        height=430,
        on_select=take_clicked_account,
    )
    show_downloads(run_id, ring, picture)


st.title("Rings")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()
run = cache.manifest(run_id)
if not run["has_accounts"]:
    messages.no_accounts(run["input"]["name"])
    st.stop()

currency = cache.query(overview.currency, run_id)
n_all = cache.query(ring_list.count_rings, run_id, RingFilter())
if not n_all:
    messages.nothing_found(
        "rings in this run",
        "No group of accounts stood out: its risky transactions are on the Alerts page. Data in "
        "which most accounts occur only once, such as PaySim, hold hardly any rings.",
    )
    st.stop()
chosen = ring_filters.ring_filters(
    partial(cache.query, ring_list.ring_typologies, run_id),
    cache.query(ring_list.ring_ranges, run_id),
    currency,
)
n_rings = cache.query(ring_list.count_rings, run_id, chosen)
with st.container(key="ring_split"):
    listing, detail = st.columns([9, 11], gap="medium")
with listing:
    ring_filters.ring_count(n_rings, n_all)
    if n_rings:
        show_list(run_id, chosen, n_rings, currency)
    else:
        messages.nothing_found("rings", "Show all rings, lower the risk, or widen the period.")
ring_id = state.read("ring")
if ring_id is None:
    with detail.container(border=True):
        st.markdown("#### No ring open")
        st.caption("Click a ring in the list to see its accounts, their roles, and the money flow.")
    st.stop()
state.write("ring", ring_id)
try:
    ring = cache.query(ring_detail.get_ring, run_id, ring_id)
    with detail:
        show_ring(run_id, ring, currency)
    show_sections(run_id, ring, currency)
except InputError as error:
    state.write("ring", None)
    state.write("account", None)
    messages.engine_error(error)
