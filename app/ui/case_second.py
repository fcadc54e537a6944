"""The second look at a decision: approve it, send it back, withdraw it, open an alert again."""

from __future__ import annotations

import streamlit as st

from app.ui import case_act, desk, queue_words
from app.ui import format as fmt
from app.ui.evidence import escape, safe
from app.ui.written import show_text
from engine.plain_text import as_written
from engine.workbench import decisions
from engine.workbench.case_record import AlertRecord, CaseDecision
from engine.workbench.permissions import Actor
from engine.workbench.texts import MAX_COMMENT

_WORDS = {
    "approve": ("Approve and close", "Comment (optional)", ":material/verified:"),
    "reject": ("Send back", "Why it goes back", ":material/undo:"),
    "withdraw": ("Withdraw", "Comment (optional)", ":material/undo:"),
    "reopen": ("Open again", "Why", ":material/replay:"),
}


def show_decision(alert: AlertRecord) -> None:
    """Show the last decision: who, when, why, and what became of it."""
    made = alert.undone
    if made is None and alert.status in ("closed", "awaiting_approval"):
        made = next(iter(alert.decisions), None)
    if made is None:
        return
    if made.approval == "rejected" and made.approved_by is not None:
        st.warning(
            f"**Sent back** by {escape(made.approved_by.name)}: "
            f"{safe(as_written(made.approval_comment or ''))}",
            icon=":material/undo:",
        )
    again = alert.opened_again
    if again is not None and alert.undone and made.approval != "rejected":
        st.info(
            f"{escape(again.who)} {safe(again.what)} ({fmt.moment(again.at)})",
            icon=":material/replay:",
        )
    with st.container(border=True, key="case_decision", gap="xsmall"):
        if alert.undone:
            st.caption("What was decided before")
        st.markdown(
            f"**{escape(queue_words.disposition(made.disposition))}** · "
            f"{escape(queue_words.reason(made.disposition, made.reason_code))}"
        )
        if made.comment.strip():
            show_text(made.comment)
        st.caption(
            f"{escape(made.decided_by.name)}, {fmt.moment(made.decided_at)}. {_second(made)}"
        )


def _second(made: CaseDecision) -> str:
    if made.approval == "pending":
        return ":material/hourglass_top: **Waits for another person to approve it.**"
    if made.approval == "approved" and made.approved_by is not None:
        said = f": “{escape(made.approval_comment)}”" if made.approval_comment else ""
        name = escape(made.approved_by.name)
        return f":material/verified: Approved by {name}, {fmt.moment(made.approved_at)}{said}"
    if made.approval == "rejected":
        return ":material/undo: Sent back."
    return ""


def approval_buttons(alert: AlertRecord, actor: Actor, hindrance: str | None) -> None:
    """Offer what may be done with a decision that waits, to whom it may."""
    pending = alert.pending
    if pending is None:
        return
    if pending.decided_by.login == actor.login:
        _open("Withdraw", "withdraw", hindrance)
    elif desk.may("approve"):
        _open("Approve", "approve", hindrance, is_primary=True)
        _open("Send back", "reject", hindrance)
    else:
        st.caption("A reviewer has to approve it; until then notes can be added.")


def reopen_button(hindrance: str | None) -> None:
    """Offer to open a closed alert again."""
    why = None if desk.may("reopen") else "A reviewer can open it again"
    _open("Open again", "reopen", hindrance or why)


def show_panel(alert: AlertRecord, panel: str) -> None:
    """Draw the panel that asks for the comment, if it fits the alert's status."""
    wanted = "closed" if panel == "reopen" else "awaiting_approval"
    if panel not in _WORDS or alert.status != wanted:
        return
    button, label, icon = _WORDS[panel]
    with st.form(f"case_{panel}_{alert.alert_id}"):
        st.text_area(
            label, key=_key(alert.alert_id, panel), height=84, max_chars=MAX_COMMENT,
            persist_state="session",
        )  # fmt: skip
        with st.container(horizontal=True):
            st.form_submit_button(
                button, type="primary", icon=icon, key=f"case_{panel}_do", on_click=_do,
                args=(alert.alert_id, panel),
            )  # fmt: skip
            case_act.cancel_button(panel)


def _open(label: str, panel: str, hindrance: str | None, *, is_primary: bool = False) -> None:
    st.button(
        label, icon=_WORDS[panel][2], type="primary" if is_primary else "secondary",
        key=f"case_open_{panel}", on_click=case_act.toggle, args=(panel,),
        disabled=hindrance is not None, help=hindrance,
    )  # fmt: skip


def _do(alert_id: int, panel: str) -> None:
    comment = st.session_state.get(_key(alert_id, panel)) or ""
    if panel in ("approve", "reject"):
        done = case_act.act(
            decisions.approve, alert_id, accept=panel == "approve", comment=comment,
            said="Approved and closed" if panel == "approve" else "Sent back",
        )  # fmt: skip
    elif panel == "withdraw":
        done = case_act.act(decisions.withdraw, alert_id, comment, said="Withdrawn")
    else:
        done = case_act.act(decisions.reopen, alert_id, comment, said="Opened again")
    if done:
        st.session_state[_key(alert_id, panel)] = ""
        if panel in ("approve", "reject"):
            case_act.leave(alert_id)


def _key(alert_id: int, panel: str) -> str:
    return f"case_{alert_id}_{panel}_comment"
