"""The draft of a report to an authority: its clocks, its text, what it lacks, what was changed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui import account_ids, cache, case_act, desk, filing_words, narrative_source
from app.ui import format as fmt
from app.ui.evidence import escape
from engine.errors import EngineError
from engine.filing.attachment import attachment
from engine.filing.clock import Deadline
from engine.filing.difference import difference
from engine.filing.jurisdiction import Jurisdiction
from engine.report.evidence import collect
from engine.workbench import clock, filings
from engine.workbench.case_record import AlertRecord
from engine.workbench.filings import FilingRecord
from engine.workbench.text_edits import MAX_TEXT

_TROUBLE = "filing_trouble"


def show_filing(alert: AlertRecord) -> None:
    """Show the latest draft of a report on the alert, or offer to make one."""
    trouble = st.session_state.pop(_TROUBLE, None)
    if trouble is not None:
        st.error(escape(trouble), icon=":material/error:")
    found = desk.read(filings.filing_ids, alert.alert_id)
    if not found:
        _offer(alert, desk.read(filings.rules_in_force))
        return
    record = desk.read(filings.read_filing, found[0])
    _head(record)
    _checks(record)
    _text(record)
    _accepted(record)
    _downloads(alert, record)


def _offer(alert: AlertRecord, rules: Jurisdiction) -> None:
    clocks = " · ".join(f"{one.days} {one.kind} days, {one.name}" for one in rules.clocks)
    st.markdown(f"**{escape(rules.report)}** for {escape(rules.agency)}, {escape(rules.name)}")
    st.caption(f"To file within {escape(clocks)}. An admin sets the jurisdiction.")
    if not desk.may("work"):
        return
    key = f"filing_found_{alert.alert_id}"
    today = clock.now().date()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.date_input(
            "Found on", today, key=key, width=150, max_value=today,
            help=f"{rules.clocks[0].starts.capitalize()}. An alert alone is not that.",
        )  # fmt: skip
        st.button(
            f"Draft the {rules.short}", type="primary", icon=":material/edit_document:",
            key="filing_make", on_click=_make, args=(alert, rules, key),
            help="From the narrative, which is kept with the alert; nothing is sent to anybody",
        )  # fmt: skip


def _make(alert: AlertRecord, rules: Jurisdiction, key: str) -> None:
    def make() -> None:
        style, starts = fmt.current(), st.session_state[key]
        text = narrative_source.text_of(alert, style)
        number = narrative_source.kept_number(alert, text, style)
        transfers = collect(cache.lake().run(alert.run_id), alert.run_alert_id).transfers
        attached = attachment(transfers, rules, alert.name)
        desk.write(filings.draft_filing, number, attached, starts)

    _do(make, "Drafted")


def _head(record: FilingRecord) -> None:
    rules = record.rules
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(rules.watermark, icon=":material/lock:", color="red")
        st.markdown(f"**{escape(rules.short)} draft {record.filing_id}**", width="content")
        st.caption(f"{escape(record.author.name)}, {fmt.moment(record.at)}", width="content")
    if not record.are_rules_of_then:
        st.warning("The rules of the jurisdiction changed since it was drafted.")
    with st.container(horizontal=True, gap="medium"):
        for one in record.deadlines:
            _deadline(one)


def _deadline(one: Deadline) -> None:
    left = (one.due - clock.now().date()).days
    colour = "red" if left < 0 else "orange" if left <= 7 else "gray"
    told = f"{left} days left" if left >= 0 else f"{-left} days late"
    with st.container(width="content", gap=None):
        st.caption(f"Due, {escape(one.clock.name)}", help=escape(one.clock.source))
        st.markdown(f"**{one.due:%Y-%m-%d}** :{colour}[{told}]")


def _checks(record: FilingRecord) -> None:
    findings = record.findings
    met = sum(one.is_met for one in findings)
    with st.expander(
        f"{met} of {len(findings)} checks passed", icon=":material/checklist:",
        expanded=met < len(findings), key="filing_checks",
    ):  # fmt: skip
        for one in findings:
            st.markdown(filing_words.finding(one), help=escape(one.source))


def _current(record: FilingRecord) -> str:
    return record.edits[-1].text if record.edits else record.draft


def _text(record: FilingRecord) -> None:
    """Show the text to edit, what of it stands in no fact, and what was changed in the draft."""
    text, rules = _current(record), record.rules
    key = f"filing_text_{record.filing_id}_{record.edit_id}"
    is_editable = desk.may("work") and not account_ids.are_hidden()
    st.text_area(
        f"Narrative, {len(text):,} of {rules.longest:,} characters", text, key=key, height=340,
        max_chars=MAX_TEXT, disabled=not is_editable,
    )  # fmt: skip
    if is_editable:
        st.button(
            "Save", icon=":material/save:", key="filing_save", on_click=_save, args=(record, key)
        )
    flags = record.edits[-1].flags if record.edits else ()
    if flags:
        st.warning(
            "In no fact:\n" + "\n".join(map(filing_words.flag, flags)), icon=":material/rule:"
        )
    pieces = difference(record.draft, text)
    if filing_words.is_changed(pieces):
        with st.expander("What was changed in the draft", icon=":material/difference:"):
            st.markdown(filing_words.changes(pieces))


def _accepted(record: FilingRecord) -> None:
    by = record.acceptance
    if by is not None and record.is_accepted:
        st.caption(
            f":green[:material/verified:] Accepted by {escape(by.author.name)}, {fmt.moment(by.at)}"
        )
    elif desk.may("work"):
        st.button(
            "Accept", icon=":material/verified:", key="filing_accept", on_click=_accept,
            args=(record,), help="You stand for the text as it is kept; nothing is sent",
        )  # fmt: skip


def _save(record: FilingRecord, key: str) -> None:
    text = st.session_state[key] or ""
    _do(lambda: desk.write(filings.edit_filing, record.filing_id, text, record.edit_id), "Kept")


def _accept(record: FilingRecord) -> None:
    _do(lambda: desk.write(filings.accept_filing, record.filing_id, record.edit_id), "Accepted")


def _do(action: Any, said: str) -> None:
    try:
        action()
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)
        return
    case_act.finish(said, in_queue=False)


def _downloads(alert: AlertRecord, record: FilingRecord) -> None:
    """Offer the text with its watermark, and the one file that goes with it."""
    if not desk.may("export") or account_ids.are_hidden():
        return
    short, mark = record.rules.short, record.rules.watermark
    text = f"{mark}\n\n{_current(record)}\n\n{mark}\n"
    files = (
        ("Text", f"{alert.name}-{short}-draft.txt", "text/plain", text.encode()),
        ("Transactions (CSV)", f"{alert.name}-transfers.csv", "text/csv",
         record.attachment_csv.encode()),
    )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall"):
        for label, name, kind, content in files:
            note = account_ids.note_later(f"alert {alert.alert_id}", f"{short} draft, {label}")
            st.download_button(
                label, _noted(note, content), file_name=name, mime=kind,
                icon=":material/download:", on_click="ignore", key=f"filing_{kind}",
            )  # fmt: skip


def _noted(note: Any, content: bytes) -> Any:
    def made() -> bytes:
        note()
        return content

    return made
