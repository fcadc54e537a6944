"""Whether pages show account ids as they are, or pseudonyms, and how results become the one asked.

What the cache holds is never masked; what a page gets of it is, for a role without
``see_accounts``, until the ids are revealed in this session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import streamlit as st

from app.ui import desk, state
from engine.lake import RunPaths
from engine.workbench import masking
from engine.workbench.downloads import note_download
from engine.workbench.masked import masked_query
from engine.workbench.masking import Masker

T = TypeVar("T")


def are_hidden() -> bool:
    """Tell whether pages show pseudonyms now."""
    return desk.masker() is not None


def show_toggle() -> None:
    """Offer to show account ids as they are, where a role hides them; that is recorded."""
    if not desk.may("see_accounts") and desk.may("reveal_accounts"):
        st.toggle(
            "Show account ids", key="account_ids_toggle", on_change=_toggle,
            help="Your role sees pseudonyms. Showing the ids is recorded in the audit.",
        )  # fmt: skip


def masked(paths: RunPaths, result: T, by: Masker | None, asked: Iterable[str] = ()) -> T:
    """Return a result of ``engine.query`` as it may be shown; its texts may name who is asked."""
    return result if by is None else masked_query(by, paths, result, asked)


def shown(value: T, accounts: Iterable[str] = ()) -> T:
    """Return what came from elsewhere as it may be shown; texts may name the given accounts."""
    by = desk.masker()
    return value if by is None else by.value(value, accounts)


def quoting(text: str) -> str:
    """Return what a run says of its trouble, unless ids are hidden: it may quote the input."""
    return f"What it says is {masking.HIDDEN}." if are_hidden() else text


def note_later(subject: str, what: str) -> Callable[[], None]:
    """Return what records a download of something when it is clicked, if it is permitted then."""
    return desk.later_write(note_download, subject, what, not are_hidden())


def _toggle() -> None:
    if st.session_state["account_ids_toggle"]:
        desk.write(masking.reveal)
    st.session_state[desk.REVEALED] = st.session_state["account_ids_toggle"]
    # It was in view by the name that is shown no more.
    state.write("account", None)
