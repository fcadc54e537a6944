"""The keys of the queue: what each does, in one list."""

from __future__ import annotations

import streamlit as st

NEXT = "N"
DOWN = "J"
UP = "K"
CLOSE = "X"
ASSIGN = "A"
DECIDE = "D"
SNOOZE = "S"
SUPPRESS = "U"

_MEANINGS = {
    NEXT: "Take the next alert",
    DOWN: "Open the one below in the list",
    UP: "Open the one above in the list",
    ASSIGN: "Assign to me, or give back",
    DECIDE: "Decide",
    SNOOZE: "Snooze",
    SUPPRESS: "Suppress",
    CLOSE: "Close what is open",
}

_IN_THE_LIST = {"↑ ↓": "Move", "Enter": "Open", "Space": "Tick for an action on several"}


def show_keys() -> None:
    """Offer the list of the keys."""
    with st.popover("", icon=":material/keyboard:", help="Keys", key="queue_keys"):
        st.markdown("**Keys**")
        st.markdown(_rows(_MEANINGS))
        st.markdown("**In the list**")
        st.markdown(_rows(_IN_THE_LIST))
        st.caption("Not while you type in a box.")


def _rows(meanings: dict[str, str]) -> str:
    return "\n".join(f"- `{key}` {meaning}" for key, meaning in meanings.items())
