"""A text that somebody edits and stands for: what they typed is not lost where it is not kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from app.ui import case_act
from app.ui.evidence import sentence
from engine.errors import EngineError
from engine.workbench.case_record import AlertRecord
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


def try_to(alert: AlertRecord, do: Callable[[], Any], said: str, trouble: str) -> bool:
    """Do what changes an alert once, and say so; why it was not done is kept under a key."""
    try:
        do()
    except EngineError as error:
        st.session_state[trouble] = str(error)
        return False
    # What somebody else changed meanwhile is one change more, and is told.
    seen = case_act.look_at(alert.alert_id, alert.version)
    case_act.see_own_change(alert.alert_id, seen.version + 1)
    case_act.finish(said, in_queue=False)
    return True


def show_trouble(key: str) -> None:
    """Say once why something was not done."""
    trouble = st.session_state.pop(key, None)
    if trouble is not None:
        st.error(sentence(trouble), icon=":material/error:")


def not_kept(subject: str, typed: str) -> None:
    """Remember what was typed and could not be kept: it comes into the box again."""
    st.session_state[_unsaved(subject)] = typed


def _unsaved(subject: str) -> str:
    return f"{subject}_unsaved"
