"""The facts behind a sentence, and the transactions behind these."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui import account_link, cache, evidence, narrative_words, trace_link
from app.ui import format as fmt
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.verdict import Line
from engine.plain_text import as_written
from engine.query.account_entries import transactions_by_id

#: Transactions that are listed, and followed by a link each.
_MOST_LISTED, _MOST_FOLLOWED = 200, 3
_MOST_ACCOUNTS = 4

_QUESTIONS = {
    "who": "Who", "what": "What", "when": "When", "where": "Where", "why": "Why", "how": "How",
    "counter": "Speaks for innocence", "method": "Method",
}  # fmt: skip


def show_line(run_id: str, ledger: Ledger, line: Line) -> None:
    """Show the facts that a sentence cites, and the transactions that they were computed from."""
    facts = [fact for fact in map(ledger.fact, line.fact_ids) if fact is not None]
    with st.container(border=True, key="narrative_behind", gap="small"):
        st.caption("The sentence rests on")
        st.dataframe(
            fact_rows(facts), hide_index=True, key="narrative_facts", row_height=28,
            column_order=_OF_LINE, column_config=_COLUMNS,
            alt="Facts that the sentence cites, with their values",
        )  # fmt: skip
        _show_transactions(run_id, ledger, facts)
        _show_accounts(run_id, facts)


def show_all(ledger: Ledger, sha256: str) -> None:
    """List all facts of the ledger once that is opened, with the hash that stands for them."""
    n_key = sum(fact.is_key for fact in ledger.facts)
    with st.expander(
        f"All {len(ledger.facts)} facts", icon=":material/fact_check:", key="narrative_ledger",
        on_change="rerun",
    ) as box:  # fmt: skip
        if not box.open:
            return
        st.caption(
            f"{n_key} of them a complete narrative says. SHA-256 of the ledger `{sha256}`; "
            f"engine {evidence.escape(ledger.engine)}, settings `{ledger.config_hash[:12]}`."
        )
        st.dataframe(
            fact_rows(ledger.facts), hide_index=True, key="narrative_all_facts", height=360,
            alt="All facts that are known of the alert", column_config=_COLUMNS,
        )  # fmt: skip


def fact_rows(facts: Sequence[Fact]) -> pd.DataFrame:
    """Return facts as a table shows them, in their order."""
    style = fmt.current()
    return pd.DataFrame(
        {
            "Fact": [fact.fact_id for fact in facts],
            "What": [fact.label for fact in facts],
            "Value": [as_written(narrative_words.value_of(fact, style)) for fact in facts],
            "Answers": [_QUESTIONS[fact.topic] for fact in facts],
            "Rows": [fact.n_tx or len(fact.tx_ids) for fact in facts],
            "From": [as_written(fact.query) for fact in facts],
        }
    )


_COLUMNS = {
    "Fact": st.column_config.TextColumn(width=48),
    "What": st.column_config.TextColumn(width=230),
    "Value": st.column_config.TextColumn(width=150),
    "Answers": st.column_config.TextColumn(width=70),
    "Rows": st.column_config.NumberColumn(
        width=50, help="Transactions that it was computed from", format="localized"
    ),
    "From": st.column_config.TextColumn(help="The function that computed it"),
}


#: What a sentence answers stands over it already.
_OF_LINE = ("Fact", "What", "Value", "Rows", "From")


def _show_transactions(run_id: str, ledger: Ledger, facts: Sequence[Fact]) -> None:
    tx_ids = sorted({tx_id for fact in facts for tx_id in fact.tx_ids})
    if not tx_ids:
        return
    found = cache.query(transactions_by_id, run_id, tx_ids[:_MOST_LISTED])
    evidence.transactions_table(found, currency=ledger.currency, key="narrative_transactions")
    if len(tx_ids) > _MOST_LISTED:
        st.caption(f"The first {_MOST_LISTED} of {fmt.count(len(tx_ids))} transactions.")
    if len(tx_ids) <= _MOST_FOLLOWED:
        with st.container(horizontal=True, gap="small"):
            for tx_id in tx_ids:
                trace_link.to_trace(run_id, tx_id, f"Follow the money of row {tx_id}")


def _show_accounts(run_id: str, facts: Sequence[Fact]) -> None:
    """Offer the way to each account that the facts name, where they are few."""
    accounts = dict.fromkeys(
        account
        for fact in facts
        for account in ((str(fact.value),) if fact.kind == "account" else fact.subjects)
    )
    if 0 < len(accounts) <= _MOST_ACCOUNTS:
        with st.container(horizontal=True, gap="small"):
            for account in accounts:
                account_link.to_account(run_id, account)
