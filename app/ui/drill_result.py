"""A drill on its page: at work, or what it caught, by typology and ring by ring."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import account_ids, cache, desk, evidence, format, messages
from app.ui.drill_order import order_in_words, typology
from app.ui.drill_ring import outcome, show_ring, why_in_short
from app.ui.job_panel import STAGE_TEXT
from engine.drill import work
from engine.drill.work import Drill
from engine.errors import EngineError
from engine.jobs import cancel_run
from engine.workbench.drill_orders import order_drill

_POLL_SECONDS = 1.0

#: How a drill without a result ended.
_ENDS = {
    "new": "The drill was not started yet",
    "failed": "The drill failed",
    "cancelled": "The drill was cancelled",
    "interrupted": "The drill was interrupted",
    "done": "The drill was searched, but not judged",
}


def choose_drill(drills: list[Drill]) -> Drill:
    """Draw the choice among drills, at least one; the address names the one in view."""
    by_id = {drill.drill_id: drill for drill in drills}
    wanted = st.query_params.get("drill") or st.session_state.get("drill_in_view")
    if wanted not in by_id:
        wanted = drills[0].drill_id
    st.session_state["drill_picked"] = wanted
    st.selectbox(
        "Drill", list(by_id), format_func=lambda name: _name(by_id[name]), key="drill_picked",
        width=520, on_change=lambda: _put_in_view(st.session_state["drill_picked"]),
    )  # fmt: skip
    _put_in_view(wanted)
    return by_id[wanted]


def _put_in_view(drill_id: str) -> None:
    st.session_state["drill_in_view"] = drill_id
    st.query_params["drill"] = drill_id


def show_drill(drill: Drill) -> None:
    """Show a drill where it is; one at work refreshes itself every second."""
    st.caption(
        f"Into a copy of {evidence.escape(drill.order.source)}: "
        f"{evidence.escape(order_in_words(drill.order))}. None of it is in the queue, nor in the "
        "list of runs."
    )
    if drill.is_active:
        st.fragment(_at_work, run_every=_POLL_SECONDS)(drill.drill_id)
    elif drill.result is not None:
        _result(drill, drill.result)
    else:
        _not_done(drill)
    if not drill.is_active:
        _delete_button(drill)


def _name(drill: Drill) -> str:
    result = drill.result
    if drill.is_active:
        told = "at work"
    elif result is not None:
        told = f"{result['found']} of {result['judged']} found"
    else:
        told = "not done"
    return f"{format.moment(drill.begun)} · {drill.order.source} · {told}"


def _at_work(drill_id: str) -> None:
    drill = work.read_drill(cache.lake(), drill_id)
    if not drill.is_active or drill.state is None:
        st.rerun()
    now = drill.state
    text, button = st.columns([5, 1], vertical_alignment="center")
    stage = "Judging" if now.state == "done" else STAGE_TEXT.get(now.stage, now.stage)
    text.markdown(f"**{stage}** · `{drill_id}`")
    if desk.may("run") and button.button(
        "Cancel", icon=":material/stop_circle:", key="drill_cancel", width="stretch"
    ):
        try:
            desk.write(order_drill, "cancel", drill_id)
            cancel_run(work.drill_paths(cache.lake(), drill_id))
        except EngineError as error:
            messages.engine_error(error)
        else:
            st.rerun()
    st.progress(now.share, text=f"{now.share:.0%} · {format.duration(now.elapsed)} · {now.message}")
    st.caption("It goes on when you leave or close this page.")


def _not_done(drill: Drill) -> None:
    state = drill.state.state if drill.state is not None else "new"
    st.markdown(f":orange[:material/warning:] **{_ENDS.get(state, 'The drill did not end')}**")
    if drill.state is not None and drill.state.error:
        st.code(account_ids.quoting(drill.state.error), language=None, wrap_lines=True)
    if desk.may("run") and st.button(
        "Start again", icon=":material/play_arrow:", key="drill_again"
    ):
        try:
            desk.write(order_drill, "start", drill.drill_id, drill.order.to_dict())
            work.start(cache.lake(), drill.drill_id)
        except EngineError as error:
            messages.engine_error(error)
        else:
            st.rerun()


def _result(drill: Drill, result: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="small"):
        low, high = result["interval"] or (None, None)
        for label, value, text in (
            ("Planted", format.count(result["planted"]), None),
            ("Judged", format.count(result["judged"]), f"Of {result['judged_on']}"),
            (
                "Found",
                format.count(result["found"]),
                "An alerted ring shares half of all accounts of both, or more (Jaccard 0.5)",
            ),
            (
                "Recall",
                format.share(result["recall"], decimals=0),
                "Found of judged"
                + (
                    f"; 95 % interval {format.share(low, decimals=0)} to "
                    f"{format.share(high, decimals=0)}"
                    if low is not None
                    else ""
                ),
            ),
            (
                "Alerts in the copy",
                format.count(result["alerts"]),
                "Those of your own data too: a rank is among all of them",
            ),
        ):
            st.metric(label, value, help=text, border=True, width="stretch")  # fmt: skip
    rings = _rings(drill, result)
    with st.container(horizontal=True, gap="small", key="drill_split"):
        left, right = st.container(width=350), st.container(width="stretch")
    with left:
        st.markdown("##### By typology")
        _by_typology(result)
    with right:
        st.markdown("##### Ring by ring")
        picked = _ring_table(drill, rings)
    if picked is not None:
        show_ring(drill, rings[picked])
    else:
        st.caption("Pick a ring to see its transfers, and the ring that was found, as a picture.")
    for note in result["notes"]:
        st.caption(f":material/info: {evidence.sentence(str(note))}")


def _rings(drill: Drill, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the planted rings as they may be shown, those that were missed first."""
    paths = work.drill_paths(cache.lake(), drill.drill_id)
    found: list[dict[str, Any]] = account_ids.masked(paths, result["rings"], desk.masker())
    return sorted(found, key=lambda ring: (ring["is_found"], not ring["is_judged"]))


