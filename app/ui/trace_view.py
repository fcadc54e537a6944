"""One trace on the page: the transfer, the sentence, the flow, the tables, and the downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil

import pandas as pd
import streamlit as st

from app.ui import cache, desk, evidence, risk_why, trace_leads
from app.ui import format as fmt
from app.ui.trace_chart import fit_beside, show_flow
from app.ui.trace_choose import forget_transfer
from app.ui.trace_options import Options, in_words, wider
from app.ui.trace_tables import ends_table, transfers_table
from app.ui.trace_words import METHODS, agree, money, tell
from engine.query.money_trace import paid_later, trace_ends, trace_money, trace_transfers
from engine.trace import MOST_GAP_HOURS, Later, Trace, Transfer

#: How often the choice in the flows was cleared: it ends with the name of a diagram.
_CLEARED = "trace_cleared"


def show_transfer(run_id: str, start: Transfer, rings: pd.DataFrame, currency: str | None) -> None:
    """Show which transfer is followed, with the ways to its accounts, its rings, and others."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        evidence.facts(
            [
                ("Amount", money(start.amount, currency)),
                ("From", start.sender),
                ("To", start.receiver),
                ("Time", fmt.moment(start.time)),
                ("Row", str(start.tx_id)),
            ]
        )
        st.button(
            "Another transfer", icon=":material/arrow_back:", type="tertiary",
            on_click=forget_transfer, key="trace_forget",
        )  # fmt: skip
    trace_leads.of_start(run_id, start, rings)
    risk_why.of_transaction(run_id, start.tx_id, currency)


def show_traces(
    run_id: str, tx_id: int, asked: Options, rings: pd.DataFrame, currency: str | None
) -> None:
    """Show the trace by each method that is asked for; those that agree are shown once."""
    traces = [
        cache.query(trace_money, run_id, tx_id, asked.direction, method, asked.limits)
        for method in asked.methods
    ]
    laters = [
        cache.query(paid_later, run_id, tx_id, asked.direction, method, asked.limits)
        for method in asked.methods
    ]
    are_one = agree(traces) and len(set(laters)) == 1
    shown = traces[:1] if are_one else traces
    chosen = _show_flows(shown, laters, tx_id, currency, are_one=are_one and len(traces) > 1)
    st.caption(f"Followed: {in_words(asked.limits, rings)}. Click a band or an account.")
    _show_tables(run_id, shown, chosen, currency)
    _show_downloads(run_id, tx_id, asked)


def _show_flows(
    traces: Sequence[Trace],
    laters: Sequence[Later | None],
    tx_id: int,
    currency: str | None,
    *,
    are_one: bool,
) -> pd.DataFrame | None:
    """Draw the traces beside each other and return the transfers of what is clicked."""
    if fit_beside(traces):
        places = st.columns(len(traces), gap="medium", border=True)
    else:
        places = [st.container(border=True) for _ in traces]
    picked = []
    for place, trace, later in zip(places, traces, laters[: len(traces)], strict=True):
        with place:
            st.markdown(f"##### {'Both methods agree' if are_one else METHODS[trace.method]}")
            st.markdown(tell(trace, currency, later))
            if later is not None:
                _offer_wider(trace, later)
            key = f"trace_flow_{trace.method}_{trace.direction}_{tx_id}_{hash(trace.limits)}"
            key += f"_{st.session_state.get(_CLEARED, 0)}"
            picked.append(show_flow(trace, currency, key))
    clicked = [one for one in picked if one is not None]
    return pd.concat(clicked).drop_duplicates(["hop", "tx_id"]) if clicked else None


def _offer_wider(trace: Trace, later: Later) -> None:
    hours = min(ceil(later.last_hours), MOST_GAP_HOURS)
    st.button(
        f"Follow it too: wait up to {fmt.duration(hours * 3600)}", icon=":material/more_time:",
        key=f"trace_wider_{trace.method}", on_click=wider(hours),
    )  # fmt: skip


def _show_tables(
    run_id: str, traces: Sequence[Trace], chosen: pd.DataFrame | None, currency: str | None
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        title = "Transfers" if chosen is None else "Transfers of what is clicked"
        st.markdown(f"##### {title}", width="content")
        if chosen is not None:
            st.button(
                "Show all", icon=":material/close:", type="tertiary", on_click=_clear,
                key="trace_clear",
            )  # fmt: skip
    picked = transfers_table(traces, chosen, currency, key="trace_transfers")
    trace_leads.of_transfer(run_id, picked, traces[0].start.tx_id)
    forward = traces[0].direction == "forward"
    st.markdown(f"##### {'Where it ended' if forward else 'Where it began'}")
    trace_leads.of_end(run_id, ends_table(traces, currency, key="trace_ends"))
    total = money(traces[0].start.amount, currency)
    st.caption(f"These add up to {evidence.escape(total)}, to the last minor unit.")


def _clear() -> None:
    """Draw the flows anew with nothing clicked."""
    st.session_state[_CLEARED] = st.session_state.get(_CLEARED, 0) + 1


def _show_downloads(run_id: str, tx_id: int, asked: Options) -> None:
    if not desk.may("export"):
        return
    given = (tx_id, asked.direction, asked.methods, asked.limits)
    transfers = cache.download(trace_transfers, run_id, *given)
    ends = cache.download(trace_ends, run_id, *given)
    with st.container(horizontal=True):
        for label, ending, frame in (
            ("Transfers (CSV)", "transfers", transfers), ("Ends (CSV)", "ends", ends),
        ):  # fmt: skip
            st.download_button(
                label,
                partial(_written, frame),
                file_name=f"{run_id}-trace-{tx_id}-{asked.direction}-{ending}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"trace_download_{ending}",
            )


def _written(frame: Callable[[], pd.DataFrame]) -> bytes:
    return evidence.csv_bytes(frame())
