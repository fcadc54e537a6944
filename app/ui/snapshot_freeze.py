"""Freezing what the explorer shows, and the snapshots there are of the run in view."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st

from app.ui import cache, case_act, desk, messages, pseudonyms, snapshot_list, state
from engine.errors import EngineError, InputError
from engine.explorer import scene, snapshot
from engine.explorer.as_of import sums_by
from engine.explorer.view import View
from engine.query import overview
from engine.workbench import case, snapshots
from engine.workbench.masked import masked_errors
from engine.workbench.names import alert_name
from engine.workbench.texts import MAX_COMMENT

_ALERT = re.compile(r"\s*(?:AL-)?(\d{1,18})\s*", re.IGNORECASE | re.ASCII)
#: How a run names an alert.
_RUN_ALERT = re.compile(r"\s*(A\d{1,18})\s*", re.IGNORECASE | re.ASCII)
_COMMENT = "snapshot_comment"
_FROZEN = "snapshot_frozen"
_TROUBLE = "snapshot_trouble"


def freeze_popover(run_id: str, view: View) -> None:
    """Offer to freeze the view: kept with an alert, or with none."""
    if not desk.may("work"):
        return
    alert_id = _alert_of(run_id, view)
    key = f"snapshot_alert_{run_id}_{view.start.ring_id}_{alert_id}"
    with st.popover("Freeze", icon=":material/ac_unit:", key="snapshot_freeze"):
        st.caption("Keeps what is drawn as it is now, with its hash: no later run changes it.")
        st.text_input(
            "Keep it with alert", alert_name(alert_id) if alert_id else "", key=key,
            placeholder="AL-12; leave empty for none",
        )  # fmt: skip
        st.text_area("What it shows", key=_COMMENT, height=80, max_chars=MAX_COMMENT)
        st.button(
            "Freeze this view", type="primary", key="snapshot_keep", on_click=_freeze,
            args=(run_id, view, key),
        )  # fmt: skip
        trouble = st.session_state.pop(_TROUBLE, None)
        if trouble is not None:
            messages.refusal(trouble)


def list_popover(run_id: str) -> None:
    """List the snapshots of views of the run."""
    lines = desk.read(snapshots.of_run, run_id)
    with st.popover(f"Snapshots {len(lines)}", icon=":material/photo_library:",
                    key="snapshot_list", disabled=not lines):  # fmt: skip
        snapshot_list.show_lines(lines)


def show_outcome() -> None:
    """Say once what became of freezing, with the way to the snapshot."""
    kept = st.session_state.pop(_FROZEN, None)
    if kept is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(":material/check: Frozen and kept.", width="content")
            snapshot_list.open_link(kept, f"Open snapshot {kept}")


def _alert_of(run_id: str, view: View) -> int | None:
    """Return the alert that the view is about: its ring's, else the one that is open."""
    if view.start.ring_id is not None:
        return desk.read(snapshots.alert_of_ring, run_id, view.start.ring_id)
    named = _ALERT.fullmatch(state.read("alert") or "")
    return int(named[1]) if named else None


def _freeze(run_id: str, view: View, key: str) -> None:
    try:
        kept_with = _named(run_id, st.session_state[key])
        comment = st.session_state[_COMMENT] or ""
        kept = desk.write(snapshots.freeze, kept_with, _content(run_id, view), comment)
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)
        return
    if kept_with is not None and kept.version is not None:
        case_act.see_own_change(kept_with, kept.version)
    st.session_state[_FROZEN] = kept.snapshot_id
    st.session_state[_COMMENT] = ""


def _named(run_id: str, text: str | None) -> int | None:
    if not (text or "").strip():
        return None
    of_run = _RUN_ALERT.fullmatch(text or "")
    if of_run is not None:
        return desk.read(case.resolve, run_id, of_run[1].upper())
    found = _ALERT.fullmatch(text or "")
    if found is None:
        raise InputError(f"{text!r} names no alert; write one such as AL-12, or nothing")
    return int(found[1])


def _content(run_id: str, view: View) -> str:
    """Draw the view anew with account ids as they are: what is kept never has pseudonyms."""
    by = desk.masker()
    asked = pseudonyms.asked(_selecting, (view, view.selected), {}, by, after=0)
    whole = _selecting(*asked.args)
    paths = cache.lake().run(run_id)
    with masked_errors(by, asked.accounts):
        drawn = scene(paths, replace(whole, as_of=None, selected=None))
        needs_sums = whole.as_of is not None and drawn.is_cut
        return snapshot.freeze(
            cache.manifest(run_id), whole, drawn, overview.currency(paths),
            sums_by(paths, whole) if needs_sums else None,
        )  # fmt: skip


def _selecting(view: View, account: str | None) -> View:
    return replace(view, selected=account)
