"""Why a transaction has its risk: its reasons, and the transactions that each of them rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, evidence, trace_leads
from app.ui import format as fmt
from engine.query import account_entries
from engine.query.risk_reasons import RiskReason, TransactionReasons, transaction_reasons


def of_transaction(run_id: str, tx_id: int, currency: str | None) -> None:
    """Offer why a transaction has its risk; it is worked out once that is opened."""
    key = f"risk_why_{run_id}_{tx_id}"
    box = st.expander(
        "Why this transaction has its risk", icon=":material/help:", key=key, on_change="rerun"
    )
    if not box.open:
        return
    found = cache.query(transaction_reasons, run_id, tx_id)
    with box:
        st.markdown(sum_of(found))
        for note in found.notes:
            st.caption(evidence.sentence(note) + ".")
        reasons = [*found.others, *found.reasons]
        picked = pick_reason(reasons, f"{key}_reasons", "What it adds to the model's log-odds")
        if not reasons:
            st.caption("No rule and no ring points to it.")
        elif picked is None:
            st.caption("Pick a reason to see the transactions it rests on.")
        else:
            rests_on(run_id, picked.tx_ids, currency, key=f"{key}_{picked.code}", but=tx_id)


def sum_of(found: TransactionReasons) -> str:
    """Say as Markdown how the risk of a transaction is put together."""
    parts = [
        f"{part.name.lower()} {fmt.score(part.score)} adds {_added(part.points)}"
        for part in found.parts
    ]
    return f"Risk **{fmt.score(found.final_risk)}**: {', '.join(parts)}."


def _added(points: float) -> str:
    written = fmt.score(points)
    return "nothing" if written == fmt.score(0.0) else written


def pick_reason(reasons: Sequence[RiskReason], key: str, adds: str) -> RiskReason | None:
    """List reasons and return the one that is picked; ``adds`` says what the log-odds are."""
    if not reasons:
        return None
    shown = pd.DataFrame(
        {
            "Reason": [reason.text for reason in reasons],
            "Log-odds": [reason.contribution for reason in reasons],
            "Rests on": [len(reason.tx_ids) for reason in reasons],
        }
    ).dropna(axis="columns", how="all")
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        placeholder="",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=420 if len(shown) > 10 else "auto",
        alt="Reasons for the risk; pick one to see the transactions it rests on",
        column_config={
            "Reason": st.column_config.TextColumn(width=515),
            "Log-odds": st.column_config.NumberColumn(format="%+.2f", width=78, help=adds),
            "Rests on": st.column_config.NumberColumn(
                width=80, help="Transactions that it rests on"
            ),
        },
    )
    rows = event["selection"]["rows"]
    return reasons[rows[0]] if rows and rows[0] < len(reasons) else None


def rests_on(
    run_id: str, tx_ids: Sequence[int], currency: str | None, *, key: str, but: int | None = None
) -> None:
    """List transactions, with the ways on from the one that is picked; ``but`` is looked at now."""
    shown = cache.query(account_entries.transactions_by_id, run_id, tuple(tx_ids))
    picked = evidence.transaction_picker(shown, currency=currency, key=f"{key}_transactions")
    trace_leads.of_transfer(run_id, picked, but)
