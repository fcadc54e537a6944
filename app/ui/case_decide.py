"""The panel in which an alert is decided: how it ends, for which reason, on what it rests."""

from __future__ import annotations

import re

import streamlit as st

from app.ui import case_act, queue_words
from engine.workbench import decisions
from engine.workbench.dispositions import DISPOSITIONS, MAX_COMMENT, OTHER, Disposition

_NUMBER = re.compile(r"(?:AL-)?(\d{1,15})", re.IGNORECASE)


def show_panel(alert_id: int, hindrance: str | None) -> None:
    """Draw the panel; what was chosen and typed stays until the decision is made.

    Parameters
    ----------
    alert_id
        The alert.
    hindrance
        Why nothing can be decided now, or ``None``.
    """
    with st.container(border=True, key="case_decide", gap="small"):
        left, right = st.columns(2)
        with left:
            name = st.selectbox(
                "How it ends", list(DISPOSITIONS), index=None, placeholder="Choose",
                format_func=queue_words.disposition, key=_key(alert_id, "disposition"),
                persist_state="session",
            )  # fmt: skip
        chosen = DISPOSITIONS.get(name or "")
        with right:
            code = _reason_box(alert_id, chosen)
        if chosen is not None:
            st.caption(f"{chosen.meaning} {_approval(chosen)}")
        with st.form(f"case_decide_{alert_id}", border=False):
            _texts(alert_id, chosen, code)
            if hindrance is None and not (chosen and code):
                hindrance = "Choose how it ends, and the reason"
            with st.container(horizontal=True):
                st.form_submit_button(
                    _button(chosen), type="primary", icon=":material/gavel:", key="case_decide_do",
                    on_click=_decide, args=(alert_id,), disabled=hindrance is not None,
                    help=hindrance,
                )  # fmt: skip
                case_act.cancel_button("decide")


def _texts(alert_id: int, chosen: Disposition | None, code: str | None) -> None:
    if chosen is not None and chosen.name == "duplicate":
        st.text_input(
            "The other alert, which goes on", placeholder="AL-12", key=_key(alert_id, "other"),
            persist_state="session", width=240,
        )  # fmt: skip
    needed = chosen is not None and (chosen.needs_comment or code == OTHER)
    st.text_area(
        "Comment" if needed else "Comment (optional)", key=_key(alert_id, "comment"), height=84,
        max_chars=MAX_COMMENT, persist_state="session",
        placeholder="What it rests on, for who reads this in a year",
    )  # fmt: skip


def _reason_box(alert_id: int, chosen: Disposition | None) -> str | None:
    reasons = chosen.reasons if chosen else {}
    return st.selectbox(
        "Reason", list(reasons), index=None, format_func=lambda code: reasons.get(code, code),
        placeholder="Choose", disabled=chosen is None, persist_state="session",
        key=_key(alert_id, f"reason_{chosen.name if chosen else ''}"),
    )  # fmt: skip


def _approval(chosen: Disposition) -> str:
    return "**Another person has to approve it.**" if chosen.needs_approval else ""


def _button(chosen: Disposition | None) -> str:
    if chosen is None:
        return "Close the alert"
    did = "Send for approval as" if chosen.needs_approval else "Close as"
    return f"{did} {chosen.words[:1].lower()}{chosen.words[1:]}"


def _decide(alert_id: int) -> None:
    name = st.session_state[_key(alert_id, "disposition")]
    named = _NUMBER.fullmatch((st.session_state.get(_key(alert_id, "other")) or "").strip())
    chosen = DISPOSITIONS[name]
    done = case_act.act(
        decisions.decide, alert_id, name,
        st.session_state.get(_key(alert_id, f"reason_{name}")) or "",
        st.session_state.get(_key(alert_id, "comment")) or "",
        duplicate_of=int(named.group(1)) if named and name == "duplicate" else None,
        said="Sent for approval" if chosen.needs_approval else f"Closed: {chosen.words.lower()}",
    )  # fmt: skip
    if done:
        st.session_state[_key(alert_id, "comment")] = ""


def _key(alert_id: int, part: str) -> str:
    return f"case_{alert_id}_{part}"
