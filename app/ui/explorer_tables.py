"""The tables beside the explorer's canvas: its accounts, its links, and their transfers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import evidence
from app.ui import format as fmt
from engine.explorer.picture import styles_of
from engine.explorer.scene import Scene

_MOST_ROWS = 500
#: A table of so few rows is as high as it needs to be.
_FEW = 12
_ROLE = "In the ring, for its members; in the run, for all others"
_WHOLE = "In the whole run"


def account_table(
    scene: Scene,
    *,
    key: str,
    selected: str | None,
    currency: str | None,
    height: int,
    on_pick: Callable[[str | None], None],
) -> None:
    """List the accounts that are drawn, the riskiest first; picking one selects it."""
    ordered = scene.nodes.assign(style=[style.name for style in styles_of(scene.nodes)])
    ordered = ordered.sort_values(["risk", "account"], ascending=[False, True], ignore_index=True)
    shown = pd.DataFrame(
        {
            "Account": ordered["account"],
            "Risk": ordered["risk"],
            "Role": ordered["style"],
            "Received": [fmt.compact_amount(value, currency) for value in ordered["in_amount"]],
            "Paid": [fmt.compact_amount(value, currency) for value in ordered["out_amount"]],
        }
    )
    _pickable(
        shown, ordered["account"].tolist(), key=key, picked=selected, height=height,
        on_pick=on_pick, alt="Accounts in view with role, risk, and what they received and paid",
        columns={
            "Account": st.column_config.TextColumn(width=98),
            "Risk": st.column_config.NumberColumn(format="%.3f", width=52),
            "Role": st.column_config.TextColumn(width=88, help=_ROLE),
            "Received": st.column_config.TextColumn(width=68, alignment="right", help=_WHOLE),
            "Paid": st.column_config.TextColumn(width=58, alignment="right", help=_WHOLE),
        },
    )  # fmt: skip


def link_table(
    scene: Scene,
    *,
    key: str,
    selected: str | None,
    picked: tuple[str, str] | None,
    currency: str | None,
    height: int,
    on_pick: Callable[[tuple[str, str] | None], None],
) -> None:
    """List who paid whom, the largest sum first; picking a link shows its transfers."""
    edges = _touching(scene.edges, selected).sort_values("amount", ascending=False)
    pairs = list(zip(edges["sender"], edges["receiver"], strict=True))
    shown = pd.DataFrame(
        {
            "From": edges["sender"].array,
            "To": edges["receiver"].array,
            "Sum": [fmt.compact_amount(value, currency) for value in edges["amount"]],
            "n": edges["transactions"].array,
            "First": [fmt.date(value) for value in edges["first_time"]],
            "Risk": edges["risk"].array,
        }
    )
    _pickable(
        shown, pairs, key=key, picked=picked, height=height, on_pick=on_pick,
        alt="Links in view: who paid whom, how often, and how much",
        columns={
            "From": st.column_config.TextColumn(width=92),
            "To": st.column_config.TextColumn(width=92),
            "Sum": st.column_config.TextColumn(width=72, alignment="right"),
            "n": st.column_config.NumberColumn(width=40, help="Transfers"),
            "First": st.column_config.TextColumn(width=88),
            "Risk": st.column_config.NumberColumn(format="%.3f", width=52),
        },
    )  # fmt: skip


def transfer_table(
    scene: Scene,
    *,
    selected: str | None,
    picked: tuple[str, str] | None,
    currency: str | None,
    height: int,
) -> None:
    """List the transfers of the link in view, else of the account in view, else all of them."""
    events = scene.events
    if picked is not None:
        events = events[(events["sender"] == picked[0]) & (events["receiver"] == picked[1])]
    else:
        events = _touching(events, selected)
    amount = "Amount" if currency is None else f"Amount ({fmt.SYMBOLS.get(currency, currency)})"
    st.dataframe(
        events.head(_MOST_ROWS).assign(time=fmt.local(events["time"].head(_MOST_ROWS))),
        hide_index=True,
        height=height if len(events) > _FEW else "auto",
        key="explorer_transfers",
        alt="Transfers between the accounts in view, in time order",
        column_order=["time", "sender", "receiver", "amount", "type", "tx_id"],
        column_config={
            "time": st.column_config.DatetimeColumn(
                f"Time ({fmt.zone()})", format="YYYY-MM-DD HH:mm", width=118
            ),
            "sender": st.column_config.TextColumn("From", width=84),
            "receiver": st.column_config.TextColumn("To", width=84),
            "amount": st.column_config.NumberColumn(amount, format="accounting", width=86),
            "type": st.column_config.TextColumn("Type", width=84),
            "tx_id": st.column_config.NumberColumn("Row", format="%d", help="Row in the input"),
        },
    )
    if len(events) > _MOST_ROWS:
        st.caption(f"The first {_MOST_ROWS} of {fmt.count(len(events))} transfers.")
    if picked is not None:
        st.caption(f"Of the link {evidence.escape(picked[0])} → {evidence.escape(picked[1])}.")


def _touching(frame: pd.DataFrame, account: str | None) -> pd.DataFrame:
    if account is None:
        return frame
    return frame[(frame["sender"] == account) | (frame["receiver"] == account)]


def _pickable(
    shown: pd.DataFrame,
    items: list[Any],
    *,
    key: str,
    picked: Any,
    height: int,
    on_pick: Callable[[Any], None],
    alt: str,
    columns: dict[str, Any],
) -> None:
    """Show rows of which one can be picked; picking it again clears it."""

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        on_pick(items[rows[0]] if rows else None)

    rows = [position for position, item in enumerate(items) if item == picked]
    st.dataframe(
        shown, hide_index=True, key=key, on_select=take, selection_mode="single-row",
        selection_default={"selection": {"rows": rows}}, alt=alt,
        height=height if len(shown) > _FEW else "auto",
        column_config=columns,
    )  # fmt: skip
