"""Choose the transfer whose money is followed: by its number, of an account, or of an alert."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from app.ui import cache, format, messages, state
from app.ui.evidence import escape
from engine.errors import InputError
from engine.query.ledger import account_facts
from engine.query.money_trace import alerted_transfers, transfers_of

_NUMBER = "trace_number"
_ACCOUNT = "trace_account"
_Side = Literal["in", "out"]
_SIDES: dict[str, _Side] = {"Into it": "in", "Out of it": "out"}
#: Most transfers that are listed to choose from.
MOST_LISTED = 200


def search_row() -> None:
    """Draw the boxes for a transaction's number and for an account."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Transaction", key=_NUMBER, placeholder="Row, e.g. 1204", width=170,
            icon=":material/tag:", on_change=_take_number,
            help="Its row in the input: the column Row in tables of transactions",
        )  # fmt: skip
        st.text_input(
            "or account", key=_ACCOUNT, placeholder="Account id", width=220,
            icon=":material/account_balance:", on_change=_take_account,
            help="Lists the transfers into it, or out of it",
        )  # fmt: skip


def number_in_view() -> int | None:
    """Return the number of the transaction in view; text that is none is told and forgotten."""
    asked = state.read("tx")
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit() and len(asked) <= 18:
        state.write("tx", asked)
        return int(asked)
    state.write("tx", None)
    messages.engine_error(
        InputError(
            f"a transaction is named by its row in the input, a whole number, not {asked!r}; take "
            "it from a table of transactions"
        )
    )
    return None


def choose(run_id: str, currency: str | None) -> None:
    """List transfers to choose from: those of the account in view, else of the worst alerts."""
    account = state.read("account")
    if account is None:
        _list_alerted(run_id, currency)
        return
    try:
        known = not cache.query(account_facts, run_id, [account]).empty
    except InputError as error:
        state.write("account", None)
        messages.engine_error(error)
        _list_alerted(run_id, currency)
        return
    state.write("account", account)
    _list_transfers(run_id, account, currency, known=known)


def _list_transfers(run_id: str, account: str, currency: str | None, *, known: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### Transfers of {escape(account)}", width="content")
        side = st.segmented_control(
            "Transfers", list(_SIDES), default="Into it", key="trace_side", bind="query-params",
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        st.button(
            "Another account", icon=":material/close:", type="tertiary", on_click=_forget_account,
            key="trace_forget_account",
        )  # fmt: skip
    if not known:
        messages.nothing_found(
            f"account {escape(account)} in this run", "Check its id, or choose another run."
        )
        return
    way = _SIDES[side]
    found = cache.query(transfers_of, run_id, account, way, MOST_LISTED)
    if found.empty:
        messages.nothing_found(
            f"transfers {'into' if way == 'in' else 'out of'} {escape(account)}",
            f"Choose “{'Out of it' if way == 'in' else 'Into it'}” above.",
        )
        return
    listed = f" The {MOST_LISTED} riskiest; any other can be named by its row."
    st.caption(
        "The riskiest first. Click a row to follow its money."
        + (listed if len(found) == MOST_LISTED else "")
    )
    _pick(found, currency, key=f"trace_{way}_{run_id}_{account}")


def _list_alerted(run_id: str, currency: str | None) -> None:
    found = cache.query(alerted_transfers, run_id)
    if found.empty:
        messages.nothing_found(
            "transfer chosen",
            "Name a transaction by its row, or an account to see the transfers into it.",
        )
        return
    st.markdown("##### Choose a transfer to follow")
    st.caption(
        "One of each of the worst alerts, of a ring its first; or name any other above. Click a "
        "row to follow its money."
    )
    _pick(found, currency, key=f"trace_alerted_{run_id}")


def _pick(found: pd.DataFrame, currency: str | None, key: str) -> None:
    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            state.write("tx", str(found["tx_id"].iloc[rows[0]]))

    amount = "Amount" if currency is None else f"Amount ({format.SYMBOLS.get(currency, currency)})"
    shown = found.assign(time=format.local(found["time"])).dropna(axis="columns", how="all")
    if "ring_id" in shown.columns:
        shown["ring_id"] = shown["ring_id"].fillna("")
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        on_select=take,
        selection_mode="single-row",
        alt="Transfers to choose from; pick a row to follow its money",
        column_order=["time", "sender", "receiver", "amount", "risk", "ring_id", "type", "tx_id"],
        column_config={
            "time": st.column_config.DatetimeColumn(
                f"Time ({format.zone()})", format="YYYY-MM-DD HH:mm"
            ),
            "sender": "From",
            "receiver": "To",
            "amount": st.column_config.NumberColumn(amount, format="accounting"),
            "risk": st.column_config.NumberColumn("Risk", format="%.3f", width="small"),
            "ring_id": "Ring",
            "type": "Type",
            "tx_id": st.column_config.NumberColumn("Row", format="%d"),
        },
    )


def forget_transfer() -> None:
    """Go back to choosing."""
    state.write("tx", None)


def _take_number() -> None:
    asked = str(st.session_state[_NUMBER]).strip().replace(",", "")
    st.session_state[_NUMBER] = ""
    if asked:
        state.write("tx", asked)


def _take_account() -> None:
    asked = str(st.session_state[_ACCOUNT]).strip()
    st.session_state[_ACCOUNT] = ""
    if asked:
        state.write("account", asked)
        state.write("tx", None)


def _forget_account() -> None:
    state.write("account", None)
