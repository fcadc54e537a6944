"""The draft of a report to an authority: its clocks, its text, what it lacks, what was changed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui import account_ids, cache, desk, filing_words, narrative_source
from app.ui import format as fmt
from app.ui.evidence import escape
from app.ui.narrative_typed import not_kept, show_trouble, text_box, try_to
from engine.filing.attachment import attachment
from engine.filing.clock import Deadline
from engine.filing.difference import difference
from engine.filing.jurisdiction import Jurisdiction
from engine.report.evidence import collect
from engine.workbench import clock, filings
from engine.workbench.case_record import AlertRecord
from engine.workbench.filings import FilingRecord

#: Session keys of why something was not done: it is said where it was tried.
_TROUBLE, _OFFER_TROUBLE = "filing_trouble", "filing_offer_trouble"


def show_filing(alert: AlertRecord) -> None:
    """Show the latest draft of a report on the alert, or offer to make one."""
    found = desk.read(filings.filing_ids, alert.alert_id)
    rules = desk.read(filings.rules_in_force)
    if not found:
        _offer(alert, rules)
        return
    number = found[0]
    if len(found) > 1:
        number = st.selectbox(
            "Draft", found, format_func=lambda one: f"Draft {one}", width=150,
            key=f"filing_shown_{alert.alert_id}_{number}",
        )  # fmt: skip
    record = desk.read(filings.read_filing, number)
    _head(record, rules)
    _checks(record)
    _text(alert, record)
    if desk.may("work"):
        with st.expander("Draft it anew", icon=":material/restart_alt:", key="filing_again"):
            st.caption("From the narrative as it is now; the drafts that there are stay.")
            _offer(alert, rules)


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
            "Found on", today, key=key, width=150, max_value=today, format="YYYY-MM-DD",
            help=f"{rules.clocks[0].starts.capitalize()}. An alert alone is not that.",
        )  # fmt: skip
        st.button(
            f"Draft the {rules.short}", type="primary", icon=":material/edit_document:",
            key="filing_make", on_click=_make, args=(alert, rules, key),
            help="From the narrative, which is kept with the alert; nothing is sent to anybody",
        )  # fmt: skip
    show_trouble(_OFFER_TROUBLE)


def _make(alert: AlertRecord, rules: Jurisdiction, key: str) -> None:
    def make() -> None:
        style, starts = fmt.current(), st.session_state[key]
        text = narrative_source.text_of(alert, style)
        number = narrative_source.kept_number(alert, text, style)
        transfers = collect(cache.lake().run(alert.run_id), alert.run_alert_id).transfers
        attached = attachment(transfers, rules, alert.name)
        desk.write(filings.draft_filing, number, attached, starts)

    try_to(alert, make, "Drafted", _OFFER_TROUBLE)


def _head(record: FilingRecord, in_force: Jurisdiction) -> None:
    rules = record.rules
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(rules.watermark, icon=":material/lock:", color="red")
        st.markdown(f"**{escape(rules.short)} draft {record.filing_id}**", width="content")
        st.caption(f"{escape(record.author.name)}, {fmt.moment(record.at)}", width="content")
    if rules.code != in_force.code:
        st.warning(
            f"It was drafted for {escape(rules.name)}; the workbench is set to "
            f"{escape(in_force.name)} now. Draft it anew below.", icon=":material/gavel:",
        )  # fmt: skip
    elif not record.are_rules_of_then:
        st.warning(
            "The rules of the jurisdiction changed since it was drafted. The checks are by those "
            "of now.", icon=":material/gavel:",
        )  # fmt: skip
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
    """Show what is not met, and all that is looked at once it is opened."""
    findings = record.findings
    with st.container(gap="xsmall"):
        for one in findings:
            if not one.is_met:
                st.markdown(filing_words.finding(one), help=escape(one.source))
    met = sum(one.is_met for one in findings)
    with st.expander(
        f"{met} of {len(findings)} checks passed", icon=":material/checklist:",
        key="filing_checks",
    ), st.container(gap="xsmall"):  # fmt: skip
        for one in findings:
            st.markdown(filing_words.finding(one), help=escape(one.source))


def _text(alert: AlertRecord, record: FilingRecord) -> None:
    """Show the text to edit, what of it stands in no fact, and what was changed in the draft."""
    text, rules = record.text, record.rules
    subject = f"filing_text_{record.filing_id}"
    is_editable = desk.may("work") and not account_ids.are_hidden()
    key = text_box(
        f"Narrative, {len(text):,} of {rules.longest:,} characters", text, subject,
        record.edit_id, disabled=not is_editable,
    )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall"):
        if is_editable:
            st.button(
                "Save", icon=":material/save:", key="filing_save", on_click=_save,
                args=(alert, record, subject, key),
            )  # fmt: skip
            if not record.is_accepted:
                st.button(
                    "Accept", icon=":material/verified:", key="filing_accept", on_click=_accept,
                    args=(alert, record),
                    help="You stand for the text as it is kept; nothing is sent",
                )  # fmt: skip
        _downloads(alert, record)
    show_trouble(_TROUBLE)
    _by_whom(record)
    flags = record.edits[-1].flags if record.edits else ()
    if flags:
        st.warning(
            "In no fact:\n" + "\n".join(map(filing_words.flag, flags)), icon=":material/rule:"
        )
    pieces = difference(record.draft, text)
    if filing_words.is_changed(pieces):
        with st.expander("What was changed in the draft", icon=":material/difference:"):
            st.markdown(filing_words.changes(pieces))


def _by_whom(record: FilingRecord) -> None:
    if record.edits:
        last = record.edits[-1]
        st.caption(f"Last edited by {escape(last.author.name)}, {fmt.moment(last.at)}")
    by = record.acceptance
    if by is not None and record.is_accepted:
        st.caption(
            f":green[:material/verified:] Accepted by {escape(by.author.name)}, {fmt.moment(by.at)}"
        )


def _save(alert: AlertRecord, record: FilingRecord, subject: str, key: str) -> None:
    typed = st.session_state[key] or ""

    def save() -> None:
        desk.write(filings.edit_filing, record.filing_id, typed, record.edit_id)

    if not try_to(alert, save, "Kept", _TROUBLE):
        not_kept(subject, typed)


def _accept(alert: AlertRecord, record: FilingRecord) -> None:
    def accept() -> None:
        desk.write(filings.accept_filing, record.filing_id, record.edit_id)

    try_to(alert, accept, "Accepted", _TROUBLE)


def _downloads(alert: AlertRecord, record: FilingRecord) -> None:
    """Offer the text with its watermark, and the one file that goes with it."""
    if not desk.may("export") or account_ids.are_hidden():
        return
    short, mark = record.rules.short, record.rules.watermark
    text = f"{mark}\n\n{record.text}\n\n{mark}\n"
    files = (
        ("Text", f"{alert.name}-{short}-draft.txt", "text/plain", text.encode()),
        ("Transactions (CSV)", f"{alert.name}-transfers.csv", "text/csv",
         record.attachment_csv.encode()),
    )  # fmt: skip
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
