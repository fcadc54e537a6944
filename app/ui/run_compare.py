"""Two runs side by side: which they are, what changed in a line, and the parts of the answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, format, messages, state
from app.ui.compare_alerts import show_alerts, show_rings
from app.ui.compare_making import show_making
from app.ui.compare_scores import psi_in_words, show_scores
from engine.query.lineage import previous_run
from engine.query.run_comparison import NewAlerts, new_alerts
from engine.query.runs import done_runs
from engine.query.score_shift import ScoreShift, score_shift

_RUN, _AGAINST = "runs_compare_run", "runs_compare_against"


def show_comparison(runs: pd.DataFrame) -> None:
    """Let two done runs of :func:`engine.query.runs.list_runs` be picked, and compare them."""
    done = done_runs(runs)
    run_id = state.run_in_view()
    if run_id is None or len(done) < 2:
        messages.no_other_run()
        return
    against = _against(run_id, done)
    _pickers(run_id, against, runs.set_index("run_id").loc[done])
    state.write("against", against)
    run, other = cache.manifest(run_id), cache.manifest(against)
    same_bytes = run["input"]["sha256"] == other["input"]["sha256"]
    _kinship(same_bytes, run, other)
    gained = cache.compare(new_alerts, run_id, against)
    lost = cache.compare(new_alerts, against, run_id)
    shift = cache.compare(score_shift, run_id, against)
    _figures(run, other, gained, lost, shift)
    alerts, rings, scores, making = st.tabs(["Alerts", "Rings", "Scores", "Time and settings"])
    with alerts:
        show_alerts(gained, lost, run_id, against)
    with rings:
        show_rings(run_id, against, has_rings=run["has_accounts"] and other["has_accounts"])
    with scores:
        show_scores(shift, run, other, same_bytes=same_bytes)
    with making:
        show_making(run, other)


def _against(run_id: str, done: list[str]) -> str:
    """Return the run to compare with: as a link says, else the run before, else another one."""
    others = [name for name in done if name != run_id]
    wanted = state.read("against")
    if wanted in others:
        return str(wanted)
    asked = st.query_params.get("against")
    if asked is not None and asked != run_id:
        messages.unknown_run(asked, None)
    return previous_run(cache.lake(), run_id) or others[0]


def _pickers(run_id: str, against: str, runs: pd.DataFrame) -> None:
    def told(name: str) -> str:
        return f"{name} · {format.moment(runs.loc[name, 'started'])}"

    ids = [str(name) for name in runs.index]
    st.session_state[_RUN], st.session_state[_AGAINST] = run_id, against
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Run", ids, format_func=told, key=_RUN, on_change=_take_run)
        st.selectbox(
            "Against", [name for name in ids if name != run_id], format_func=told, key=_AGAINST,
            on_change=_take_against,
        )  # fmt: skip
        st.button(
            "Swap", icon=":material/swap_horiz:", key="runs_compare_swap",
            on_click=_swap, args=(run_id, against),
        )  # fmt: skip


def _take_run() -> None:
    picked = st.session_state[_RUN]
    if picked == state.read("against"):
        state.write("against", state.run_in_view())
    state.show_run(picked)


def _take_against() -> None:
    state.write("against", st.session_state[_AGAINST])


def _swap(run_id: str, against: str) -> None:
    state.show_run(against)
    state.write("against", run_id)


def _kinship(same_bytes: bool, run: dict[str, Any], other: dict[str, Any]) -> None:
    if same_bytes:
        st.caption(":material/check: Both runs read the very same file: rows are compared by id.")
    elif run["input"]["name"] == other["input"]["name"]:
        st.caption(
            ":material/info: The two runs read different files of the same name: rows are compared "
            "by sender, receiver, time, and amount."
        )
    else:
        st.warning(
            "The two runs read different inputs. What is new or gone may be so because other "
            "transactions were read.",
            icon=":material/warning:",
        )


def _figures(
    run: dict[str, Any],
    other: dict[str, Any],
    gained: NewAlerts,
    lost: NewAlerts,
    shift: ScoreShift,
) -> None:
    counts, before = run["counts"], other["counts"]
    with st.container(horizontal=True, gap="small"):
        for label, value, delta, help_text in (
            ("Alerts", counts.get("alerts"), before.get("alerts"), None),
            ("Rings", counts.get("rings"), before.get("rings"), None),
            ("Gained", len(gained.alerts), None, "Alerts that the other run has not."),
            ("Lost", len(lost.alerts), None, "Alerts that only the other run has."),
            ("Kept", gained.kept, None, "Alerts that both runs have."),
        ):
            st.metric(
                label, format.count(value), border=True, width="stretch", height="stretch",
                help=help_text,
                delta=None if delta is None or value is None else format.count(value - delta),
                delta_color="off", delta_description="vs the other" if delta is not None else None,
            )  # fmt: skip
        st.metric(
            "PSI", f"{shift.psi:.3f}", border=True, width="stretch", height="stretch",
            help=psi_in_words(shift.psi),
        )  # fmt: skip
