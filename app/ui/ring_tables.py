"""The tables of the Rings page whose rows can be picked: rings, and the members of one ring."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui import state
from app.ui.typologies import ROLES

_ROLES_IN_WORDS = "  \n".join(f"**{role.capitalize()}** {does}" for role, does in ROLES.items())


def ring_list(
    rings: pd.DataFrame, *, key: str, in_view: str | None, currency: str | None, height: int = 560
) -> None:
    """List rings; picking one puts it in view.

    Parameters
    ----------
    rings
        A page from :func:`engine.query.ring_list.page_rings`.
    key
        Must differ between different contents: a selection is a row number.
    in_view
        The ring that is open, marked if it is in the list.
    currency
        ISO code of the amounts, if known.
    height
        Height in pixels of a long list; a short one takes what it needs.
    """

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        state.write("account", None)
        state.write("ring", str(rings["ring_id"].iloc[rows[0]]) if rows else None)

    shown = pd.DataFrame(
        {
            "Ring": rings["ring_id"],
            "Risk": rings["score"],
            "Typology": [fmt.typology(name) for name in rings["typology"]],
            "Amount": [fmt.compact_amount(value, currency) for value in rings["amount"]],
            "Accounts": rings["n_accounts"],
            "Explained by": rings["explained_by"],
            "Start": [fmt.date(value) for value in rings["start"]],
        }
    )
    if not rings["explained_by"].fillna("").any():
        shown = shown.drop(columns="Explained by")
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select=take,
        selection_mode="single-row",
        selection_default={"selection": {"rows": _rows_of(rings["ring_id"], in_view)}},
        height=height if len(rings) > 15 else "auto",
        alt="Rings of the run; pick a row to open the ring",
        column_config={
            "Ring": st.column_config.TextColumn(width=60),
            "Risk": st.column_config.NumberColumn(format="%.3f", width=48),
            "Typology": st.column_config.TextColumn(width=100),
            "Amount": st.column_config.TextColumn(width=58, alignment="right"),
            "Accounts": st.column_config.NumberColumn(width=66),
            "Start": st.column_config.TextColumn(width=88),
            "Explained by": st.column_config.TextColumn(
                width=110, help="Innocent explanations that fit; they lowered the score"
            ),
        },
    )


def member_list(
    members: pd.DataFrame, *, key: str, in_view: str | None, currency: str | None
) -> None:
    """List the accounts of a ring; picking one puts it in view, picking it again clears it.

    Parameters are those of :func:`ring_list`; ``members`` is from
    :func:`engine.query.rings.ring_members`.
    """

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        state.write("account", str(members["account"].iloc[rows[0]]) if rows else None)

    shown = pd.DataFrame(
        {
            "Account": members["account"],
            "Role": [str(role).capitalize() for role in members["role"]],
            "Risk": members["risk"],
            "Received in ring": [
                fmt.compact_amount(value, currency) for value in members["in_amount"]
            ],
            "In": members["in_count"],
            "Paid in ring": [
                fmt.compact_amount(value, currency) for value in members["out_amount"]
            ],
            "Out": members["out_count"],
            "PageRank": members["pagerank"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select=take,
        selection_mode="single-row",
        selection_default={"selection": {"rows": _rows_of(members["account"], in_view)}},
        alt="Accounts of the ring with role, risk, and what they received and paid inside it",
        column_config={
            "Role": st.column_config.TextColumn(help=_ROLES_IN_WORDS),
            "Risk": st.column_config.NumberColumn(format="%.3f", width=58),
            "Received in ring": st.column_config.TextColumn(width=106, alignment="right"),
            "In": st.column_config.NumberColumn(width=42, help="Payments received in the ring"),
            "Paid in ring": st.column_config.TextColumn(width=82, alignment="right"),
            "Out": st.column_config.NumberColumn(width=42, help="Payments made in the ring"),
            "PageRank": st.column_config.NumberColumn(
                format="scientific", help="Share of the money flow of the whole run that passes"
            ),
        },
    )


def _rows_of(ids: pd.Series, wanted: str | None) -> list[int]:
    return [position for position, value in enumerate(ids) if value == wanted]
