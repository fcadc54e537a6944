"""The narrative of the open alert: its text, what bears it out, and the files to take away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui import desk, narrative_facts, narrative_source, narrative_words, report_files
from app.ui import format as fmt
from app.ui.evidence import escape
from app.ui.narrative_source import AlertText
from app.ui.narrative_text import narrative_text
from engine.narrative.verdict import Narrative
from engine.workbench.case_record import AlertRecord

_PICK = "Point at a sentence to see its facts; click it to see the transactions behind them."


def show_narrative(alert: AlertRecord) -> None:
    """Show the narrative of an alert whose run is there; the program's own comes at once."""
    found = narrative_source.facts_of(alert)
    text = narrative_source.template_text(found, fmt.current())
    _head(alert, text)
    key = f"narrative_text_{alert.alert_id}_{text.narrative.source}"
    line = narrative_text(text.narrative, text.ledger, fmt.current(), key=key)
    if line is None:
        st.caption(_PICK)
    else:
        narrative_facts.show_line(alert.run_id, text.ledger, line)
    narrative_facts.show_all(text.ledger, text.narrative.ledger_sha256)


def _head(alert: AlertRecord, text: AlertText) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(text.narrative)
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            downloads(alert, text)
    st.caption(_checked(text.narrative))


def badge(narrative: Narrative) -> None:
    """Say who wrote a narrative, and how much of it is verified."""
    words, icon, colour = narrative_words.badge_of(narrative)
    painted: Any = colour
    st.badge(escape(words), icon=icon, color=painted)


def _checked(narrative: Narrative) -> str:
    share = fmt.share(narrative.coverage, decimals=0)
    return (
        f"{fmt.count(narrative.n_checked)} numbers, moments and accounts stand in the facts that "
        f"their sentences cite; {share} of the key facts are told."
    )


def downloads(alert: AlertRecord, text: AlertText) -> None:
    """Offer the report and the evidence pack; each is made when it is clicked."""
    if not desk.may("export"):
        return
    order = report_files.order_of(alert.alert_id, text)
    st.download_button(
        "PDF report", order.report, file_name=f"{alert.name}.pdf", mime="application/pdf",
        icon=":material/picture_as_pdf:", on_click="ignore", key="narrative_pdf",
        help="The report of this alert, with every figure and its facts",
    )  # fmt: skip
    st.download_button(
        "Evidence pack", order.pack, file_name=f"{alert.name}.zip", mime="application/zip",
        icon=":material/folder_zip:", on_click="ignore", key="narrative_pack",
        help="The report with all that it was made from, and a script that finds any changed byte",
    )  # fmt: skip
