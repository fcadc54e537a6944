"""A snapshot on the explorer's page: what was frozen, its proof, and the live view beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st

from app.ui import (
    desk,
    evidence,
    explorer_words,
    export_menu,
    export_sheet,
    messages,
    snapshot_live,
    snapshot_tables,
    state,
)
from app.ui import format as fmt
from app.ui.explorer_graph import act, explorer_graph
from app.ui.written import show_text
from engine.errors import EngineError
from engine.explorer.view import View
from engine.plain_text import cut
from engine.workbench import snapshots
from engine.workbench.errors import NotFoundError
from engine.workbench.names import alert_name
from engine.workbench.snapshots import SnapshotRecord

GRAPH = "snapshot_graph"
_HEIGHT = 520
_NUMBER = re.compile(r"[0-9]{1,18}")
#: Of what an address names instead of a number.
_MOST_NAMED = 40
_ALONE, _BESIDE = "Frozen", "Beside the live view"


def in_view() -> str | None:
    """Return which snapshot the address names.

    The session keeps none: whoever comes back to the explorer finds it live.
    """
    return st.query_params.get("snapshot")


@st.fragment
def show_snapshot(named: str) -> None:
    """Show a snapshot, or say that there is none."""
    try:
        record = _read(named)
    except EngineError as error:
        messages.engine_error(error)
        _close_button("Go to the live explorer")
        return
    view = _view(record)
    _heading(record, view)
    _proof(record)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        how = st.segmented_control(
            "What to show", [_ALONE, _BESIDE], default=_ALONE, key="snapshot_how", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        run_id = snapshot_live.run_choice(record.frozen) if how == _BESIDE else None
    if run_id is not None:
        _show_both(record, view, run_id)
    elif how == _ALONE:
        _show_alone(record, view)


def _show_alone(record: SnapshotRecord, view: View) -> None:
    with st.container(key="explorer_split"):
        left, right = st.columns([5, 3], gap="medium")
    with left:
        _canvas(record, view, _ALONE)
    with right:
        snapshot_tables.show_tables(
            record.frozen.as_of(view.as_of), view, record.frozen.origin.currency,
            lambda account: _keep(record, replace(view, selected=account)),
        )  # fmt: skip


def _show_both(record: SnapshotRecord, view: View, run_id: str) -> None:
    with st.container(key="explorer_split"):
        left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**Frozen** {fmt.moment(record.line.at)}")
        _canvas(record, view, _BESIDE)
    with right:
        st.markdown(f"**Live** run {evidence.escape(run_id)}")
        differs = snapshot_live.show_live(record.frozen, run_id, _HEIGHT)
    if differs is not None:
        snapshot_tables.show_difference(differs, record.frozen.origin.currency)


def _read(named: str) -> SnapshotRecord:
    if not _NUMBER.fullmatch(named):
        shown = cut(named, _MOST_NAMED)
        raise NotFoundError(f"there is no snapshot {shown!r}; its name is a number")
    return desk.read(snapshots.read_snapshot, int(named))


def _heading(record: SnapshotRecord, view: View) -> None:
    line = record.line
    begun = explorer_words.start_words(record.frozen.view.start)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"#### Snapshot {line.snapshot_id} · {begun[:1].upper()}{begun[1:]}",
                    width="content")  # fmt: skip
        st.badge("Frozen", icon=":material/ac_unit:", color="blue")
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            if line.kept_with is not None:
                st.page_link(
                    state.page_path("alerts"), label=alert_name(line.kept_with),
                    icon=":material/notifications:", width="content",
                    query_params={"alert": alert_name(line.kept_with)},
                )  # fmt: skip
            shown = record.frozen.as_of(view.as_of)
            seen = replace(record, frozen=replace(record.frozen, view=view))
            sheet = export_sheet.frozen_sheet(seen, shown)
            export_menu.of_snapshot(line.snapshot_id, shown, sheet)
            _close_button("Close")
    told = [
        f"Run {evidence.escape(line.run_id)}",
        f"{fmt.moment(line.at)} by {evidence.escape(line.author.name)}",
        f"{fmt.count(line.n_accounts)} accounts, {fmt.count(line.n_edges)} links",
        *explorer_words.filter_words(view.filters, record.frozen.origin.currency),
    ]
    st.caption(" · ".join(told))
    if line.comment:
        show_text(line.comment)


def _proof(record: SnapshotRecord) -> None:
    """Say whether the content is the one of then, and what it was made of."""
    line, origin = record.line, record.frozen.origin
    if record.problems:
        st.error(
            f"This is not what was frozen: {evidence.escape('; '.join(record.problems))}. Ask who "
            "keeps the database.",
            icon=":material/gpp_bad:",
        )
    label = "Unchanged since it was frozen" if not record.problems else "Where it comes from"
    with st.expander(f"{label} · SHA-256 {line.sha256[:12]}…", icon=":material/verified_user:"):
        versions = ", ".join(f"{name} {one}" for name, one in sorted(origin.versions.items()))
        told = [
            ("SHA-256 of the content", line.sha256),
            ("Run", f"{origin.run_id}, started {origin.started}"),
            ("Input", f"{origin.input_name}, SHA-256 {origin.input_sha256}"),
            ("Detector's settings, SHA-256", origin.config_sha256),
            *((("Model, SHA-256", origin.model_sha256),) if origin.model_sha256 else ()),
            ("Engine", f"{origin.engine}; {versions}"),
        ]
        st.markdown("\n".join(f"- {name}: {evidence.escape(text)}" for name, text in told))


def _canvas(record: SnapshotRecord, view: View, how: str) -> None:
    explorer_graph(
        record.frozen.scene,
        view,
        key=GRAPH,
        name=f"snapshot {record.line.snapshot_id} {how}",
        currency=record.frozen.origin.currency,
        height=_HEIGHT,
        on_act=lambda: _take(record, view),
    )
    for note in record.frozen.as_of(view.as_of).notes:
        st.caption(f":material/info: {evidence.escape(note)}")


def _take(record: SnapshotRecord, view: View) -> None:
    """Do what was done on the canvas: a snapshot is looked at, and nothing in it expands."""
    done = act(GRAPH)
    if done is None:
        return
    if done.kind == "select":
        _keep(record, replace(view, selected=done.account))
    elif done.kind == "as_of":
        _keep(record, replace(view, as_of=done.moment))


def _view(record: SnapshotRecord) -> View:
    """Return the frozen view, with the account and the moment that are looked at now."""
    number, kept = st.session_state.get("snapshot_looked_at", (None, None))
    found: View = kept if number == record.line.snapshot_id else record.frozen.view
    return found


def _keep(record: SnapshotRecord, view: View) -> None:
    st.session_state["snapshot_looked_at"] = (record.line.snapshot_id, view)


def _close_button(label: str) -> None:
    if st.button(label, icon=":material/close:", type="tertiary", key="snapshot_close"):
        st.query_params.pop("snapshot", None)
        st.rerun()
