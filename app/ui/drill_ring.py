"""One planted ring of a drill: its transfers, and the ring of the copy that came nearest to it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import account_ids, cache, desk, evidence, format, messages
from app.ui.drill_order import typology
from engine.drill import work
from engine.drill.work import Drill
from engine.errors import EngineError
from engine.query import account_entries, rings
from engine.rings.overlap import SAME_RING

_PICTURE_HEIGHT = 340


def outcome(ring: dict[str, Any]) -> str:
    """Name what became of a planted ring."""
    if ring["is_found"]:
        return "Found"
    return "Missed" if ring["is_judged"] else "Not judged"


def why_in_short(ring: dict[str, Any]) -> str:
    """Say in a few words why a ring was missed, or as what it was found."""
    name = ring["found_as"]
    if ring["is_found"]:
        return f"Found as {name}"
    if name is None:
        return "No detector proposed it"
    if ring["overlap"] >= SAME_RING:
        return f"Seen as {name}, score too low"
    return f"Too little of it in {name}"


def show_ring(drill: Drill, ring: dict[str, Any]) -> None:
    """Tell all of one planted ring, given as it may be shown."""
    with st.container(border=True):
        name = typology(ring["typology"])
        st.markdown(f"**{name}, planted ring {ring['ring'] + 1}: {outcome(ring).lower()}**")
        evidence.facts(
            [
                ("Accounts", format.count(ring["n_accounts"])),
                ("Transfers", format.count(ring["n_transactions"])),
                ("Amount", format.amount(ring["amount"])),
                ("From", format.moment(ring["start"])),
                ("To", format.moment(ring["end"])),
            ]
        )
        if ring["why"]:
            st.markdown(evidence.safe(ring["why"]))
        elif ring["found_typology"] is not None:
            st.markdown(
                f"Found as {ring['found_as']} ({format.typology(ring['found_typology'])}), alert "
                f"{format.count(ring['rank'])} by score."
            )
        st.caption("Its accounts: " + evidence.escape(", ".join(ring["members"])))
        try:
            if ring["found_as"] is not None:
                _nearest(drill, ring)
            _transfers(drill, ring)
        except EngineError as error:
            messages.engine_error(error)


def _nearest(drill: Drill, ring: dict[str, Any]) -> None:
    """Draw the ring of the copy that came nearest, beside its accounts."""
    paths, ring_id = work.drill_paths(cache.lake(), drill.drill_id), str(ring["found_as"])
    members, edges = (
        account_ids.masked(paths, found, desk.masker())
        for found in (rings.ring_members(paths, ring_id), rings.ring_edges(paths, ring_id))
    )
    st.markdown(f"##### {ring_id}, as the drill found it")
    st.caption(
        "It is in the drill's copy alone: the Rings page and the Explorer show runs, and this is "
        "none."
    )
    picture, table = st.columns([3, 2], gap="medium")
    with picture:
        evidence.ring_picture(
            members, edges, ring_id=ring_id, typology=str(ring["found_typology"]),
            key=f"drill_picture_{drill.drill_id}_{ring['ring']}", height=_PICTURE_HEIGHT,
        )  # fmt: skip
    with table:
        _members(members, frozenset(ring["members"]))


def _members(members: pd.DataFrame, planted: frozenset[str]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Account": members["account"],
                "Planted": members["account"].isin(planted),
                "Role": [str(role).capitalize() for role in members["role"]],
                "Risk": members["risk"],
            }
        ),
        hide_index=True, row_height=30, key="drill_ring_members", height=_PICTURE_HEIGHT,
        alt="Accounts of the ring that was found, and which of them were planted",
        column_config={"Risk": st.column_config.NumberColumn(format="%.3f", width=58)},
    )  # fmt: skip


def _transfers(drill: Drill, ring: dict[str, Any]) -> None:
    paths = work.drill_paths(cache.lake(), drill.drill_id)
    rows = work.planted_rows(cache.lake(), drill.drill_id, int(ring["ring"]))
    found = account_entries.transactions_by_id(paths, rows)
    st.markdown("##### Its planted transfers")
    evidence.transactions_table(
        account_ids.masked(paths, found, desk.masker()), currency=None, key="drill_ring_transfers"
    )
