"""The tables of a trace: the transfers that carried the money, and where it ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui.trace_words import METHODS, end_meaning, end_name
from engine.amounts import MINOR_UNITS
from engine.trace import Trace

_TRANSFER = ["hop", "tx_id", "time", "sender", "receiver", "amount"]
_END = ["hop", "account", "kind"]


def together(traces: Sequence[Trace], name: str, keys: list[str]) -> pd.DataFrame:
    """Put tables of several traces side by side: the part by each method in a column of its name.

    Parameters
    ----------
    traces
        Of the same transfer, by different methods.
    name
        ``flows`` or ``ends``.
    keys
        The columns that name a row; the parts are in currency units, 0 where a method has no row.
    """
    tables = [
        getattr(one, name)[[*keys, "part"]].rename(columns={"part": one.method}) for one in traces
    ]
    joined: pd.DataFrame = reduce(
        lambda left, right: left.merge(right, on=keys, how="outer"), tables
    )
    methods = [one.method for one in traces]
    joined[methods] = joined[methods].fillna(0) / MINOR_UNITS
    return joined


def transfers_table(
    traces: Sequence[Trace], chosen: pd.DataFrame | None, currency: str | None, key: str
) -> pd.Series | None:
    """Show the transfers of traces, or only those chosen, and return the one that is picked.

    ``chosen`` holds rows of ``Trace.flows``; ``None`` stands for all.
    """
    rows = together(traces, "flows", _TRANSFER)
    if chosen is not None:
        rows = rows.merge(chosen[["hop", "tx_id"]], on=["hop", "tx_id"])
    rows = rows.sort_values(["hop", "time", "tx_id"], ignore_index=True)
    shown = rows.assign(time=fmt.local(rows["time"]), amount=rows["amount"] / MINOR_UNITS)
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        key=_key(key, shown["tx_id"]),
        on_select="rerun",
        selection_mode="single-row",
        alt="Transfers that carried the money, step by step; pick one to open its accounts",
        height=_height(len(shown)),
        column_order=["hop", "time", "sender", "receiver", *_methods(traces), "amount", "tx_id"],
        column_config={
            "hop": st.column_config.NumberColumn("Step", width=52, help="0 is the chosen transfer"),
            "time": st.column_config.DatetimeColumn(
                f"Time ({fmt.zone()})", format="YYYY-MM-DD HH:mm"
            ),
            "sender": "From",
            "receiver": "To",
            "amount": st.column_config.NumberColumn(
                _with_unit("Whole transfer", currency), format="accounting"
            ),
            "tx_id": st.column_config.NumberColumn("Row", format="%d", help="Row in the input"),
            **_part_columns(traces, currency),
        },
    )
    return _picked(event, rows)


def ends_table(traces: Sequence[Trace], currency: str | None, key: str) -> pd.Series | None:
    """Show at which accounts the money was followed no further, and why; return the one picked."""
    forward, limits = traces[0].direction == "forward", traces[0].limits
    rows = together(traces, "ends", _END).sort_values(
        _methods(traces), ascending=False, kind="stable", ignore_index=True
    )
    shown = rows.assign(
        why=[end_name(kind, forward=forward) for kind in rows["kind"]],
        meaning=[end_meaning(kind, limits, forward=forward) for kind in rows["kind"]],
    )
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        key=_key(key, shown["account"]),
        on_select="rerun",
        selection_mode="single-row",
        alt="Accounts at which the money was followed no further, with the reason; pick one to "
        "open it",
        height=_height(len(shown)),
        column_order=["account", *_methods(traces), "why", "hop", "meaning"],
        column_config={
            "account": "Account",
            "why": "Why",
            "hop": st.column_config.NumberColumn(
                "Step", width=52, help="Transfers from the chosen one to this account"
            ),
            "meaning": "Meaning",
            **_part_columns(traces, currency),
        },
    )
    return _picked(event, rows)


def _key(key: str, names: pd.Series) -> str:
    """Name a table by its rows too: a row picked among others is none of these."""
    return f"{key}_{crc32(names.to_csv(index=False).encode()):x}"


def _picked(event: Any, rows: pd.DataFrame) -> pd.Series | None:
    at = event["selection"]["rows"]
    return rows.iloc[at[0]] if at and at[0] < len(rows) else None


def _methods(traces: Sequence[Trace]) -> list[str]:
    return [one.method for one in traces]


def _part_columns(traces: Sequence[Trace], currency: str | None) -> dict[str, Any]:
    names = METHODS if len(traces) > 1 else {traces[0].method: "Of this money"}
    return {
        one.method: st.column_config.NumberColumn(
            _with_unit(names[one.method], currency),
            format="accounting",
            help="How much of the chosen transfer's money it is",
        )
        for one in traces
    }


def _with_unit(label: str, currency: str | None) -> str:
    return label if currency is None else f"{label} ({fmt.SYMBOLS.get(currency, currency)})"


def _height(rows: int) -> Any:
    return 380 if rows > 10 else "auto"
