"""What people wrote, as they typed it: no markup, all its lines; a long text folded."""

from __future__ import annotations

import streamlit as st

from engine.plain_text import as_written

#: Longer texts show their beginning, with the rest on demand.
MOST_CHARACTERS, MOST_LINES = 500, 8


def show_text(text: str) -> None:
    """Show a text; one that is long does not push away what stands below it."""
    shown = as_written(text.strip("\n"))
    start = beginning(shown)
    st.text(start)
    if start != shown:
        with st.expander(f"All {len(text):,} characters"):
            st.text(shown)


def beginning(text: str) -> str:
    """Return the first lines of a text, with an ellipsis where it goes on."""
    start = "\n".join(text.split("\n")[:MOST_LINES])[:MOST_CHARACTERS]
    return text if start == text else f"{start.rstrip()} …"
