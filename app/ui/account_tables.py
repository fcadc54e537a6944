"""The tables of the account page: counterparties, transactions, and accounts to begin with."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui import state
from app.ui.typologies import run_role


def amount_label(currency: str | None, name: str = "Amount") -> str:
    """Return the header of a column of amounts."""
    return name if currency is None else f"{name} ({fmt.SYMBOLS.get(currency, currency)})"


def _amounts(name: str, currency: str | None) -> Any:
    """Write amounts in full: rounded ones beside others cannot be compared."""
    return st.column_config.NumberColumn(
        amount_label(currency, name), format="accounting", width=118
    )


def counterparty_list(found: pd.DataFrame, *, key: str, currency: str | None) -> str | None:
    """List the counterparties of an account and return the one that is picked, if any.

    ``found`` is from :func:`engine.query.ledger.counterparties` for one account.
    """
    shown = pd.DataFrame(
        {
            "Counterparty": found["counterparty"],
            "Risk": found["risk"],
            "Received from": found["in_amount"],
            "In": found["n_in"],
            "Paid to": found["out_amount"],
            "Out": found["n_out"],
            "First": [fmt.date(value) for value in found["first_time"]],
            "Last": [fmt.date(value) for value in found["last_time"]],
        }
    )
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=320 if len(found) > 8 else "auto",
        alt="Counterparties of the account; pick a row to see the transactions with it",
        column_config={
            "Risk": st.column_config.NumberColumn(
                format="%.3f", width=58, help="The highest risk of the transactions with it"
            ),
            "Received from": _amounts("Received from", currency),
            "In": st.column_config.NumberColumn(width=48, help="Transactions from it"),
            "Paid to": _amounts("Paid to", currency),
            "Out": st.column_config.NumberColumn(width=48, help="Transactions to it"),
            "First": st.column_config.TextColumn(width=88),
            "Last": st.column_config.TextColumn(width=88),
        },
    )
    rows = event["selection"]["rows"]
    return str(found["counterparty"].iloc[rows[0]]) if rows and rows[0] < len(found) else None


def entry_list(found: pd.DataFrame, *, key: str, currency: str | None) -> int | None:
    """List entries of an account and return the transaction that is picked, if any.

    ``found`` is from :func:`engine.query.account_entries.account_entries`.
    """
    shown = found.assign(
        time=fmt.local(found["time"]),
        direction=["Received" if one == "in" else "Paid" for one in found["direction"]],
    ).dropna(axis="columns", how="all")
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=320 if len(found) > 8 else "auto",
        alt="Transactions of the account, the latest first; pick one to follow its money",
        column_order=[
            "time", "direction", "counterparty", "amount", "risk", "type", "balance_after", "tx_id",
        ],
        column_config={
            "time": st.column_config.DatetimeColumn(
                f"Time ({fmt.zone()})", format="YYYY-MM-DD HH:mm"
            ),
            "direction": st.column_config.TextColumn("Way", width=72),
            "counterparty": "Counterparty",
            "amount": st.column_config.NumberColumn(amount_label(currency), format="accounting"),
            "risk": st.column_config.NumberColumn("Risk", format="%.3f", width=58),
            "type": "Type",
            "balance_after": st.column_config.NumberColumn(
                "Balance after", format="accounting", help="Of this account"
            ),
            "tx_id": st.column_config.NumberColumn("Row", format="%d", help="Row in the input"),
        },
    )  # fmt: skip
    rows = event["selection"]["rows"]
    return int(found["tx_id"].iloc[rows[0]]) if rows and rows[0] < len(found) else None


def ring_table(
    found: pd.DataFrame, *, key: str, currency: str | None
) -> tuple[str, str | None] | None:
    """List the rings of an account; return the one that is picked, with its alert if it has one.

    ``found`` is from :func:`engine.query.account_findings.account_findings`.
    """
    shown = pd.DataFrame(
        {
            "Ring": found["ring_id"],
            "Risk": found["score"],
            "Typology": [fmt.typology(name) for name in found["typology"]],
            "Role in it": [str(role).capitalize() for role in found["role"]],
            "Accounts": found["n_accounts"],
            "Amount": found["amount"],
            "Start": [fmt.date(value) for value in found["start"]],
            "End": [fmt.date(value) for value in found["end"]],
            "Alert": ["Below the threshold" if pd.isna(one) else one for one in found["alert_id"]],
        }
    )
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=320 if len(found) > 8 else "auto",
        alt="Rings that the account is in, the riskiest first; pick one to open it",
        column_config={
            "Risk": st.column_config.NumberColumn(format="%.3f", width=58),
            "Accounts": st.column_config.NumberColumn(width=74),
            "Amount": _amounts("Amount", currency),
        },
    )
    rows = event["selection"]["rows"]
    if not rows or rows[0] >= len(found):
        return None
    ring = found.iloc[rows[0]]
    return str(ring["ring_id"]), None if pd.isna(ring["alert_id"]) else str(ring["alert_id"])


def account_list(found: pd.DataFrame, *, key: str, currency: str | None) -> None:
    """List accounts to begin with; picking one opens it.

    ``found`` is from :func:`engine.query.account_entries.riskiest_accounts`.
    """

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            state.write("account", str(found["account"].iloc[rows[0]]))

    shown = pd.DataFrame(
        {
            "Account": found["account"],
            "Role": [run_role(str(role)) for role in found["role"]],
            "Risk": found["risk"],
            "Transactions": found["transactions"],
            "Received": found["in_amount"],
            "Paid": found["out_amount"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select=take,
        selection_mode="single-row",
        alt="The riskiest accounts of the run; pick a row to open one",
        column_config={
            "Risk": st.column_config.NumberColumn(format="%.3f", width=58),
            "Received": _amounts("Received", currency),
            "Paid": _amounts("Paid", currency),
        },
    )
