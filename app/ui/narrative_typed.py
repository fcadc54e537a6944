"""A text that somebody edits: what they typed is not lost where it could not be kept."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from engine.workbench.text_edits import MAX_TEXT


def text_box(
    label: str, text: str, subject: str, seen_edit: int | None, *,
    disabled: bool = False, width: int | Literal["stretch"] = "stretch",
) -> str:  # fmt: skip
    """Draw a text to edit, and return the key of what is typed.

    Parameters
    ----------
    label
        Over the box.
    text
        As it is kept.
    subject
        Key of what is edited.
    seen_edit
        The last edit that ``text`` has: a text that was kept since comes in place of this one.
    """
    key = f"{subject}_{seen_edit or 0}"
    unsaved = st.session_state.pop(_unsaved(subject), None)
    if unsaved is not None or key not in st.session_state:
        st.session_state[key] = text if unsaved is None else unsaved
    st.text_area(label, key=key, height=340, max_chars=MAX_TEXT, disabled=disabled, width=width)
    return key


def not_kept(subject: str, typed: str) -> None:
    """Remember what was typed and could not be kept: it comes into the box again."""
    st.session_state[_unsaved(subject)] = typed


def _unsaved(subject: str) -> str:
    return f"{subject}_unsaved"
