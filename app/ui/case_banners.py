"""What to know before working on the open alert: who has it, what is new, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from app.ui import case_act, queue_words
from app.ui import format as fmt
from app.ui.evidence import escape, safe, sentence
from engine.workbench import clock
from engine.workbench.case_record import AlertRecord, SinceLastLook
from engine.workbench.names import alert_name

_MOST_NAMED = 12
_NEWS = "case_news"


def show_trouble(alert: AlertRecord, own_name: str) -> None:
    """Say why an action was not done, or that somebody changed the alert meanwhile."""
    found = case_act.trouble(alert.alert_id)
    seen = case_act.look_at(alert.alert_id, alert.version)
    if found is None and seen.version == alert.version:
        return
    if found is None:
        lines = [
            f"{line.text}, {fmt.clock(line.at)}"
            for line in alert.history
            if line.at >= seen.at and line.who != own_name
        ]
        text = "It was changed since you opened it."
        found = case_act.Trouble(alert.alert_id, text, lines[::-1])
    changed = "".join(f"\n- {escape(line)}" for line in found.changes)
    icon = ":material/sync_problem:" if changed else ":material/error:"
    with st.container(key="case_trouble"):
        st.warning(sentence(found.text) + (f"\n{changed}" if changed else ""), icon=icon)
        if seen.version != alert.version:
            st.button(
                "I have seen it: go on from here", key="case_look_again",
                on_click=case_act.look_again, args=(alert.alert_id, alert.version),
            )  # fmt: skip


def show_lock(alert: AlertRecord) -> None:
    """Say who else has the alert open."""
    if alert.lock is None or alert.lock.is_mine:
        return
    st.info(
        f"**{escape(alert.lock.name)}** has it open, until {fmt.clock(alert.lock.until)} unless "
        "they go on. You can read it and add notes.",
        icon=":material/lock_person:",
    )


def show_unreserved(trouble: str | None) -> None:
    """Say why opening the alert did not keep others from it, where that is so."""
    if trouble is not None:
        st.caption(
            f":material/lock_open: It could not be reserved for you: {safe(trouble)}",
        )


def remember_news(alert: AlertRecord) -> None:
    """Keep what is new to who opens the alert: once it is marked as seen, nothing is."""
    since = alert.since_last_look
    told = news(since, alert.currency) if since else ""
    if since is not None and told and since.gained:
        named = "New account" if len(since.gained) == 1 else "New accounts"
        told += f"  \n{named}: {escape(_some(since.gained))}"
    st.session_state[_NEWS] = told


def show_news() -> None:
    """Say what runs have brought since the viewer last looked; it stays while it is open."""
    told = st.session_state.get(_NEWS)
    if told:
        st.info(f"**Since you last looked:** {told}", icon=":material/fiber_new:")


def news(since: SinceLastLook, currency: str | None) -> str:
    """Say what became of an alert, e.g. ``+3 accounts, amount +₹4.1 lakh, now Cycle``."""
    if not since.evidence:
        return ""
    parts = [
        _counted("+", since.gained),
        _counted("−", since.lost),
        _money(since.new_amount, currency),
        f"now {fmt.typology(since.new_typology)}" if since.new_typology else "",
        "opened again" if since.reopened else "",
    ]
    return escape(", ".join(filter(None, parts)))


def show_state(alert: AlertRecord) -> None:
    """Say what else bears on the work: it waits, it is a duplicate, others were joined to it."""
    notes = [
        _snoozed(alert.snoozed_until),
        f"Duplicate of {_link(alert.duplicate_of)}." if alert.duplicate_of else "",
        f"Split from {_link(alert.split_from)}." if alert.split_from else "",
        f"Joined to it as duplicates: {', '.join(map(_link, alert.duplicates))}."
        if alert.duplicates
        else "",
        "The newest run of its data set did not find it again." if _is_dormant(alert) else "",
    ]
    text = "  \n".join(filter(None, notes))
    if text:
        st.caption(text)


def _is_dormant(alert: AlertRecord) -> bool:
    return alert.lineage == "dormant"


def _snoozed(until: datetime | None) -> str:
    if until is None or until <= clock.now():
        return ""
    return f":material/snooze: Snoozed until {fmt.moment(until)}."


def _link(alert_id: int) -> str:
    return f"[{escape(alert_name(alert_id))}](?alert={alert_id})"


def _some(accounts: Sequence[str]) -> str:
    rest = len(accounts) - _MOST_NAMED
    return ", ".join(accounts[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _counted(sign: str, accounts: Sequence[str]) -> str:
    n = len(accounts)
    return f"{sign}{n} account{'s' if n > 1 else ''}" if n else ""


def _money(value: float, currency: str | None) -> str:
    if abs(value) < 0.005:
        return ""
    return f"amount {'+' if value > 0 else '−'}{fmt.compact_amount(abs(value), currency)}"


def clock_badge(alert: AlertRecord, now: datetime) -> None:
    """Show the clock of an alert, coloured and in words."""
    found = queue_words.clock(alert.due_at, alert.status, now)
    colours = {"late": "red", "soon": "orange", "calm": "gray"}
    if found.urgency != "over":
        st.badge(
            found.text[:1].upper() + found.text[1:], icon=":material/schedule:",
            color=colours[found.urgency], help=f"Due {fmt.moment(alert.due_at)}",  # type: ignore[arg-type]
        )  # fmt: skip
