"""Notes on the open alert: always at hand, added and never changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui import case_act, desk
from app.ui import format as fmt
from app.ui.evidence import escape
from app.ui.written import show_text
from engine.workbench import notes
from engine.workbench.case_record import CaseNote
from engine.workbench.texts import MAX_NOTE


def show_notes(alert_id: int, written: Sequence[CaseNote]) -> None:
    """Draw the box for a new note, the latest note, and the earlier ones on demand."""
    with st.container(gap="xsmall", key="case_notes"):
        if desk.may("work"):
            _box(alert_id)
        if not written:
            return
        *earlier, latest = written
        _show(latest)
        if earlier:
            with st.expander(f"{len(earlier)} earlier note{'s' if len(earlier) > 1 else ''}"):
                for note in reversed(earlier):
                    _show(note)


def _box(alert_id: int) -> None:
    # No form: that forgets what was typed when another alert is opened before it is sent.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_area(
            "Note", key=_key(alert_id), height=68, max_chars=MAX_NOTE, persist_state="session",
            placeholder="Write a note; others see it at once", label_visibility="collapsed",
        )  # fmt: skip
        st.button(
            "Add note", icon=":material/add_comment:", key="case_note_add", on_click=_add,
            args=(alert_id,),
        )  # fmt: skip


def _show(note: CaseNote) -> None:
    st.caption(f"**{escape(note.author.name)}**, {fmt.moment(note.at)}")
    show_text(note.text)


def _add(alert_id: int) -> None:
    panel = case_act.open_panel()
    text = st.session_state.get(_key(alert_id)) or ""
    if case_act.add(notes.add_note, alert_id, text, said="Note added"):
        st.session_state[_key(alert_id)] = ""
        if panel:
            case_act.toggle(panel)


def _key(alert_id: int) -> str:
    return f"case_{alert_id}_note"