def _by_typology(result: dict[str, Any]) -> None:
    table = pd.DataFrame(
        [
            {"typology": typology(name), "found": figures["found"], "judged": figures["judged"],
             "recall": None if figures["recall"] is None else 100 * figures["recall"]}
            for name, figures in result["by_typology"].items()
        ]
    ).astype({"recall": "Float64"})  # fmt: skip
    st.dataframe(
        table, hide_index=True, row_height=30, key="drill_typologies", placeholder="–",
        alt="Planted rings found, by typology",
        column_config={
            "typology": st.column_config.TextColumn("Typology", width=110),
            "found": st.column_config.NumberColumn("Found", width=55),
            "judged": st.column_config.NumberColumn("Of", width=45),
            "recall": st.column_config.ProgressColumn(
                "Recall", min_value=0, max_value=100, format="%.0f %%", width=90
            ),
        },
    )  # fmt: skip


def _ring_table(drill: Drill, rings: list[dict[str, Any]]) -> int | None:
    shown = pd.DataFrame(
        {
            "outcome": [outcome(ring) for ring in rings],
            "typology": [typology(ring["typology"]) for ring in rings],
            "accounts": [ring["n_accounts"] for ring in rings],
            "rank": pd.array([ring["rank"] for ring in rings], dtype="Int64"),
            "score": pd.array([ring["score"] for ring in rings], dtype="Float64"),
            "overlap": [ring["overlap"] for ring in rings],
            "why": [why_in_short(ring) for ring in rings],
        }
    )
    event: Any = st.dataframe(
        shown, hide_index=True, row_height=30, key=f"drill_rings_{drill.drill_id}",
        placeholder="–", on_select="rerun", selection_mode="single-row",
        height=30 * (min(len(rings), 10) + 1) + 6,
        alt="Each planted ring: whether it was found, its rank and score, why it was missed",
        column_config={
            "outcome": st.column_config.TextColumn("", width=75),
            "typology": st.column_config.TextColumn("Typology", width=110),
            "accounts": st.column_config.NumberColumn("Accounts", width=70),
            "rank": st.column_config.NumberColumn(
                "Rank", width=55, help="Place of its alert among all alerts of the copy"
            ),
            "score": st.column_config.NumberColumn("Score", format="%.2f", width=55),
            "overlap": st.column_config.NumberColumn(
                "Overlap", format="%.2f", width=65,
                help="Accounts in common, of all accounts of both",
            ),
            "why": st.column_config.TextColumn("Why", width=230),
        },
    )  # fmt: skip
    rows = event["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(rings) else None


def _delete_button(drill: Drill) -> None:
    if not desk.may("run"):
        return
    size = format.file_size(work.size_on_disk(cache.lake(), drill.drill_id))
    with (
        st.popover("Delete", icon=":material/delete:"),
        st.container(),
    ):
        st.markdown(f"Delete the drill and its copy of the data ({size})?")
        if st.button("Delete the drill", type="primary", key="drill_delete"):
            try:
                desk.write(order_drill, "delete", drill.drill_id)
                work.delete(cache.lake(), drill.drill_id)
            except EngineError as error:
                messages.engine_error(error)
            else:
                st.session_state.pop("drill_in_view", None)
                st.query_params.pop("drill", None)
                st.rerun()
