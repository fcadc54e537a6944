"""The panels that put an alert off: a snooze for this one, a suppression for all like it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from app.ui import account_ids, case_act, days, evidence
from app.ui import format as fmt
from engine.workbench import clock, suppressions, waiting
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.suppressions import Scope

SNOOZES = {
    "4 hours": timedelta(hours=4),
    "1 day": timedelta(days=1),
    "3 days": timedelta(days=3),
    "1 week": timedelta(days=7),
}
_A_DAY = "Until a day"
_EXPIRIES = {"1 week": 7, "30 days": 30, "90 days": 90, "1 year": 365}
_ANY = "Any account"
_INNOCENT = DISPOSITIONS["false_positive"].reasons


def show_snooze(alert_id: int, hindrance: str | None) -> None:
    """Draw the panel that snoozes the alert; ``hindrance`` is why it cannot be now."""
    with st.container(border=True, key="case_snooze"):
        choice = st.segmented_control(
            "Put it off for", [*SNOOZES, _A_DAY], default="1 day", required=True,
            key=_key(alert_id, "snooze"),
        )  # fmt: skip
        if choice == _A_DAY:
            st.date_input(
                f"Day ({fmt.zone()})", key=_key(alert_id, "snooze_day"), width=200,
                value=days.day_of(clock.now() + timedelta(days=14)),
                min_value=days.day_of(clock.now()),
            )  # fmt: skip
        with st.form(f"case_snooze_{alert_id}", border=False):
            st.text_input(
                "Why (optional)", key=_key(alert_id, "snooze_why"), persist_state="session",
                placeholder="Waiting for the branch's answer",
            )  # fmt: skip
            st.caption("Its clock goes on. New evidence that grows it brings it back earlier.")
            with st.container(horizontal=True):
                st.form_submit_button(
                    "Snooze", type="primary", icon=":material/snooze:", key="case_snooze_do",
                    on_click=_snooze, args=(alert_id,), disabled=hindrance is not None,
                    help=hindrance,
                )  # fmt: skip
                case_act.cancel_button("snooze")


def until(choice: str, day: date, now: datetime) -> datetime:
    """Return the moment a snooze ends: after a length of time, or when a day begins."""
    return now + SNOOZES[choice] if choice in SNOOZES else days.begins(day)


def show_suppress(
    alert_id: int, hindrance: str | None, *, data_set: str, typology: str, accounts: Sequence[str]
) -> None:
    """Draw the panel that suppresses alerts like this one; ``hindrance`` is why it cannot now."""
    with st.form(f"case_suppress_{alert_id}"):
        left, right = st.columns(2)
        with left:
            st.selectbox(
                "Alerts on", [_ANY, *accounts], index=1 if accounts else 0,
                key=_key(alert_id, "sup_account"), persist_state="session",
            )  # fmt: skip
            st.selectbox("For", list(_EXPIRIES), index=1, key=_key(alert_id, "sup_for"))
        with right:
            st.selectbox(
                "Because they are", list(_INNOCENT), index=None, placeholder="Choose",
                format_func=lambda code: _INNOCENT[code], key=_key(alert_id, "sup_reason"),
                persist_state="session",
            )  # fmt: skip
            st.checkbox(
                f"Only {fmt.typology(typology)} alerts", value=True,
                key=_key(alert_id, "sup_typology"),
            )  # fmt: skip
            st.checkbox(
                "Only of this data set", value=True, key=_key(alert_id, "sup_set"),
                help=evidence.escape(data_set),
            )  # fmt: skip
        st.text_input(
            "Comment", key=_key(alert_id, "sup_comment"), persist_state="session",
            placeholder="Asked for where the reason is another one",
        )  # fmt: skip
        st.caption(
            "Open alerts that fit wait until it expires, and so do later ones. *Show: Suppressed* "
            "lists them."
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                "Suppress", type="primary", icon=":material/notifications_off:",
                key="case_suppress_do", on_click=_suppress, args=(alert_id, data_set, typology),
                disabled=hindrance is not None, help=hindrance,
            )  # fmt: skip
            case_act.cancel_button("suppress")


def _snooze(alert_id: int) -> None:
    choice = st.session_state[_key(alert_id, "snooze")]
    day: Any = st.session_state.get(_key(alert_id, "snooze_day"))  # none but of a chosen day
    ends = until(choice, day, clock.now())
    why = st.session_state.get(_key(alert_id, "snooze_why")) or ""
    said = f"Snoozed until {fmt.moment(ends)}"
    if case_act.act(waiting.snooze, alert_id, ends, why, said=said):
        st.session_state[_key(alert_id, "snooze_why")] = ""


def _suppress(alert_id: int, data_set: str, typology: str) -> None:
    def chosen(part: str) -> object:
        return st.session_state.get(_key(alert_id, part))

    account = chosen("sup_account")
    scope = Scope(
        account=None if account == _ANY else str(account),
        typology=typology if chosen("sup_typology") else None,
        data_set=data_set if chosen("sup_set") else None,
    )
    ends = clock.now() + timedelta(days=_EXPIRIES[str(chosen("sup_for"))])
    case_act.try_to(
        suppressions.suppress, alert_id, scope, str(chosen("sup_reason") or ""),
        str(chosen("sup_comment") or ""), ends, said=f"Suppressed until {fmt.date(ends)}",
    )  # fmt: skip


def may_name_accounts() -> bool:
    """Tell whether who asks sees account ids as they are: a pseudonym is no scope."""
    return not account_ids.are_hidden()


def _key(alert_id: int, part: str) -> str:
    return f"case_{alert_id}_{part}"
