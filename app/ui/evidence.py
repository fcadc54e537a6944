"""What proves an alert or a ring: its reasons, its transactions, its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui.plain import escape as escape
from app.ui.plain import safe as safe
from app.ui.ring_graph import ignore, ring_graph
from app.ui.theme import risk_band
from engine.columns import MEMO
from engine.network import RingPicture, build_network
from engine.plain_text import one_line
from engine.query.alert_detail import Reason
from engine.spreadsheet import csv_bytes as csv_bytes

_ALL = -1
_MOST_OF_A_MEMO = 300


def risk_badge(score: float) -> None:
    """Show a score with the name, the icon, and the colour of its band."""
    band = risk_band(score)
    colour: Any = band.badge
    st.badge(f"{band.name} {fmt.score(score)}", icon=band.icon, color=colour)


def facts(entries: Sequence[tuple[str, str]]) -> None:
    """Show names with values, side by side and compact."""
    with st.container(horizontal=True, gap="small"):
        for name, value in entries:
            with st.container(width="content", gap=None):
                st.caption(name)
                st.markdown(f"**{escape(value)}**")


def reason_picker(reasons: Sequence[Reason], key: str) -> Reason | None:
    """List the reasons of an alert and return the one picked; ``None`` stands for all evidence.

    Where all rest on the same transactions there is nothing to pick: they are listed only.
    """
    if not reasons:
        st.caption("This alert names no reasons.")
        return None
    if len({reason.tx_ids for reason in reasons}) == 1:
        st.markdown("**Why this is an alert**")
        st.markdown("\n".join(_listed(reason) for reason in reasons))
        return None
    choice = st.radio(
        "Why this is an alert: pick a reason to see its transactions",
        [_ALL, *range(len(reasons))],
        format_func=lambda i: "All evidence" if i == _ALL else escape(reasons[i].text),
        captions=["", *(describe_reason(reason) for reason in reasons)],
        key=key,
    )
    return None if choice == _ALL else reasons[choice]


def _listed(reason: Reason) -> str:
    measured = _measured(reason)
    return f"- {escape(reason.text)}" + (f"  \n:gray[{measured}]" if measured else "")


def describe_reason(reason: Reason) -> str:
    """Write the measured value against its threshold, and how many transactions show it."""
    n = len(reason.tx_ids)
    transactions = f"{fmt.count(n)} transaction{'s' if n > 1 else ''}" if n else ""
    return " · ".join(filter(None, (_measured(reason), transactions)))


def _measured(reason: Reason) -> str:
    # Without a threshold the text itself says the value.
    if reason.value is None or reason.threshold is None:
        return ""
    return f"measured {_figure(reason.value)}, threshold {_figure(reason.threshold)}"


def transactions_table(transactions: pd.DataFrame, *, currency: str | None, key: str) -> None:
    """Show transactions with their scores; columns without a single value are left out."""
    _transactions(transactions, currency, key=key)


def transaction_picker(
    transactions: pd.DataFrame, *, currency: str | None, key: str
) -> pd.Series | None:
    """Show transactions as :func:`transactions_table` does, and return the one that is picked."""
    event = _transactions(
        transactions, currency, key=key, on_select="rerun", selection_mode="single-row"
    )
    rows = event["selection"]["rows"]
    return transactions.iloc[rows[0]] if rows and rows[0] < len(transactions) else None


def _transactions(transactions: pd.DataFrame, currency: str | None, **how: Any) -> Any:
    amount = "Amount" if currency is None else f"Amount ({fmt.SYMBOLS.get(currency, currency)})"
    shown = transactions.assign(time=fmt.local(transactions["time"]))
    if MEMO in shown:
        shown[MEMO] = shown[MEMO].map(_memo, na_action="ignore")
    return st.dataframe(
        shown.dropna(axis="columns", how="all"),
        hide_index=True,
        alt="Transactions of the evidence in time order, with their scores from 0 to 1",
        column_order=[
            "time", "sender", "receiver", "amount", "final_risk", "type", "memo",
            "fraud_probability", "anomaly_score", "rule_score", "tx_id",
        ],
        column_config={
            "time": st.column_config.DatetimeColumn(
                f"Time ({fmt.zone()})", format="YYYY-MM-DD HH:mm"
            ),
            "sender": "From",
            "receiver": "To",
            "amount": st.column_config.NumberColumn(amount, format="accounting"),
            "type": "Type",
            "memo": st.column_config.TextColumn(
                "Memo", help="Text of the payment as received; what is not seen, by its number"
            ),
            "final_risk": _score_column("Risk", "The blend of all scores"),
            "fraud_probability": _score_column("Model", "Probability of fraud by the model"),
            "anomaly_score": _score_column("Anomaly", "Rank of unusualness: 1 is the strangest"),
            "rule_score": _score_column("Rules", "Weight of the rules that fired"),
            "tx_id": st.column_config.NumberColumn("Row", format="%d", help="Row in the input"),
        },
        **how,
    )  # fmt: skip


def _memo(text: str) -> str:
    """Return what a payment says so that it reads as it is, however long and whatever is in it."""
    return one_line(text, _MOST_OF_A_MEMO)


def ring_picture(
    members: pd.DataFrame,
    edges: pd.DataFrame,
    *,
    ring_id: str,
    typology: str,
    key: str,
    height: int,
    selected: str | None = None,
    on_select: Callable[[], None] = ignore,
) -> RingPicture:
    """Draw a ring, and say so where not all of it is drawn."""
    picture = build_network(members, edges, typology=typology)
    ring_graph(
        picture,
        key=key,
        ring_id=ring_id,
        description=(
            f"Network of ring {ring_id}: {picture.shown_accounts} accounts and "
            f"{picture.shown_edges} payment links. The members table lists the same accounts."
        ),
        selected=selected,
        height=height,
        on_select=on_select,
    )
    meaning = "The larger a mark, the riskier the account; the thicker a line, the larger the sum."
    if not picture.is_complete:
        meaning += (
            f" Showing {picture.shown_accounts} of {fmt.count(picture.accounts)} accounts (the "
            f"riskiest) and {picture.shown_edges} of {fmt.count(picture.edges)} links."
        )
    st.caption(meaning)
    return picture


def period(start: datetime, end: datetime) -> str:
    """Write a period with its length, e.g. ``2026-03-01 to 2026-03-04 (3 d)``."""
    if start == end:
        return fmt.moment(start)
    length = fmt.duration((end - start).total_seconds())
    return f"{fmt.date(start)} to {fmt.date(end)} ({length})"


def sentence(text: str) -> str:
    """Return a message of the engine as a sentence with a capital, to be shown as Markdown."""
    first = text.split(" ", 1)[0]
    is_word = first.isalpha() and first.islower()
    return safe(text[:1].upper() + text[1:] if is_word else text)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _score_column(label: str, explanation: str) -> Any:
    return st.column_config.ProgressColumn(
        label, help=explanation, min_value=0.0, max_value=1.0, format="%.3f", width="small"
    )
