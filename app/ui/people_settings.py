"""The form for the settings of the workbench."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from app.ui import desk, messages, queue_words
from engine.errors import EngineError
from engine.filing import jurisdiction
from engine.workbench.permissions import Actor
from engine.workbench.settings import (
    DEFAULT_ROLES,
    RANGES,
    Settings,
    change_setting,
    current,
)


def people_settings() -> None:
    """Show the settings in force, to be changed."""
    now = desk.bench().read(current)
    with st.form("people_settings", border=False):
        chosen = _work(now) | _people(now) | _reports(now)
        if st.form_submit_button("Save settings", type="primary"):
            _save_and_tell(chosen)
    if st.session_state.pop("people_settings_saved", False):
        st.toast("The settings are saved.")


def _work(now: Settings) -> dict[str, Any]:
    st.markdown("##### Alerts")
    st.caption("Hours from an alert's opening until it is due, by priority")
    columns = st.columns(len(queue_words.PRIORITIES))
    hours = [
        _number(
            queue_words.priority(number),
            "sla_hours",
            now.sla_hours[number - 1],
            column,
            key=f"_{number - 1}",
        )
        for number, column in zip(queue_words.PRIORITIES, columns, strict=True)
    ]
    left, right = st.columns(2)
    return {
        "sla_hours": hours,
        "lock_minutes": _number(
            "Minutes that an open alert is kept for one person", "lock_minutes", now.lock_minutes,
            left,
        ),
        "reopen_growth": _number(
            "Growth that opens a closed ring again, in percent", "reopen_growth",
            now.reopen_growth, right, unit=100,
        ) / 100,
        "snooze_days_max": _number(
            "Longest snooze, in days", "snooze_days_max", now.snooze_days_max, left
        ),
        "suppression_days_max": _number(
            "Longest suppression, in days", "suppression_days_max", now.suppression_days_max, right
        ),
    }  # fmt: skip


def _people(now: Settings) -> dict[str, Any]:
    st.markdown("##### People")
    left, right = st.columns(2)
    return {
        "login_hours": _number(
            "Hours that a sign-in holds", "login_hours", now.login_hours, left
        ),
        "default_role": right.selectbox(
            "Role of who comes from an OpenID provider for the first time", DEFAULT_ROLES,
            index=DEFAULT_ROLES.index(now.default_role), format_func=str.capitalize,
            key="people_setting_default_role",
        ),
    }  # fmt: skip


def _reports(now: Settings) -> dict[str, Any]:
    st.markdown("##### Reports and models")
    left, right = st.columns(2)
    # A file of rules that was taken away is still what the setting says.
    codes = sorted({*jurisdiction.codes(), now.jurisdiction})
    return {
        "jurisdiction": left.selectbox(
            "Jurisdiction of reports to an authority", codes, index=codes.index(now.jurisdiction),
            format_func=_jurisdiction, key="people_setting_jurisdiction",
        ),
        "model_usd_per_day": _number(
            "Most that language models may cost in a day (UTC), in US dollars",
            "model_usd_per_day", now.model_usd_per_day, right,
        ),
    }  # fmt: skip


def _jurisdiction(code: str) -> str:
    try:
        return jurisdiction.load(code).name
    except EngineError:
        return f"{code} (its rules are not there)"


def _number(
    label: str, name: str, value: float, column: Any, *, unit: int = 1, key: str = ""
) -> float:
    low, high = (end * unit for end in RANGES[name])
    whole = isinstance(value, int) or unit != 1
    kind: Any = int if whole else float
    number: float = column.number_input(
        label, kind(low), kind(high), kind(round(value * unit, 6)), kind(1),
        key=f"people_setting_{name}{key}",
    )  # fmt: skip
    return number


def _save_and_tell(chosen: dict[str, Any]) -> None:
    try:
        desk.write(_save, chosen)
    except EngineError as error:
        messages.refusal(str(error))
        return
    st.session_state["people_settings_saved"] = True
    st.rerun()


def _save(session: Session, actor: Actor, chosen: dict[str, Any]) -> None:
    """Change what differs, all or nothing."""
    before = asdict(current(session))
    for name, value in chosen.items():
        if value != before[name]:
            change_setting(session, actor, name, value)
