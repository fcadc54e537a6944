"""The explorer's tools: undo and redo, the steps so far, layouts, and how expansions choose."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import streamlit as st

from app.ui import explorer_state, explorer_words
from engine.explorer.view import BUDGET, MOST_BUDGET, Layout, Order, Step, View

_LAYOUT = "explorer_layout"
_BUDGET = "explorer_budget"
_ORDER = "explorer_order"


def expansion(view: View, account: str) -> Step:
    """Return the step that opens an account, as the analyst wants it to be opened."""
    return Step(
        "expand",
        account,
        budget=int(st.session_state.get(_BUDGET, BUDGET)),
        order=cast(Order, st.session_state.get(_ORDER, "risk")),
        filters=view.filters,
    )


def undo_redo(run_id: str, view: View) -> None:
    """Offer to go one step back or on, and to lay everything out anew."""
    later = explorer_state.redoable()
    undone = explorer_words.step_words(view.steps[-1]) if view.steps else ""
    st.button(
        "Undo", icon=":material/undo:", key="explorer_undo", disabled=not view.steps,
        help=undone or None, on_click=explorer_state.undo,
        args=(run_id, view, len(view.steps) - 1),
    )  # fmt: skip
    st.button(
        "Redo", icon=":material/redo:", key="explorer_redo_step", disabled=not later,
        help=explorer_words.step_words(later[0]) if later else None,
        on_click=explorer_state.redo, args=(run_id, view),
    )  # fmt: skip


def layout_choice(run_id: str, view: View) -> None:
    """Offer the layouts."""
    st.session_state[_LAYOUT] = view.layout

    def take() -> None:
        chosen = cast(Layout, st.session_state[_LAYOUT] or view.layout)
        explorer_state.write(run_id, replace(view, layout=chosen))

    st.segmented_control(
        "Layout", list(explorer_words.LAYOUTS), key=_LAYOUT, on_change=take,
        format_func=explorer_words.LAYOUTS.__getitem__, label_visibility="collapsed",
        help="Forces bring together who deals with each other; Flow puts who is paid first to the "
        "left of who is paid later; Circle shows money that goes round.",
    )  # fmt: skip


def step_popover(run_id: str, view: View) -> None:
    """List the steps so far; each can be gone back to. Say how expansions choose."""
    label = f"Steps · {len(view.steps)}" if view.steps else "Steps"
    with st.popover(label, icon=":material/format_list_numbered:", key="explorer_steps"):
        st.caption("Every step is part of the link. Go back to one, and on again with Redo.")
        begun = f"0 · Opened {explorer_words.start_words(view.start)}"
        words = [begun, *(f"{n} · {explorer_words.step_words(step)}"
                          for n, step in enumerate(view.steps, start=1))]  # fmt: skip
        for kept, said in enumerate(words):
            st.button(
                said, key=f"explorer_step_{kept}", type="tertiary",
                disabled=kept == len(view.steps),
                on_click=explorer_state.undo, args=(run_id, view, kept),
            )  # fmt: skip
        st.divider()
        st.slider("Accounts that an expansion brings in", 5, MOST_BUDGET, BUDGET, key=_BUDGET)
        st.selectbox(
            "Which of them", list(explorer_words.ORDERS), key=_ORDER,
            format_func=explorer_words.ORDERS.__getitem__,
        )  # fmt: skip
        st.button(
            "Arrange anew", icon=":material/auto_fix:", key="explorer_arrange",
            help="Lays out everything in view again; expansions move nobody",
            on_click=explorer_state.add, args=(run_id, view, Step("arrange")),
        )  # fmt: skip
