"""The sample from below the line: draw it, look at one finding after the other, say what it is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, desk, evidence, format, messages, state
from engine.errors import EngineError
from engine.query import overview, rings, threshold_item
from engine.query.threshold_alerts import Thresholds
from engine.query.threshold_sample import MOST, draw
from engine.workbench import line_samples
from engine.workbench.line_samples import LineSampleLine
from engine.workbench.run_alerts import made as made_of

_TROUBLE = "bench_sample_trouble"
_SKIPPED = "bench_sample_skipped"
_WORDS = {1: "Fraud", 0: "Not fraud"}


def show_sample(run_id: str, now: Thresholds) -> None:
    """Show the samples of a run, with the next finding of one to be labelled."""
    st.markdown("##### Sample from below the line")
    st.caption(
        "Findings that are no alerts, drawn at random: rings below the threshold in force and "
        "unusual transactions, the same number of each band of scores. What people say of them "
        "tells how many true ones and how much money the line misses."
    )
    made = made_of(cache.manifest(run_id))
    trouble = st.session_state.pop(_TROUBLE, None)
    if trouble:
        messages.refusal(trouble)
    if desk.may("work"):
        _draw_form(run_id, made, now)
    samples = desk.read(line_samples.list_samples, run_id, made)
    if not samples:
        st.caption("No sample of this run yet.")
        return
    chosen = st.selectbox(
        "Sample", samples, format_func=_name, key=f"bench_sample_{run_id}", width=420
    )
    items = desk.read(line_samples.sample_items, chosen.sample_id)
    _next(run_id, items)
    with st.expander(f"All {len(items)} findings of the sample"):
        _table(items, chosen.sample_id)


def _draw_form(run_id: str, made: str, now: Thresholds) -> None:
    with (
        st.form("bench_draw", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.number_input("Findings", 1, MOST, 30, key="bench_sample_size", width=110)
        st.number_input(
            "Seed", 0, 2**31 - 1, 1, key="bench_sample_seed", width=130,
            help="The same seed draws the same sample of this run again",
        )  # fmt: skip
        st.form_submit_button(
            "Draw a sample", icon=":material/casino:", key="bench_sample_draw", on_click=_draw,
            args=(run_id, made, now),
        )  # fmt: skip


def _draw(run_id: str, made: str, now: Thresholds) -> None:
    size = int(st.session_state["bench_sample_size"])
    seed = int(st.session_state["bench_sample_seed"])
    try:
        drawn = cache.query(draw, run_id, now, size, seed)
        desk.write(line_samples.keep_sample, run_id, made, now, seed, drawn)
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)
    else:
        st.session_state.pop(f"bench_sample_{run_id}", None)


def _name(sample: LineSampleLine) -> str:
    return (
        f"{format.date(sample.drawn_at)} by {sample.drawn_by}, seed {sample.seed}, line "
        f"{sample.threshold:.2f}: {sample.labelled} of {sample.items} labelled"
    )


def _next(run_id: str, items: pd.DataFrame) -> None:
    """Show the next finding without a label, with its transactions and the buttons."""
    skipped = st.session_state.setdefault(_SKIPPED, set())
    left = items[items["label"].isna()]
    waiting = left[~left["item"].isin(skipped)]
    if left.empty:
        st.success("Every finding of the sample has a label.", icon=":material/check_circle:")
        return
    if waiting.empty:
        skipped.clear()
        waiting = left
    item = waiting.iloc[0]
    ring = None if pd.isna(item["ring_id"]) else str(item["ring_id"])
    money = cache.query(overview.currency, run_id)
    with st.container(border=True, key="bench_item"):
        with st.container(horizontal=True, vertical_alignment="center"):
            name = f"Ring {ring}" if ring else f"Transaction {int(item['tx_id'])}"
            st.markdown(f"**{name}**", width="content")
            evidence.risk_badge(float(item["score"]))
            st.markdown(format.amount(item["amount"], money).replace("$", "\\$"), width="content")
            if ring:
                st.page_link(
                    state.page_path("rings"), label="See it as a network", icon=":material/hub:",
                    query_params={"run": run_id, "ring": ring}, width="content",
                )  # fmt: skip
        evidence.transactions_table(
            cache.query(rings.ring_transactions, run_id, ring, 200)
            if ring
            else cache.query(threshold_item.transaction, run_id, int(item["tx_id"])),
            currency=money, key=f"bench_item_{item['item']}",
        )  # fmt: skip
        if desk.may("work"):
            _label_buttons(int(item["item"]))


def _label_buttons(item: int) -> None:
    with st.container(horizontal=True):
        for label, words, icon in (
            (1, "It is fraud", ":material/gpp_maybe:"),
            (0, "It is not fraud", ":material/gpp_good:"),
        ):
            st.button(
                words, icon=icon, key=f"bench_label_{label}", on_click=_label, args=(item, label),
                help="Fraud or laundering" if label else "An innocent explanation fits",
            )  # fmt: skip
        st.button("Later", key="bench_label_later", on_click=partial(_skip, item), type="tertiary")


def _label(item: int, label: int | None) -> None:
    try:
        desk.write(line_samples.label_item, item, label)
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)


def _skip(item: int) -> None:
    st.session_state.setdefault(_SKIPPED, set()).add(item)


def _table(items: pd.DataFrame, sample_id: int) -> None:
    shown = pd.DataFrame(
        {
            "what": [ring if pd.notna(ring) else f"Row {tx}" for ring, tx in
                     zip(items["ring_id"], items["tx_id"], strict=True)],
            "score": items["score"],
            "amount": items["amount"],
            "label": [_WORDS.get(one, "") if pd.notna(one) else "" for one in items["label"]],
            "by": items["labelled_by"],
        }
    )  # fmt: skip
    event: Any = st.dataframe(
        shown, hide_index=True, row_height=28, key=f"bench_items_{sample_id}",
        on_select="rerun", selection_mode="single-row", placeholder="–",
        height=260 if len(shown) > 8 else "content",
        alt="Findings of the sample with their labels",
        column_config={
            "what": "Ring or transaction",
            "score": st.column_config.ProgressColumn(
                "Score", min_value=0, max_value=1, format="%.3f"
            ),
            "amount": st.column_config.NumberColumn("Amount", format="accounting"),
            "label": "Label", "by": "By",
        },
    )  # fmt: skip
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(items) and pd.notna(items["label"].iloc[rows[0]]):
        st.button(
            "Take the label back", key="bench_unlabel", on_click=_label,
            args=(int(items["item"].iloc[rows[0]]), None),
        )  # fmt: skip
