"""What proves the open alert: its ring, its reasons, its transactions, all from its own run."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.ui import (
    cache,
    desk,
    evidence,
    explorer_link,
    ring_sections,
    ring_story,
    state,
    typologies,
)
from app.ui import format as fmt
from engine.query import alert_detail, overview, ring_detail, rings
from engine.query.alert_detail import AlertDetail
from engine.query.ring_flow import flow_of
from engine.workbench.run_alerts import made

MOST_TRANSACTIONS = 500

RunState = Literal["there", "deleted", "made anew since"]


def run_state(run_id: str, made_then: str) -> RunState:
    """Tell whether the lake still holds a run as it was, and bring its files here from S3.

    Another making under the same name numbers its alerts and rings anew: they are other ones.
    """
    if not cache.lake().run(run_id).manifest.exists():
        return "deleted"
    if made(cache.manifest(run_id)) != made_then:
        return "made anew since"
    cache.fetch_run(run_id)
    return "there"


def currency_of(run_id: str) -> str | None:
    """Return the currency of a run's amounts, if its data name one."""
    return cache.query(overview.currency, run_id)


def show_evidence(run_id: str, alert: AlertDetail, currency: str | None) -> None:
    """Show what happened in a sentence, the ring, the reasons, and their transactions."""
    if alert.ring_id is not None:
        _show_ring(run_id, alert.ring_id, alert.typology, currency)
    elif alert.accounts:
        _show_accounts(run_id, alert.accounts)
    reason = evidence.reason_picker(alert.reasons, key=f"alert_reason_{run_id}_{alert.alert_id}")
    _show_transactions(run_id, alert, reason.tx_ids if reason else None, currency)


def show_look_alikes(run_id: str, alert: AlertDetail, currency: str | None) -> None:
    """Show which innocent explanations were tested, and what came of each."""
    if alert.ring_id is None:
        st.caption(
            "Innocent explanations are tested for rings; this alert is on a single transaction."
        )
        return
    ring_sections.show_checks(cache.query(ring_detail.get_ring, run_id, alert.ring_id))


def show_typology(name: str) -> None:
    """Offer the card of a typology: what it means, under its name."""
    known = typologies.find(name)
    with st.popover(known.name, type="tertiary", icon=":material/help:"):
        st.markdown(f"**{evidence.escape(known.name)}**")
        st.markdown(known.meaning or "No description of this typology is known here.")
        if name != "transaction":
            st.caption("What an account does in a ring")
            st.markdown(
                "\n".join(
                    f"- **{role.capitalize()}** {does}" for role, does in typologies.ROLES.items()
                )
            )


def _show_ring(run_id: str, ring_id: str, typology: str, currency: str | None) -> None:
    members = cache.query(rings.ring_members, run_id, ring_id)
    edges = cache.query(rings.ring_edges, run_id, ring_id)
    ring = cache.query(ring_detail.get_ring, run_id, ring_id)
    if len(edges):
        st.markdown(ring_story.tell(ring, flow_of(members, edges), currency))
    evidence.ring_picture(
        members,
        edges,
        ring_id=ring_id,
        typology=typology,
        key="alert_ring",
        height=ring_height(len(members)),
    )
    with st.container(horizontal=True):
        st.page_link(
            state.page_path("rings"),
            label=f"Investigate ring {ring_id}",
            icon=":material/hub:",
            query_params={"run": run_id, "ring": ring_id},
            width="content",
        )
        explorer_link.of_ring(run_id, ring_id)


def ring_height(n_accounts: int) -> int:
    """Return the height of a ring's picture: the names of its accounts must not overlap."""
    return min(200 + 14 * n_accounts, 430)


def _show_accounts(run_id: str, accounts: tuple[str, ...]) -> None:
    """Show the two accounts of a lone transaction, each with the way to all of its alerts."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for account in accounts:
            st.page_link(
                state.page_path("alerts"),
                label=f"Alerts of {evidence.escape(account)}",
                icon=":material/search:",
                query_params={"run": run_id, state.ALERTS_SEARCH: account, "show": "All"},
                width="content",
            )


def _show_transactions(
    run_id: str, alert: AlertDetail, tx_ids: tuple[int, ...] | None, currency: str | None
) -> None:
    found = cache.query(
        alert_detail.alert_transactions, run_id, alert, MOST_TRANSACTIONS, tx_ids=tx_ids
    )
    evidence.transactions_table(found, currency=currency, key="alert_transactions")
    if len(found) == MOST_TRANSACTIONS:
        st.caption(f"The first {MOST_TRANSACTIONS} transactions; the download has all of them.")
    if not desk.may("export"):
        return
    transactions = cache.download(
        alert_detail.alert_transactions, run_id, alert, None, tx_ids=tx_ids
    )
    st.download_button(
        "CSV of the evidence",
        lambda: evidence.csv_bytes(transactions()),
        file_name=f"{run_id}-{alert.alert_id}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="alert_csv",
    )


def facts_of(alert: AlertDetail, currency: str | None) -> list[tuple[str, str]]:
    """Return what an alert is about in figures: its amount, its accounts, its period."""
    facts = [("Amount", fmt.amount(alert.amount, currency))]
    if alert.accounts:
        facts.append(("Accounts", fmt.count(len(alert.accounts))))
    facts.append(
        (
            f"Period ({fmt.zone()})" if alert.ring_id else "Time",
            evidence.period(alert.start, alert.end),
        )
    )
    return facts
