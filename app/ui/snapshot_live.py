"""The live view beside a snapshot: the same view in a run of today, and what differs."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui import cache, evidence, explorer_scene, ledger_wait, messages
from app.ui import format as fmt
from app.ui.explorer_graph import explorer_graph
from app.ui.explorer_link import params_of
from app.ui.ring_graph import ignore
from app.ui.state import page_path
from engine.errors import EngineError
from engine.explorer import scene
from engine.explorer.counterpart import Counterpart, counterpart
from engine.explorer.difference import Difference, compare
from engine.explorer.picture import with_role_names
from engine.explorer.snapshot import Frozen
from engine.query import runs

GRAPH = "snapshot_live_graph"


def run_choice(frozen: Frozen) -> str | None:
    """Offer the finished runs of the same input, the newest first; ``None`` where none is left."""
    listed = runs.list_runs(cache.lake())
    same = listed[(listed["state"] == "done") & (listed["input"] == frozen.origin.input_name)]
    found = [str(run_id) for run_id in same.sort_values("started", ascending=False)["run_id"]]
    if not found:
        st.caption(
            f"No run of {evidence.escape(frozen.origin.input_name)} is left to compare with. The "
            "snapshot is whole without it."
        )
        return None
    return st.selectbox(
        "Live view of run", found, key="snapshot_live_run", label_visibility="collapsed",
        format_func=lambda run_id: f"Live: run {run_id}"
        + (", the one that was frozen" if run_id == frozen.origin.run_id else ""),
    )  # fmt: skip


def show_live(frozen: Frozen, run_id: str, height: int) -> Difference | None:
    """Draw a snapshot's view in a run, and return what differs."""
    try:
        return _draw(frozen, run_id, height)
    except EngineError as error:
        messages.engine_error(error)
        return None


def _draw(frozen: Frozen, run_id: str, height: int) -> Difference:
    cache.fetch_run(run_id)
    ledger_wait.make_ready(run_id)
    moved = _counterpart(frozen, run_id)
    view = replace(moved.view, as_of=frozen.view.as_of)
    drawn = cache.query(scene, run_id, replace(view, as_of=None, selected=None))
    explorer_graph(
        drawn,
        view,
        key=GRAPH,
        name=f"{run_id} {view.start}",
        currency=frozen.origin.currency,
        height=height,
        on_act=ignore,
    )
    words = _words(frozen, moved, run_id)
    if words:
        st.caption(words)
    st.page_link(
        page_path("explorer"), label="Explore the live view", icon=":material/travel_explore:",
        query_params=params_of(run_id, view), width="content",
    )  # fmt: skip
    now = explorer_scene.as_of(run_id, view, drawn)
    return compare(with_role_names(frozen.as_of(view.as_of)), with_role_names(now))


def _counterpart(frozen: Frozen, run_id: str) -> Counterpart:
    started = str(cache.manifest(run_id)["started"])
    if (run_id, started) == (frozen.origin.run_id, frozen.origin.started):
        return Counterpart(frozen.view, None, 0)
    nodes = frozen.scene.nodes
    members = tuple(str(account) for account in nodes.loc[nodes["in_ring"], "account"])
    return cache.query(counterpart, run_id, frozen.view, members or frozen.view.start.accounts)


def _words(frozen: Frozen, moved: Counterpart, run_id: str) -> str:
    """Say how the run's view comes to be the same one."""
    words = []
    if frozen.view.start.ring_id is not None and moved.view.start.ring_id is None:
        words.append(f"Run {run_id} finds no such ring; its accounts are drawn by themselves.")
    elif moved.view.start.ring_id is not None and moved.jaccard is not None:
        same = fmt.share(moved.jaccard, decimals=0)
        words.append(f"Ring {moved.view.start.ring_id} has {same} of the accounts in common.")
    if moved.unknown:
        words.append(f"{fmt.count(moved.unknown)} accounts are not in the run.")
    return evidence.escape(" ".join(words))
