"""Proposals of thresholds: make one, look at those there are, approve, apply."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from app.ui import account_ids, desk, format, messages, threshold_choice
from app.ui.evidence import escape, safe
from app.ui.run_settings import in_words
from app.ui.written import show_text
from engine.errors import EngineError
from engine.query.threshold_alerts import Thresholds
from engine.workbench import thresholds
from engine.workbench.thresholds import Change

_TROUBLE, _SAID = "bench_trouble", "bench_said"

_STATES: dict[str, tuple[str, str, Any]] = {
    "proposed": ("Waits for approval", ":material/hourglass_top:", "orange"),
    "approved": ("Approved, not applied", ":material/verified:", "blue"),
    "applied": ("Applied", ":material/check_circle:", "green"),
    "rejected": ("Sent back", ":material/undo:", "gray"),
    "withdrawn": ("Withdrawn", ":material/undo:", "gray"),
}


def show_in_force(current: Change | None, now: Thresholds) -> None:
    """Say which thresholds runs started here are made with, and since when."""
    if current is None:
        st.caption(f"In force: the settings of the app, {in_words(now)}.")
        return
    st.caption(
        f"In force: **version {current.version}**, applied by "
        f"{escape(current.applied_by_name or '')} on {format.moment(current.applied_at)}. "
        f"{_sentence(now)}"
    )


def propose(now: Thresholds, tried: Thresholds, run_id: str, effect: dict[str, Any]) -> None:
    """Offer to propose what is tried."""
    _tell()
    if tried == now or not desk.may("work"):
        return
    with st.form("bench_propose", border=True):
        st.markdown("##### Propose these thresholds")
        st.caption(
            f"{_sentence(tried)} A second person approves; its effect on "
            f"`{run_id}` is kept with it."
        )
        if not effect["gained"] and not effect["lost"]:
            st.warning(
                "These thresholds raise the very same alerts on this run as those in force: the "
                "change would alter nothing here.",
                icon=":material/drag_handle:",
            )
        st.text_area("Why", key="bench_why", height=70, placeholder="What it is for, and the risk")
        st.form_submit_button(
            "Propose", type="primary", icon=":material/send:", key="bench_propose_do",
            on_click=_propose, args=(now, tried, run_id, effect),
        )  # fmt: skip


def list_changes(current: Change | None) -> None:
    """Show the versions, the latest first, with what may be done with each."""
    st.markdown("##### Versions")
    changes = desk.read(thresholds.list_changes)
    if not changes:
        st.caption("None yet: try other thresholds above, look at their effect, and propose them.")
        return
    for change in changes:
        is_current = current is not None and current.version == change.version
        with st.container(border=True, gap="xsmall", key=f"bench_version_{change.version}"):
            _show(change, is_current=is_current)


def _show(change: Change, *, is_current: bool) -> None:
    name, icon, colour = _STATES[change.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Version {change.version}**", width="content")
        st.badge("In force" if is_current else name, icon=icon, color=colour)
        if change.is_stale:
            st.badge("Others came in force since", icon=":material/history:", color="gray")
    st.markdown(f"{_sentence(change.thresholds)}  \n:gray[{_effect(change)}]")
    if account_ids.are_hidden():
        st.caption(
            ":material/visibility_off: The reason is hidden, as it may name accounts: "
            "*Show account ids* to read the reason."
        )
    else:
        show_text(change.comment)
    st.caption(_people(change))
    if change.status in ("proposed", "approved"):
        _buttons(change)


def _sentence(found: Thresholds) -> str:
    words = in_words(found)
    return f"{words[:1].upper()}{words[1:]}."


def _effect(change: Change) -> str:
    told = change.effect
    parts = [
        f"On {escape(change.run_id)}: {format.count(told.get('before'))} → "
        f"{format.count(told.get('after'))} alerts",
        f"{format.count(told.get('gained'))} gained, {format.count(told.get('lost'))} lost",
    ]
    true, low, high = (float("nan") if one is None else float(one)
                       for one in told.get("true") or (None,) * 3)  # fmt: skip
    if not math.isnan(true):
        parts.append(
            f"{format.count(round(true))} true expected ({format.count(round(low))}–"
            f"{format.count(round(high))})"
        )
    missed = (told.get("missed") or [None])[0]
    if missed is not None:
        parts.append(f"{format.compact_amount(missed)} missed".replace("$", "\\$"))
    return "; ".join(parts)


def _people(change: Change) -> str:
    said = [f"Proposed by {escape(change.proposed_by_name)}, {format.moment(change.proposed_at)}"]
    if change.reviewed_by_name is not None:
        did = "Sent back" if change.status == "rejected" else "Approved"
        because = f": “{safe(change.review_comment)}”" if change.review_comment else ""
        said.append(
            f"{did} by {escape(change.reviewed_by_name)}, "
            f"{format.moment(change.reviewed_at)}{because}"
        )
    if change.applied_by_name is not None:
        said.append(
            f"Applied by {escape(change.applied_by_name)}, {format.moment(change.applied_at)}"
        )
    return ". ".join(said)


def _buttons(change: Change) -> None:
    version, is_own = change.version, change.proposed_by == desk.actor().login
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "See its effect", icon=":material/visibility:", key=f"bench_see_{version}",
            on_click=threshold_choice.put, args=(change.thresholds,),
            help="On the run in view, above",
        )  # fmt: skip
        if change.status == "proposed" and desk.may("approve") and not is_own:
            st.button(
                "Approve", type="primary", icon=":material/verified:",
                key=f"bench_approve_{version}", on_click=_click,
                disabled=change.is_stale or account_ids.are_hidden(),
                help="Show account ids to read the reason" if account_ids.are_hidden() else None,
                args=(f"Version {version} is approved; it can be applied now",
                      thresholds.review, version), kwargs={"accept": True},
            )  # fmt: skip
            with st.popover("Send back", icon=":material/undo:"):
                st.text_area("Why it goes back", key=f"bench_why_back_{version}", height=70)
                st.button("Send back", key=f"bench_back_{version}", on_click=_send_back,
                          args=(version,))  # fmt: skip
        if change.status == "approved" and desk.may("work"):
            st.button(
                "Apply", type="primary", icon=":material/check:", key=f"bench_apply_{version}",
                disabled=change.is_stale, on_click=_apply, args=(change,),
                help="Runs started from the app are made with it from now on",
            )  # fmt: skip
        if is_own:
            st.button(
                "Withdraw", icon=":material/undo:", key=f"bench_withdraw_{version}",
                on_click=_click,
                args=(f"Version {version} is withdrawn", thresholds.withdraw_change, version),
            )  # fmt: skip
    if is_own and change.status == "proposed":
        st.caption("A second person has to approve it.")


def _propose(now: Thresholds, tried: Thresholds, run_id: str, effect: dict[str, Any]) -> None:
    why = st.session_state.get("bench_why") or ""
    if _do("Proposed: it waits for a second person", thresholds.propose, tried, now, run_id,
           effect, why):  # fmt: skip
        st.session_state["bench_why"] = ""
        threshold_choice.put(now)


def _send_back(version: int) -> None:
    why = st.session_state.get(f"bench_why_back_{version}") or ""
    _do(f"Version {version} is sent back", thresholds.review, version, accept=False, comment=why)


def _apply(change: Change) -> None:
    said = f"Version {change.version} is in force for runs started from now on"
    if _do(said, thresholds.apply, change.version):
        threshold_choice.put(change.thresholds)


def _click(said: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    _do(said, function, *args, **kwargs)


def _do(said: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Do something to a version in a callback; what came of it is told on the page."""
    try:
        desk.write(function, *args, **kwargs)
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)
        return False
    st.session_state[_SAID] = said
    return True


def _tell() -> None:
    trouble, said = st.session_state.pop(_TROUBLE, None), st.session_state.pop(_SAID, None)
    if trouble:
        messages.refusal(trouble)
    if said:
        st.toast(said)
