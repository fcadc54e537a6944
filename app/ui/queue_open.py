"""Which alert is open, and how the next one comes: by link, by click, by key, by Next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from app.ui import desk, queue_keys, queue_part, state
from app.ui.evidence import sentence
from engine.errors import EngineError
from engine.workbench import case, take_next
from engine.workbench.errors import NotFoundError
from engine.workbench.queue_filter import QueueFilter

#: Alerts that Next has left behind in this session; it does not come back to them by itself.
_PASSED = "queue_passed"
#: The alerts of the page that is shown, in its order: what the keys for up and down go through.
_LISTED = "queue_listed"
#: What Next answered when it found nothing.
_RAN_OUT = "queue_ran_out"

#: A link may hold anything: what is no id that a database can look up names no alert.
_NUMBER = re.compile(r"(?:AL-)?(\d{1,18})", re.IGNORECASE | re.ASCII)
_NAME_IN_RUN = re.compile(r"(?!\d+$)\w{1,40}")
_MOST_SHOWN = 24


def in_view() -> int | None:
    """Return the id of the open alert.

    An old link names it by its run (``?run=R&alert=A000001``) and is turned into one of today.

    Raises
    ------
    NotFoundError
        If a link names an alert that is not there.
    """
    named = state.read("alert")
    if named is None:
        return None
    number = _number(named)
    if number is None:
        if not _NAME_IN_RUN.fullmatch(named):
            raise NotFoundError(f"there is no alert {named[:_MOST_SHOWN]}")
        number = desk.read(case.resolve, state.run_in_view() or "", named)
    state.write("alert", str(number))
    return number


def open_alert(alert_id: int | None) -> None:
    """Put an alert in view; ``None`` closes the one that is."""
    st.session_state.pop(_RAN_OUT, None)
    state.write("alert", None if alert_id is None else str(alert_id))


def close(alert_id: int) -> None:
    """Close the open alert, and let others have it."""
    open_alert(None)
    if desk.may("work"):
        with suppress(EngineError):  # its lock ends by itself
            desk.write(take_next.release, alert_id)


def take(chosen: QueueFilter) -> None:
    """Open the best alert that nobody has, under the filter, and pass the one that is open."""
    passed: list[int] = st.session_state.setdefault(_PASSED, [])
    current = _number(state.read("alert"))
    if current is not None and current not in passed:
        passed.append(current)
    try:
        found = desk.write(take_next.take_next, chosen, tuple(passed))
    except EngineError as error:
        st.session_state[_RAN_OUT] = str(error)
        return
    if found is None:
        st.session_state[_RAN_OUT] = _nothing_left(len(passed), chosen)
        return
    open_alert(found)


def next_button(chosen: QueueFilter) -> None:
    """Offer the next alert, to whom works on alerts."""
    if desk.may("work"):
        st.button(
            "Next", type="primary", icon=":material/play_arrow:", shortcut=queue_keys.NEXT,
            key="queue_next", on_click=_take, args=(chosen,),
            help="Take the best alert that nobody has, under the filters",
        )  # fmt: skip


def _take(chosen: QueueFilter) -> None:
    take(chosen)
    queue_part.draw_alone()


def start_over() -> None:
    """Let Next come back to the alerts that it has passed."""
    st.session_state.pop(_PASSED, None)
    st.session_state.pop(_RAN_OUT, None)


def show_ran_out() -> None:
    """Say that Next found nothing, with the way back to what it passed."""
    text = st.session_state.get(_RAN_OUT)
    if text is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(sentence(text), icon=":material/done_all:")
        if st.session_state.get(_PASSED):
            st.button("Go through them again", on_click=start_over, key="queue_again")


def remember_list(ids: Sequence[int]) -> None:
    """Keep the order of the page that is shown."""
    st.session_state[_LISTED] = list(ids)


def step(by: int) -> None:
    """Open the alert below (``1``) or above (``-1``) the open one in the list."""
    listed: list[int] = st.session_state.get(_LISTED) or []
    current = _number(state.read("alert"))
    if current in listed:
        place = listed.index(current) + by
        if 0 <= place < len(listed):
            open_alert(listed[place])
    elif listed:
        open_alert(listed[0 if by > 0 else -1])


def place() -> tuple[bool, bool]:
    """Tell whether there is an alert above and below the open one in the list."""
    listed: list[int] = st.session_state.get(_LISTED) or []
    current = _number(state.read("alert"))
    if current not in listed:
        return bool(listed), bool(listed)
    return current != listed[0], current != listed[-1]


def _number(text: str | None) -> int | None:
    found = _NUMBER.fullmatch(text or "")
    return int(found.group(1)) if found else None


def _nothing_left(n_passed: int, chosen: QueueFilter) -> str:
    if not n_passed and chosen.statuses == ("awaiting_approval",):
        return "Nothing waits here that you may approve: a decision takes a second person."
    if not n_passed:
        return (
            "Nothing is left to take under this filter: others work on the rest, if there is any."
        )
    left = "The alert you passed" if n_passed == 1 else f"The {n_passed} alerts you passed"
    return f"Nothing else is left to take under this filter. {left} can be gone through again."
