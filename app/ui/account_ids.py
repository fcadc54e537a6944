"""Whether pages show account ids as they are, or pseudonyms, and how results become the one asked.

What the cache holds is never masked; what a page gets of it is, for a role without
``see_accounts``, until the ids are revealed in this session.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import streamlit as st

from app.ui import desk, state
from engine.lake import RunPaths
from engine.workbench import masking
from engine.workbench.masked import masked_query
from engine.workbench.masking import Masker
from engine.workbench.secret import secret

T = TypeVar("T")

_REVEALED = "account_ids_revealed"


def are_hidden() -> bool:
    """Tell whether pages show pseudonyms now."""
    return not desk.may("see_accounts") and not st.session_state.get(_REVEALED, False)


def show_toggle() -> None:
    """Offer to show account ids as they are, where a role hides them; that is recorded."""
    if not desk.may("see_accounts") and desk.may("reveal_accounts"):
        st.toggle(
            "Show account ids", key="account_ids_toggle", on_change=_toggle,
            help="Your role sees pseudonyms. Showing the ids is recorded in the audit.",
        )  # fmt: skip


def masker() -> Masker | None:
    """Return what makes pseudonyms, ``None`` where ids are shown."""
    return _masker(desk.address()) if are_hidden() else None


def masked(paths: RunPaths, result: T, by: Masker | None) -> T:
    """Return a result of ``engine.query`` as it may be shown."""
    return result if by is None else masked_query(by, paths, result)


def shown(value: T, accounts: Iterable[str] = ()) -> T:
    """Return what came from elsewhere as it may be shown; texts may name the given accounts."""
    by = masker()
    return value if by is None else by.value(value, accounts)


def original(value: Any, by: Masker | None) -> Any:
    """Return what is asked for with the accounts in place of pseudonyms that were shown."""
    if by is None:
        return value
    if isinstance(value, str):
        return by.original(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(original(one, by) for one in value)
    if isinstance(value, dict):
        return {name: original(one, by) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        kept = {field.name: original(getattr(value, field.name), by) for field in fields(value)}
        return replace(value, **kept)
    return value


def _toggle() -> None:
    if st.session_state["account_ids_toggle"]:
        desk.write(masking.reveal)
    st.session_state[_REVEALED] = st.session_state["account_ids_toggle"]
    # It was in view by the name that is shown no more.
    state.write("account", None)


@st.cache_resource(show_spinner=False)
def _masker(url: str) -> Masker:
    return Masker(secret(desk.bench()))
