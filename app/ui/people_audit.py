"""The audit on a page: its filters, its entries in words, one entry in full, the proof."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui import desk, evidence, filters, format, messages
from engine.workbench.audit import Verdict
from engine.workbench.audit_log import (
    AuditFilter,
    AuditLine,
    count_entries,
    known_actions,
    known_actors,
    page_entries,
    verify_chain,
)

PAGE_SIZE = 100

#: With more entries the table scrolls, at this height in pixels.
_MOST_ROWS, _HEIGHT = 12, 420

_VERDICT = "audit_verdict"


def audit_filters() -> AuditFilter:
    """Show the filters and return what they choose."""
    actors = desk.read(known_actors)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actor = st.selectbox(
            "Who", ["", *actors], format_func=lambda one: actors.get(one, "Everybody"),
            key="audit_who", bind="query-params", width=200,
        )  # fmt: skip
        action = st.selectbox(
            "Action", ["", *desk.read(known_actions)],
            format_func=lambda one: one.replace("_", " ").capitalize() or "All actions",
            key="audit_action", bind="query-params", width=200,
        )  # fmt: skip
        subject = st.text_input(
            "Of what", key="audit_subject", bind="query-params", width=220,
            placeholder="AL-12, user anna, setting …",
        )  # fmt: skip
    return AuditFilter(actor, action, subject)


def audit_entries(chosen: AuditFilter) -> None:
    """Show the entries that pass, page by page, and the one that is clicked in full."""
    total = desk.read(count_entries, chosen)
    if not total:
        messages.nothing_found("entries", "Take a filter away, or write another subject.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        n = f"{format.count(total)} entr{'y' if total == 1 else 'ies'}, the latest first"
        st.caption(n, width="content")
        page = filters.page_number(total, PAGE_SIZE, "audit_page")
    lines = desk.read(page_entries, chosen, page, PAGE_SIZE)
    event = st.dataframe(
        _frame(lines),
        hide_index=True,
        key=f"audit_entries_{page}",
        height="content" if len(lines) <= _MOST_ROWS else _HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "No.": st.column_config.NumberColumn(width=70, format="%d"),
            "What": st.column_config.TextColumn(width="large"),
        },
        alt="Entries of the audit; choose one to see it in full",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(lines):
        _in_full(lines[rows[0]])


def audit_proof() -> None:
    """Offer to prove the chain, and show what came of it."""
    row = st.form("audit_proof", border=False)
    with row.container(horizontal=True, vertical_alignment="bottom"):
        head = st.text_input(
            "Head kept elsewhere (may be left out)", key="audit_head", width=420,
            help="The hash that an earlier proof showed. With it even a chain that was made anew "
            "from its first entry is found out.",
        )  # fmt: skip
        if st.form_submit_button("Verify the chain", icon=":material/verified_user:"):
            with st.spinner("Reading the whole audit"):
                st.session_state[_VERDICT] = desk.read(verify_chain, head.strip() or None)
    verdict: Verdict | None = st.session_state.pop(_VERDICT, None)
    if verdict is not None:
        _tell(verdict)


def _tell(verdict: Verdict) -> None:
    n = format.count(verdict.entries)
    if verdict.problems:
        found = "\n".join(f"- {evidence.escape(problem)}" for problem in verdict.problems[:20])
        st.error(
            f"**The audit was tampered with.** {n} entries were read; keep a copy of the "
            f"database as it is, and compare it with a backup.\n\n{found}",
            icon=":material/gpp_bad:",
        )
        return
    st.success(
        f"**The chain holds:** {n} entries, none changed, inserted, moved or cut off. Keep its "
        "head outside of the database:",
        icon=":material/verified_user:",
    )
    st.code(verdict.head, language=None)


def _frame(lines: Sequence[AuditLine]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "No.": [line.seq for line in lines],
            "When": [format.moment(line.at) for line in lines],
            "Who": [line.who for line in lines],
            "Of what": [line.subject for line in lines],
            "What": [line.what for line in lines],
        }
    )


def _in_full(line: AuditLine) -> None:
    with st.container(border=True):
        st.markdown(f"**Entry {line.seq}** · {evidence.escape(f'{line.who} {line.what}')}")
        before, after = st.columns(2)
        for column, name, value in ((before, "Before", line.before), (after, "After", line.after)):
            column.caption(name)
            text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
            column.code(text, language="json", wrap_lines=True)
        st.caption(f"{line.at.isoformat()} · {evidence.escape(line.actor)} · hash {line.hash}")
