"""The view of the explorer: kept in the session and in the address, and changed by steps."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui import cache, state
from engine.explorer.link import MOST_STEPS, PARAMS, view_from_params, view_to_params
from engine.explorer.view import Layout, Start, Step, View
from engine.query.ring_detail import get_ring

_KEPT = "explorer_view"
_REDO = "explorer_redo"
_LINK = "explorer_link"
_ASKED = "explorer_asked"

#: What the address says where every step was undone: without it the first one is made anew.
_NO_STEPS = "none"
_LAYOUTS: dict[str, Layout] = {
    "cycle": "circle",
    "scatter_gather": "flow",
    "gather_scatter": "flow",
    "bipartite": "flow",
    "stack": "flow",
    "chain": "flow",
    "inferred_chain": "flow",
}


def read(run_id: str) -> View | None:
    """Return the view that the address names, else what this session had open, if anything.

    Raises
    ------
    InputError
        If the run does not have the ring that is asked for.
    """
    address = {name: st.query_params[name] for name in PARAMS if name in st.query_params}
    kept = st.session_state.get(_KEPT)
    if kept is not None and kept["run"] == run_id:
        is_same = address == kept["params"]
        is_bare = not address and state.read("ring") == kept["ring"]
        if is_same or is_bare:
            return view_from_params(kept["params"])
    elif kept is not None and address == kept["params"]:
        # Another run was picked: its rings have the same names and are others.
        _clear_address()
        address = {}
    if not {"ring", "start"} & set(address):
        ring_id = state.read("ring")
        if ring_id is None:
            return None
        address = {"ring": ring_id}
    return _opened(run_id, address)


def open_at(run_id: str, start: Start) -> None:
    """Open a ring, or accounts with their best counterparties."""
    params = view_to_params(View(start=start))
    write(run_id, _opened(run_id, params))


def write(run_id: str, view: View) -> None:
    """Keep a view, and name it in the address."""
    params = view_to_params(view) | {"layout": view.layout}
    if not view.steps:
        params["steps"] = _NO_STEPS
    for name in PARAMS:
        if name not in params:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != params[name]:
            st.query_params[name] = params[name]
    state.write("ring", view.start.ring_id)
    st.session_state[_KEPT] = {"run": run_id, "params": params, "ring": view.start.ring_id}


def close(run_id: str) -> None:
    """Close what is open, so that another start can be chosen."""
    write(run_id, View())
    st.session_state.pop(_KEPT, None)
    _clear_address()


def add(run_id: str, view: View, step: Step) -> None:
    """Make a step; what was undone before can no longer be redone."""
    if len(view.steps) >= MOST_STEPS:
        st.toast(
            f"{MOST_STEPS} steps are the most: undo some, or begin anew.", icon=":material/info:"
        )
        return
    st.session_state[_REDO] = ()
    dismiss()
    write(run_id, replace(view, steps=(*view.steps, step)))


def undo(run_id: str, view: View, kept: int) -> None:
    """Go back to the first so many steps."""
    st.session_state[_REDO] = (*view.steps[kept:], *redoable())
    write(run_id, replace(view, steps=view.steps[:kept]))


def redo(run_id: str, view: View) -> None:
    """Make the step again that was undone last."""
    again, *later = redoable()
    st.session_state[_REDO] = tuple(later)
    write(run_id, replace(view, steps=(*view.steps, again)))


def redoable() -> tuple[Step, ...]:
    """Return the steps that were undone, the next one first."""
    steps: tuple[Step, ...] = st.session_state.get(_REDO, ())
    return steps


def pick_link(pair: tuple[str, str] | None) -> None:
    """Put a link in view: its sender and receiver."""
    st.session_state[_LINK] = pair


def picked_link() -> tuple[str, str] | None:
    """Return the link in view."""
    pair: tuple[str, str] | None = st.session_state.get(_LINK)
    return pair


def ask_about(account: str) -> None:
    """Remember that a busy account was double-clicked: the page asks before it opens it."""
    st.session_state[_ASKED] = account


def asked_about() -> str | None:
    """Return the busy account that the page asks about."""
    account: str | None = st.session_state.get(_ASKED)
    return account


def dismiss() -> None:
    """Ask no more."""
    st.session_state.pop(_ASKED, None)


def _clear_address() -> None:
    for name in PARAMS:
        st.query_params.pop(name, None)


def _opened(run_id: str, params: dict[str, str]) -> View:
    """Return the view of a link; one that names no steps or layout gets those that suit it."""
    view = view_from_params(params)
    start = view.start
    if "steps" not in params and start.ring_id is None:
        view = replace(view, steps=tuple(Step("expand", account) for account in start.accounts))
    if "layout" not in params and start.ring_id is not None:
        typology = cache.query(get_ring, run_id, start.ring_id).typology
        view = replace(view, layout=_LAYOUTS.get(typology, "force"))
    st.session_state[_REDO] = ()
    pick_link(None)
    dismiss()
    return view
