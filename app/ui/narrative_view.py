"""The narrative of the open alert: its text, what bears it out, and the files to take away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui import (
    desk,
    narrative_edit,
    narrative_facts,
    narrative_model,
    narrative_source,
    narrative_typed,
    narrative_words,
    report_files,
)
from app.ui import format as fmt
from app.ui.evidence import escape, safe
from app.ui.narrative_source import AlertText
from app.ui.narrative_text import is_picked, narrative_text
from engine.narrative.verdict import Narrative
from engine.workbench.case_record import AlertRecord

_PICK = "Point at a sentence to see its facts; click it to see the transactions behind them."
#: More rejected sentences than these are folded away: they would hide what stands below them.
_MOST_OPEN = 4


def show_narrative(alert: AlertRecord) -> None:
    """Show the narrative of an alert whose run is there; the program's own comes at once."""
    narrative_typed.show_trouble(narrative_edit.TROUBLE)
    narrative_model.watch(alert)
    text = narrative_source.text_of(alert, fmt.current())
    narrative = text.narrative
    _head(alert, text)
    if narrative.why_template is not None and text.kept is not None:
        why = safe(narrative.why_template.rstrip("."))
        st.info(
            f"No model wrote it: {why}. The program's own text stands instead.",
            icon=":material/info:",
        )
    if text.kept is not None:
        narrative_edit.show_kept(text.kept)
    _lines(alert.alert_id, alert.run_id, text)
    _advice(narrative)
    _rejected(narrative)
    narrative_facts.show_all(text.ledger, narrative.ledger_sha256)
    if narrative.usage is not None:
        what = "This text" if narrative.source == "model" else "Asking took"
        st.caption(f"{what}: {escape(narrative_words.spent(narrative.usage))}")
    narrative_model.show_books()


@st.fragment
def _lines(alert_id: int, run_id: str, text: AlertText) -> None:
    """Draw the sentences; a click on one draws them alone anew, and not the whole alert."""
    # Another text is another key: no line of the former stays picked.
    key = f"narrative_{alert_id}_{text.kept.line.narrative_id if text.kept else 0}"
    if not is_picked(key):
        st.caption(_PICK)
    narrative_text(
        text.narrative, text.ledger, fmt.current(), key=key,
        behind=lambda line: narrative_facts.show_line(run_id, text.ledger, line),
    )  # fmt: skip


def _head(alert: AlertRecord, text: AlertText) -> None:
    with st.container(gap="xsmall"):
        badge(text.narrative)
        st.caption(narrative_words.checked(text.narrative))
    with st.container(horizontal=True, gap="xsmall", key="narrative_actions"):
        downloads(alert, text)
        narrative_model.offer(alert)
        narrative_edit.show_actions(alert, text)


def _advice(narrative: Narrative) -> None:
    """Show what a model would do: beside the score, which it never changes."""
    advice = narrative.advice
    if advice is None:
        return
    with st.expander(f"The model would call it {advice.band}", icon=":material/lightbulb:"):
        st.caption("Advice only: it changes neither the score nor the priority.")
        st.markdown("\n".join(f"- {escape(one.text)}" for one in advice.reasons))


def _rejected(narrative: Narrative) -> None:
    """Show what the model wrote and the facts do not bear out, struck through."""
    rejected = narrative_words.once_each(narrative.rejected)
    if not rejected:
        return
    n = len(rejected)
    with st.expander(
        f"{n} sentence{'s' * (n != 1)} of the model {'were' if n != 1 else 'was'} rejected",
        icon=":material/block:", expanded=n <= _MOST_OPEN, key="narrative_rejected",
    ):  # fmt: skip
        for one, times in rejected:
            problems = "; ".join(escape(problem) for problem in one.problems)
            again = " (again after it was told)" if times > 1 else ""
            st.markdown(f"~~{escape(one.text)}~~{again}  \n:red[{problems}]")


def badge(narrative: Narrative) -> None:
    """Say who wrote a narrative, and how much of it is verified."""
    words, icon, colour = narrative_words.badge_of(narrative)
    painted: Any = colour
    st.badge(escape(words), icon=icon, color=painted)


def downloads(alert: AlertRecord, text: AlertText) -> None:
    """Offer the report and the evidence pack; each is made when it is clicked."""
    if not desk.may("export"):
        return
    order = report_files.order_of(alert.alert_id, text)
    st.download_button(
        "PDF", order.report, file_name=f"{alert.name}.pdf", mime="application/pdf",
        icon=":material/picture_as_pdf:", on_click="ignore", key="narrative_pdf",
        help="The report of this alert, with every figure and its facts",
    )  # fmt: skip
    st.download_button(
        "Evidence pack", order.pack, file_name=f"{alert.name}.zip", mime="application/zip",
        icon=":material/folder_zip:", on_click="ignore", key="narrative_pack",
        help="The report with all that it was made from, and a script that finds any changed byte",
    )  # fmt: skip
