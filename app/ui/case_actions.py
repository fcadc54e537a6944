"""The buttons of the open alert, and the panel that one of them has opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from app.ui import case_act, case_decide, case_second, case_wait, desk, queue_keys, queue_words
from engine.workbench import assignment, take_next, waiting
from engine.workbench.case_record import AlertRecord
from engine.workbench.permissions import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """The alert, who sits before it, and whom it could be given to (names by login)."""

    alert: AlertRecord
    actor: Actor
    workers: Mapping[str, str]

    @property
    def hindrance(self) -> str | None:
        """Why nothing can be done now, or ``None``."""
        lock = self.alert.lock
        if lock is not None and not lock.is_mine:
            return f"{lock.name} has it open"
        return None


def show_actions(place: Place, now: datetime) -> None:
    """Draw the buttons that fit the alert's status and the viewer's role, and the open panel."""
    alert = place.alert
    if not desk.may("work"):
        return
    with st.container(horizontal=True, gap="xsmall", key="case_actions"):
        if alert.status == "closed":
            case_second.reopen_button(place.hindrance)
        elif alert.status == "awaiting_approval":
            case_second.approval_buttons(alert, place.actor, place.hindrance)
        else:
            _work_buttons(place, now)
        _more(place)
    _show_panel(place)


def _work_buttons(place: Place, now: datetime) -> None:
    alert, off = place.alert, place.hindrance
    st.button(
        "Decide", icon=":material/gavel:", type="primary", shortcut=queue_keys.DECIDE,
        key="case_open_decide", on_click=case_act.toggle, args=("decide",),
        disabled=off is not None, help=off,
    )  # fmt: skip
    _assign_button(place)
    is_snoozed = alert.snoozed_until is not None and alert.snoozed_until > now
    if is_snoozed:
        st.button(
            "Wake", icon=":material/alarm:", shortcut=queue_keys.SNOOZE, key="case_wake",
            on_click=case_act.do, args=(waiting.wake, alert.alert_id),
            kwargs={"said": "Back in the queue"}, disabled=off is not None, help=off,
        )  # fmt: skip
    else:
        st.button(
            "Snooze", icon=":material/snooze:", shortcut=queue_keys.SNOOZE, key="case_open_snooze",
            on_click=case_act.toggle, args=("snooze",), disabled=off is not None, help=off,
        )  # fmt: skip


def _assign_button(place: Place) -> None:
    alert, actor = place.alert, place.actor
    holder = alert.assignee
    if holder is not None and holder.login == actor.login:
        label, login, icon, why = "Give back", None, ":material/person_remove:", place.hindrance
    else:
        label, login, icon, why = "Take", actor.login, ":material/person_add:", place.hindrance
        if holder is not None and not desk.may("assign_others"):
            why = f"{holder.name} works on it; a reviewer can give it to somebody else"
    st.button(
        label, icon=icon, shortcut=queue_keys.ASSIGN, key="case_assign",
        on_click=case_act.do, args=(assignment.assign, alert.alert_id, login),
        kwargs={"said": "It is yours" if login else "Nobody has it now"},
        disabled=why is not None, help=why,
    )  # fmt: skip


def _more(place: Place) -> None:
    """Offer what is done less often, or by few."""
    alert = place.alert
    if alert.status != "closed" and desk.may("suppress"):
        off = _no_work(place)
        st.button(
            "Suppress", key="case_open_suppress", shortcut=queue_keys.SUPPRESS,
            on_click=case_act.toggle, args=("suppress",), disabled=off is not None,
            help=off or "Let alerts like it wait",
        )  # fmt: skip
    is_held = alert.lock is not None and not alert.lock.is_mine
    if not desk.may("assign_others") or (alert.status == "closed" and not is_held):
        return
    with st.popover("", icon=":material/more_horiz:", help="Assign to others, priority"):
        if alert.status != "closed":
            _lead(place, place.hindrance)
        if alert.lock is not None and not alert.lock.is_mine:
            st.button(
                f"Free it from {alert.lock.name}", icon=":material/lock_open:", width="stretch",
                key="case_free", on_click=case_act.do_anyway,
                args=(take_next.release, alert.alert_id, alert.alert_id),
                kwargs={"said": "It is free"},
            )  # fmt: skip


def _lead(place: Place, off: str | None) -> None:
    alert, workers = place.alert, place.workers
    key = f"case_{alert.alert_id}_to"
    login = st.selectbox(
        "Assign to", [*workers], index=None, format_func=lambda one: workers.get(one, one),
        placeholder=alert.assignee.name if alert.assignee else "Nobody has it", key=key, width=240,
    )  # fmt: skip
    st.button(
        "Assign", key="case_assign_to", on_click=case_act.do, disabled=login is None or bool(off),
        args=(assignment.assign, alert.alert_id, login), help=off,
        kwargs={"said": f"Assigned to {workers.get(login or '', '')}"},
    )  # fmt: skip
    number = st.segmented_control(
        "Priority", list(queue_words.PRIORITIES), default=alert.priority, required=True,
        format_func=queue_words.priority, key=f"case_{alert.alert_id}_priority_{alert.priority}",
    )  # fmt: skip
    st.button(
        "Set priority", key="case_set_priority", on_click=case_act.do, help=off,
        args=(assignment.set_priority, alert.alert_id, number),
        kwargs={"said": f"Priority {number}"}, disabled=number == alert.priority or bool(off),
    )  # fmt: skip


def _accounts(alert: AlertRecord) -> list[str]:
    """Return the accounts of the newest evidence, those that a ring turns about first."""
    current = [one for one in alert.accounts if one.is_current]
    first = {"hub": 0, "collector": 1, "source": 2}
    current.sort(key=lambda one: (first.get(one.role, 3), one.account))
    return [one.account for one in current]


def _no_work(place: Place) -> str | None:
    """Return why the alert cannot be worked on now, or ``None``."""
    if place.hindrance is None and place.alert.status not in ("open", "in_review"):
        return f"It is {queue_words.STATUSES[place.alert.status].lower()} now"
    return place.hindrance


def _show_panel(place: Place) -> None:
    alert, panel = place.alert, case_act.open_panel()
    # A panel stays, with what was typed, also where somebody else was quicker.
    off = _no_work(place)
    if panel == "decide":
        case_decide.show_panel(alert.alert_id, off)
    elif panel == "snooze":
        case_wait.show_snooze(alert.alert_id, off)
    elif panel == "suppress" and alert.status != "closed":
        case_wait.show_suppress(
            alert.alert_id, off, data_set=alert.data_set, typology=alert.typology,
            accounts=_accounts(alert) if case_wait.may_name_accounts() else [],
        )  # fmt: skip
    elif panel is not None:
        case_second.show_panel(alert, panel)
