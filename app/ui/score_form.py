"""The form of the Score page: a transaction, as ``POST /infer`` takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import days, desk, scoring
from app.ui import format as fmt
from app.ui.messages import engine_error
from engine.errors import EngineError

_SENDER, _RECEIVER, _AMOUNT, _TIME, _TYPE = (
    f"score_{name}" for name in ("sender", "receiver", "amount", "time", "type")
)
_SENDER_BALANCE, _RECEIVER_BALANCE = "score_sender_balance", "score_receiver_balance"
#: Columns of a run's transactions to the fields they fill.
_FILLED = {
    _SENDER: "sender", _RECEIVER: "receiver", _AMOUNT: "amount", _TIME: "time", _TYPE: "type",
    _SENDER_BALANCE: "sender_balance_before", _RECEIVER_BALANCE: "receiver_balance_before",
}  # fmt: skip


def transaction_form(example: Callable[[], dict[str, Any]] | None) -> dict[str, Any] | None:
    """Draw the form; return the transaction when it is sent, else ``None``.

    Parameters
    ----------
    example
        Returns a transaction of the run in view to start from; ``None`` where there is no run.
    """
    if example is not None:
        st.button(
            "Fill in the run's riskiest", icon=":material/edit_note:", type="tertiary",
            key="score_example", on_click=lambda: _fill(example()),
        )  # fmt: skip
    with st.form("score_form", border=False):
        left, right = st.columns(2)
        sender = left.text_input("Sender", key=_SENDER, placeholder="Account that pays")
        receiver = right.text_input("Receiver", key=_RECEIVER, placeholder="Account that is paid")
        amount = left.number_input(
            "Amount", key=_AMOUNT, value=None, min_value=0.0, step=None, placeholder="12500.00"
        )
        kind = right.text_input("Type (optional)", key=_TYPE, placeholder="TRANSFER")
        time = left.text_input(
            f"Time, {fmt.zone()} (optional)", key=_TIME, placeholder="now, or 2026-01-31 10:00",
            help="What both accounts did in the hour, day and week before counts. For an account "
            "of an old file give a time of that period. One with an offset, as in "
            "2026-01-31 10:00+05:30, is taken as it is.",
        )  # fmt: skip
        sender_balance = right.number_input(
            "Sender's balance before (optional)", key=_SENDER_BALANCE, value=None, min_value=0.0,
            step=None,
        )  # fmt: skip
        receiver_balance = left.number_input(
            "Receiver's balance before (optional)", key=_RECEIVER_BALANCE, value=None,
            min_value=0.0, step=None,
        )  # fmt: skip
        with right.container(height="stretch", vertical_alignment="bottom"):
            record = st.toggle(
                "Remember it", key="score_record", disabled=not desk.may("work"),
                help="Both accounts' profiles take it in, and a high risk is told to the topic of "
                "alerts. Off, it is only tried out.",
            )  # fmt: skip
        sent = st.form_submit_button("Score", type="primary", icon=":material/bolt:")
    if not sent:
        return None
    given = {
        "sender": sender, "receiver": receiver, "amount": amount,
        "time": days.typed_moment(time) or None, "type": kind or None,
        "sender_balance": sender_balance, "receiver_balance": receiver_balance,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None} | {"record": record}


def publish_button(run_id: str, used: scoring.InUse | None) -> None:
    """Offer to score with the run in view, unless it is what scores already."""
    if (used is not None and used.run_id == run_id) or not desk.may("run"):
        return
    clicked = st.button(
        f"Score with {run_id}", icon=":material/publish:", key="score_publish",
        type="tertiary" if used else "primary",
    )  # fmt: skip
    if not clicked:
        return
    bar = st.progress(0.0, text="Reading the run's history")

    def show(share: float, what: str) -> None:
        bar.progress(share, text=what)

    try:
        scoring.publish_run(run_id, show)
    except EngineError as error:
        engine_error(error)
    else:
        st.rerun()


def _fill(transaction: dict[str, Any]) -> None:
    for key, column in _FILLED.items():
        value = transaction.get(column)
        if value is None or pd.isna(value):
            st.session_state[key] = None if "balance" in key or key == _AMOUNT else ""
        elif isinstance(value, pd.Timestamp):
            st.session_state[key] = days.clock_text(value.to_pydatetime())
        else:
            st.session_state[key] = (
                str(value) if key in (_SENDER, _RECEIVER, _TYPE) else float(value)
            )
