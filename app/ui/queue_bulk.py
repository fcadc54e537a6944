"""One action on all ticked alerts: a bar that is there only while something is ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.ui import alert_grid, case_act, desk, queue_words, report_batch
from app.ui.case_wait import SNOOZES
from app.ui.evidence import escape, safe, sentence
from engine.errors import EngineError
from engine.workbench import bulk_actions, clock
from engine.workbench.bulk_actions import BULK_DISPOSITIONS, BulkAction, BulkResult
from engine.workbench.dispositions import DISPOSITIONS, MAX_COMMENT
from engine.workbench.names import alert_name

#: What the last action came to, until it is put away.
_RESULT = "bulk_result"
_ENDS = tuple(name for name in BULK_DISPOSITIONS if name != "duplicate")
#: Refusals that are named one by one.
_MOST_NAMED = 12


def show_bar(ticked: Sequence[int], grid: str, workers: Mapping[str, str]) -> None:
    """Draw the bar for the ticked alerts, and what the last action came to.

    Parameters
    ----------
    ticked
        Ids of the alerts.
    grid
        Key of the grid, whose ticks go when the action is done.
    workers
        Names of those whom an alert can be assigned to, by login.
    """
    _show_result()
    if not ticked or not desk.may("work"):
        report_batch.show_ready()
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="queue_bulk"):
        st.markdown(f"**{len(ticked)} ticked**", width="content")
        st.button(
            "Take", key="bulk_mine", help="Assign them to me", on_click=_do,
            args=(ticked, grid, "assign"), kwargs={"login": desk.actor().login},
        )  # fmt: skip
        if desk.may("assign_others"):
            with st.popover("Assign"):
                _assign(ticked, grid, workers)
            with st.popover("Priority"):
                _prioritise(ticked, grid)
        with st.popover("Snooze"):
            _snooze(ticked, grid)
        with st.popover("Close"):
            _close(ticked, grid)
        if desk.may("export"):
            report_batch.show_popover(ticked)


def _assign(ticked: Sequence[int], grid: str, workers: Mapping[str, str]) -> None:
    login = st.selectbox(
        "To", [*workers], format_func=lambda one: workers[one], key="bulk_login", width=240
    )
    st.button(
        "Assign", type="primary", key="bulk_assign", on_click=_do,
        args=(ticked, grid, "assign"), kwargs={"login": login}, disabled=login is None,
    )  # fmt: skip
    st.button(
        "Back to the queue", key="bulk_free", on_click=_do, args=(ticked, grid, "assign"),
        kwargs={"login": None}, help="Nobody has them then",
    )  # fmt: skip


def _prioritise(ticked: Sequence[int], grid: str) -> None:
    for number in queue_words.PRIORITIES:
        st.button(
            queue_words.priority(number), key=f"bulk_priority_{number}", width="stretch",
            on_click=_do, args=(ticked, grid, "set_priority"), kwargs={"priority": number},
        )  # fmt: skip


def _snooze(ticked: Sequence[int], grid: str) -> None:
    choice = st.segmented_control(
        "Put them off for", list(SNOOZES), default="1 day", required=True, key="bulk_for"
    )
    st.button(
        "Snooze", type="primary", key="bulk_snooze", on_click=_put_off,
        args=(ticked, grid, choice or "1 day"),
    )  # fmt: skip


def _close(ticked: Sequence[int], grid: str) -> None:
    name = st.segmented_control(
        "As", list(_ENDS), format_func=queue_words.disposition, default=_ENDS[0], required=True,
        key="bulk_end",
    )  # fmt: skip
    chosen = DISPOSITIONS[name or _ENDS[0]]
    code = st.selectbox(
        "Reason", list(chosen.reasons), index=None, placeholder="Choose",
        format_func=lambda one: chosen.reasons[one], key=f"bulk_reason_{chosen.name}",
    )  # fmt: skip
    comment = st.text_area(
        "Comment", key="bulk_comment", height=68, max_chars=MAX_COMMENT,
        placeholder="Asked for where the reason is another one",
    )  # fmt: skip
    st.button(
        f"Close {len(ticked)} as {chosen.words.lower()}", type="primary", key="bulk_close",
        on_click=_do, args=(ticked, grid, "decide"), disabled=code is None,
        kwargs={"disposition": chosen.name, "reason_code": code, "comment": comment or ""},
    )  # fmt: skip
    st.caption("Other endings are decided one by one, with the evidence on the screen.")


def _put_off(ticked: Sequence[int], grid: str, choice: str) -> None:
    # A page may lie open for hours before the click.
    _do(ticked, grid, "snooze", until=clock.now() + SNOOZES[choice])


def _do(ticked: Sequence[int], grid: str, action: BulkAction, **arguments: Any) -> None:
    try:
        result = desk.write(bulk_actions.bulk, action, list(ticked), **arguments)
    except EngineError as error:
        st.session_state[_RESULT] = str(error)
        return
    st.session_state[_RESULT] = result
    alert_grid.clear_ticks(grid)
    case_act.forget_seen(result.done)


def _show_result() -> None:
    result: BulkResult | str | None = st.session_state.get(_RESULT)
    if result is None:
        return
    if isinstance(result, BulkResult) and not result.refused:
        del st.session_state[_RESULT]
        st.toast(f"Done with {len(result.done)}", icon=":material/check:")
        return
    with st.container(horizontal=True, vertical_alignment="top", key="bulk_answer"):
        text = sentence(result) if isinstance(result, str) else in_words(result)
        st.warning(text, icon=":material/rule:")
        st.button("", icon=":material/close:", key="bulk_away", on_click=_put_away, help="Put away")


def in_words(result: BulkResult) -> str:
    """Say what was done, and what was refused and why, as Markdown."""
    lines = [
        f"- {escape(alert_name(alert_id))}: {safe(why)}"
        for alert_id, why in list(result.refused.items())[:_MOST_NAMED]
    ]
    rest = len(result.refused) - len(lines)
    if rest > 0:
        lines.append(f"- and {rest} more")
    total = len(result.done) + len(result.refused)
    head = f"Done with {len(result.done)} of {total}; {len(result.refused)} refused:"
    return "\n".join([head, "", *lines])


def _put_away() -> None:
    st.session_state.pop(_RESULT, None)
