"""Saved views: the filters of the queue under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.ui import desk, queue_filters
from app.ui.evidence import escape, safe, sentence
from engine.errors import EngineError
from engine.workbench import saved_views
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.saved_views import MAX_NAME, View

_TROUBLE = "views_trouble"
_NAME = "views_name"


def show_views(chosen: QueueFilter) -> None:
    """Offer the saved views, and to save what is shown now."""
    with st.popover(
        "Views", icon=":material/bookmark:", key="queue_views", on_change="rerun"
    ) as box:
        if not box.open:
            return
        if trouble := st.session_state.pop(_TROUBLE, None):
            st.warning(sentence(trouble), icon=":material/error:")
        views = desk.read(saved_views.list_views)
        if not views:
            st.caption("A view keeps the filters under a name, for you or, shared, for all.")
        for view in views:
            _show(view)
        st.divider()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Save what is shown as", key=_NAME, max_chars=MAX_NAME, width=220)
            st.button("Save", key="views_save", on_click=_save, args=(chosen,))


def _show(view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        owner = "" if view.is_mine else f" · {escape(view.owner)}"
        st.button(
            f"{escape(view.name)}{owner}", key=f"view_{view.view_id}", width="stretch",
            on_click=queue_filters.put, args=(view.filter,), disabled=view.filter is None,
            help=safe(f"It cannot be read: {view.problem}") if view.problem else None,
        )  # fmt: skip
        may_share = desk.may("share_view")
        if view.is_mine and may_share:
            st.button(
                "", icon=":material/group:" if view.is_shared else ":material/lock:",
                type="tertiary", key=f"view_share_{view.view_id}", on_click=_do,
                args=(saved_views.share_view, view.view_id),
                kwargs={"is_shared": not view.is_shared},
                help="Shared with all; keep it to yourself" if view.is_shared else "Share with all",
            )  # fmt: skip
        if view.is_mine or may_share:
            st.button(
                "", icon=":material/delete:", type="tertiary", key=f"view_delete_{view.view_id}",
                on_click=_do, args=(saved_views.delete_view, view.view_id), help="Delete the view",
            )  # fmt: skip


def _save(chosen: QueueFilter) -> None:
    if _try(saved_views.save_view, st.session_state.get(_NAME) or "", chosen):
        st.session_state[_NAME] = ""


def _do(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    _try(function, *args, **kwargs)


def _try(function: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    try:
        desk.write(function, *args, **kwargs)
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)
        return False
    return True
