"""What people make of a narrative: they edit it, and stand for it."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, filing_words, narrative_source, narrative_typed
from app.ui import format as fmt
from app.ui.evidence import escape
from app.ui.narrative_source import AlertText
from app.ui.written import show_text
from engine.filing.difference import difference
from engine.workbench import narratives
from engine.workbench.case_record import AlertRecord
from engine.workbench.narratives import NarrativeRecord

#: Session key of why something was not done with the text.
TROUBLE = "narrative_trouble"
_EDITOR = "narrative_editor"


def show_kept(record: NarrativeRecord) -> None:
    """Show what people made of a narrative, and whether it is still the one that was kept."""
    for problem in record.problems:
        st.error(f"This narrative was changed: {escape(problem)}", icon=":material/gpp_bad:")
    if record.edits:
        last = record.edits[-1]
        with st.container(border=True, key="narrative_edited", gap="xsmall"):
            st.badge("Edited by a person", icon=":material/edit:", color="orange")
            show_text(last.text)
            st.caption(f"{escape(last.author.name)}, {fmt.moment(last.at)}")
            _flags(record)
        pieces = difference(record.narrative.text(), last.text)
        with st.expander("What was changed in the draft", icon=":material/difference:"):
            st.markdown(filing_words.changes(pieces))
    if record.acceptance is not None and record.is_accepted:
        by = record.acceptance
        st.caption(
            f":green[:material/verified:] Accepted by {escape(by.author.name)}, "
            f"{fmt.moment(by.at)}."
        )


def _flags(record: NarrativeRecord) -> None:
    flags = record.edits[-1].flags
    if flags:
        st.warning(
            "In no fact:\n" + "\n".join(map(filing_words.flag, flags)), icon=":material/rule:"
        )


def show_actions(alert: AlertRecord, text: AlertText) -> None:
    """Offer to edit the text and to stand for it."""
    if not desk.may("work") or desk.masker() is not None:
        return
    record = text.kept
    current = record.text if record is not None else text.narrative.text()
    subject = f"narrative_draft_{alert.alert_id}_{record.line.narrative_id if record else 0}"
    # Its state is known so that it can be closed once the text is kept.
    with st.popover(
        "Edit", icon=":material/edit:", width="content", key=_EDITOR, on_change="rerun"
    ):
        seen = None if record is None else record.edit_id
        key = narrative_typed.text_box("Text", current, subject, seen, width=560)
        st.caption("What it says and the facts do not is marked, and kept nevertheless.")
        st.button(
            "Save", type="primary", key="narrative_save", on_click=_save,
            args=(alert, text, subject, key),
        )  # fmt: skip
    if record is None or not record.is_accepted:
        st.button(
            "Accept", icon=":material/verified:", key="narrative_accept", on_click=_accept,
            args=(alert, text), help="You stand for the text as it is; the audit says so",
        )  # fmt: skip


def _save(alert: AlertRecord, text: AlertText, subject: str, key: str) -> None:
    typed, seen = st.session_state[key] or "", None if text.kept is None else text.kept.edit_id

    def save() -> None:
        number = narrative_source.kept_number(alert, text, fmt.current())
        desk.write(narratives.edit, number, typed, seen)

    if narrative_typed.try_to(alert, save, "Kept", TROUBLE):
        st.session_state[_EDITOR] = False
    else:
        narrative_typed.not_kept(subject, typed)


def _accept(alert: AlertRecord, text: AlertText) -> None:
    def accept() -> None:
        number = narrative_source.kept_number(alert, text, fmt.current())
        desk.write(narratives.accept, number, None if text.kept is None else text.kept.edit_id)

    narrative_typed.try_to(alert, accept, "Accepted", TROUBLE)
