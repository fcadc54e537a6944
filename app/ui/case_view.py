"""One alert on one screen: what it is, what to do with it, what proves it, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from app.ui import (
    cache,
    case_act,
    case_actions,
    case_banners,
    case_evidence,
    case_history,
    case_notes,
    case_second,
    case_snapshots,
    case_timeline,
    desk,
    evidence,
    filing_view,
    messages,
    narrative_view,
    queue_keys,
    queue_open,
    queue_part,
    queue_suppressed,
    queue_words,
)
from engine.errors import EngineError
from engine.query import alert_detail
from engine.query.alert_detail import AlertDetail
from engine.workbench import case, clock, take_next
from engine.workbench.case_record import AlertRecord
from engine.workbench.errors import NotFoundError, WorkbenchError

#: A lock that holds for longer than this is not renewed by every click, in seconds.
_RENEW_BELOW = 600
_OPENED = "case_opened"


@st.fragment
def show_case(alert_id: int, workers: Mapping[str, str]) -> None:
    """Draw the open alert. What is clicked in it redraws it alone; what is done, the queue too."""
    if case_act.is_queue_stale():
        st.rerun()
    case_act.say()
    with st.container(gap="xsmall", key="case"):
        try:
            alert, trouble = _read(alert_id)
        except NotFoundError as error:
            queue_open.open_alert(None)
            messages.engine_error(error)
        except EngineError as error:
            messages.engine_error(error)
            st.button("Try again", key="case_retry", icon=":material/refresh:")
            # What was typed is not lost with the rest of the page.
            case_notes.show_notes(alert_id, ())
        else:
            _show(alert, workers, trouble)


def _show(alert: AlertRecord, workers: Mapping[str, str], trouble: str | None) -> None:
    now = clock.now()
    _head(alert)
    case_banners.show_lock(alert)
    case_banners.show_unreserved(trouble)
    case_banners.show_news()
    case_banners.show_trouble(alert, desk.actor().name)
    case_actions.show_actions(case_actions.Place(alert, desk.actor(), workers), now)
    case_second.show_decision(alert)
    queue_suppressed.show_of_alert(alert)
    case_banners.show_state(alert)
    case_notes.show_notes(alert.alert_id, alert.notes)
    _sections(alert)


def put_away() -> None:
    """Forget which alert was open: opened again, it is looked at anew."""
    st.session_state.pop(_OPENED, None)


def _read(alert_id: int) -> tuple[AlertRecord, str | None]:
    """Read the alert and mark it; say why it could not be marked, which keeps nobody from reading.

    While a large run is taken in, the database has no time for others' changes.
    """
    alert = desk.read(case.alert_record, alert_id)
    try:
        return _mark(alert), None
    except WorkbenchError as error:
        return alert, str(error)


def _mark(alert: AlertRecord) -> AlertRecord:
    """Mark the alert as seen the first time it is opened, and lock it."""
    alert_id = alert.alert_id
    lock, is_new = alert.lock, st.session_state.get(_OPENED) != alert_id
    if is_new:
        case_banners.remember_news(alert)
        desk.write(case.look, alert_id)
        st.session_state[_OPENED] = alert_id
        case_act.come_back()
    if case_act.has_left(alert_id) or not _is_to_hold(alert):
        return alert
    left = 0.0 if lock is None else (lock.until - clock.now()).total_seconds()
    if lock is None or (lock.is_mine and (is_new or left < _RENEW_BELOW)):
        return replace(alert, lock=desk.write(take_next.hold, alert_id))
    return alert


def _is_to_hold(alert: AlertRecord) -> bool:
    """Tell whether opening it keeps others from it: not where it is theirs, or waits for them."""
    own = desk.actor().login
    if not desk.may("work") or alert.status == "closed":
        return False
    if alert.pending is not None:
        return desk.may("approve") and alert.pending.decided_by.login != own
    return alert.assignee is None or alert.assignee.login == own


def _head(alert: AlertRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="case_head"):
        st.markdown(f"#### {evidence.escape(alert.name)}", width="content")
        evidence.risk_badge(alert.score)
        case_evidence.show_typology(alert.typology)
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            above, below = queue_open.place()
            _step("up", queue_keys.UP, -1, above)
            _step("down", queue_keys.DOWN, 1, below)
            st.button(
                "", icon=":material/close:", type="tertiary", shortcut=queue_keys.CLOSE,
                key="case_close", on_click=_close, args=(alert.alert_id,), help="Close",
            )  # fmt: skip
    st.markdown(f"**{evidence.escape(alert.title)}**")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(_status(alert), icon=":material/flag:", color="blue")
        st.badge(f"Priority {queue_words.priority(alert.priority)}", color="gray")
        case_banners.clock_badge(alert, clock.now())


def _step(word: str, key: str, by: int, is_there: bool) -> None:
    st.button(
        "", icon=f":material/keyboard_arrow_{word}:", type="tertiary", shortcut=key,
        key=f"case_{word}", on_click=_go, args=(by,), disabled=not is_there,
        help="The one below in the list" if by > 0 else "The one above in the list",
    )  # fmt: skip


def _go(by: int) -> None:
    queue_open.step(by)
    queue_part.draw_alone()


def _close(alert_id: int) -> None:
    queue_open.close(alert_id)
    queue_part.draw_alone()


def _status(alert: AlertRecord) -> str:
    own = desk.actor().login
    holder = alert.assignee
    name = None if holder is None else "you" if holder.login == own else holder.name
    return queue_words.status(alert.status, assignee=name, ended=alert.disposition, now=clock.now())


def _sections(alert: AlertRecord) -> None:
    names = [
        "Evidence", "Narrative", "Filing", "Snapshots", "Timeline", "Look-alikes",
        "Other alerts", "Lineage", "History",
    ]  # fmt: skip
    tabs = st.tabs(names, on_change="rerun", key="case_tabs")
    parts: list[Callable[[], None]] = [
        lambda: _of_run(alert, _evidence),
        lambda: _of_run(alert, lambda *_: narrative_view.show_narrative(alert)),
        lambda: _of_run(alert, lambda *_: filing_view.show_filing(alert)),
        lambda: case_snapshots.show_snapshots(alert.alert_id),
        lambda: _of_run(alert, case_timeline.show_timeline),
        lambda: _of_run(alert, case_evidence.show_look_alikes),
        lambda: case_history.show_earlier(alert),
        lambda: case_history.show_lineage(alert),
        lambda: case_history.show_history(alert),
    ]
    for tab, show in zip(tabs, parts, strict=True):
        if tab.open:
            with tab:
                try:
                    show()
                except EngineError as error:
                    messages.engine_error(error)


def _of_run(alert: AlertRecord, show: Callable[[str, AlertDetail, str | None], None]) -> None:
    """Show a part that reads the transactions, which lie in the run of the newest evidence."""
    run_id = alert.run_id
    state = case_evidence.run_state(run_id, alert.made)
    if state != "there":
        st.warning(
            f"The run **{evidence.escape(run_id)}** was {state}: the transactions of this alert "
            "are no longer here. What people did with the alert is kept.",
            icon=":material/folder_off:",
        )
        return
    found = cache.query(alert_detail.get_alert, run_id, alert.run_alert_id)
    show(run_id, found, case_evidence.currency_of(run_id))


def _evidence(run_id: str, alert: AlertDetail, currency: str | None) -> None:
    evidence.facts(case_evidence.facts_of(alert, currency))
    case_evidence.show_evidence(run_id, alert, currency)
