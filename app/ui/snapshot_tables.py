"""The tables of a snapshot, and those of what differs from the live view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import explorer_tables
from app.ui import format as fmt
from engine.explorer.difference import Difference
from engine.explorer.scene import Scene
from engine.explorer.view import View

_HEIGHT = 480
_MOST_HEIGHT = 420
_CHANGES = {"new": "+ new", "gone": "− gone", "changed": "△ changed"}


def show_tables(
    scene: Scene, view: View, currency: str | None, on_pick: Callable[[str | None], None]
) -> None:
    """Show the accounts, links, and transfers of a snapshot."""
    labels = {
        "accounts": f"Accounts {len(scene.nodes)}",
        "links": f"Links {len(scene.edges)}",
        "transfers": f"Transfers {fmt.count(len(scene.events))}",
    }
    table = st.segmented_control(
        "Table", list(labels), default="accounts", format_func=labels.__getitem__,
        key="snapshot_table", label_visibility="collapsed", required=True,
    )  # fmt: skip
    if view.as_of is not None:
        st.caption(f":material/history: As of {fmt.moment(view.as_of)}")
    key = f"snapshot_{table}_{hash(view)}"
    if table == "links":
        explorer_tables.link_table(
            scene, key=key, selected=view.selected, picked=None, currency=currency,
            height=_HEIGHT, on_pick=lambda pair: on_pick(pair[0] if pair else None),
        )  # fmt: skip
    elif table == "transfers":
        explorer_tables.transfer_table(
            scene, selected=view.selected, picked=None, currency=currency, height=_HEIGHT
        )
    else:
        explorer_tables.account_table(
            scene, key=key, selected=view.selected, currency=currency, height=_HEIGHT,
            on_pick=on_pick,
        )  # fmt: skip


def show_difference(found: Difference, currency: str | None) -> None:
    """Say what became of the snapshot, and list it."""
    st.markdown(f"**What differs now.** {sentence(found)}")
    if len(found.accounts):
        _table(account_rows(found, currency), "snapshot_new_accounts", "Accounts that differ")
    if len(found.edges):
        _table(link_rows(found, currency), "snapshot_new_links", "Links that differ")


def sentence(found: Difference) -> str:
    """Count what is new, gone, changed and the same."""
    if found.is_empty:
        return (
            f"Nothing: all {fmt.count(found.same_accounts)} accounts and "
            f"{fmt.count(found.same_edges)} links are as they were."
        )
    parts = [
        f"{_counted(found, change)} {change}"
        for change in _CHANGES
        if found.count("accounts", change) or found.count("edges", change)
    ]
    same = f"{_many(found.same_accounts, 'account')} and {_many(found.same_edges, 'link')}"
    return f"{'; '.join(parts)}. {same} as they were."


def account_rows(found: Difference, currency: str | None) -> pd.DataFrame:
    """Return the accounts that differ, as they are shown."""
    accounts = found.accounts
    return pd.DataFrame(
        {
            "Account": accounts["account"],
            "What": accounts["change"].map(_CHANGES),
            "Role": _moved(accounts, "role", str),
            "Risk": _moved(accounts, "risk", lambda value: f"{value:.3f}"),
            "Received": _moved(
                accounts, "in_amount", lambda value: fmt.compact_amount(value, currency)
            ),
            "Paid": _moved(
                accounts, "out_amount", lambda value: fmt.compact_amount(value, currency)
            ),
        }
    )


def link_rows(found: Difference, currency: str | None) -> pd.DataFrame:
    """Return the links that differ, as they are shown."""
    edges = found.edges
    return pd.DataFrame(
        {
            "From": edges["sender"],
            "To": edges["receiver"],
            "What": edges["change"].map(_CHANGES),
            "Transfers": _moved(edges, "transactions", lambda value: fmt.count(int(value))),
            "Sum": _moved(edges, "amount", lambda value: fmt.compact_amount(value, currency)),
            "Risk": _moved(edges, "risk", lambda value: f"{value:.3f}"),
        }
    )


def _moved(frame: pd.DataFrame, name: str, write: Callable[[Any], str]) -> list[str]:
    """Write each value, or the one of then and the one of now where they read differently."""
    told = []
    for before, now in zip(frame[name], frame[f"{name}_now"], strict=True):
        sides = [write(one) for one in (before, now) if not pd.isna(one)]
        told.append(" → ".join(dict.fromkeys(sides)) or fmt.MISSING)
    return told


def _counted(found: Difference, change: str) -> str:
    accounts, links = found.count("accounts", change), found.count("edges", change)
    parts = [_many(accounts, "account")] if accounts else []
    return " and ".join([*parts, *([_many(links, "link")] if links else [])])


def _many(number: int, what: str) -> str:
    return f"{fmt.count(number)} {what}{'s' * (number != 1)}"


def _table(rows: pd.DataFrame, key: str, alt: str) -> None:
    height = min(38 + 35 * len(rows), _MOST_HEIGHT)
    st.dataframe(rows, hide_index=True, key=key, alt=alt, height=height)
