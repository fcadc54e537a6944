"""What is tried on the threshold bench: the team's time and the thresholds, each in a form."""

from __future__ import annotations

from dataclasses import asdict, fields

import streamlit as st

from app.ui import cache, format
from engine.query.threshold_alerts import Thresholds, lone_by_model, no_lone
from engine.query.threshold_curve import Team, suggest

#: Session keys: what is tried, until something else is.
_TRIED, _TEAM = "bench_tried", "bench_team"


def tried(now: Thresholds) -> Thresholds:
    """Return the thresholds that are tried; at first those in force."""
    found: Thresholds = st.session_state.get(_TRIED, now)
    return found


def put(thresholds: Thresholds) -> None:
    """Try thresholds, from a callback."""
    st.session_state[_TRIED] = thresholds
    for name, value in asdict(thresholds).items():
        st.session_state[f"bench_{name}"] = 100 * value if name == "lone_share" else value


def choose_team() -> Team:
    """Draw how much time the team has; return it."""
    known: Team = st.session_state.get(_TEAM, Team())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        analysts = st.number_input(
            "Analysts", 1, 1000, known.analysts, key="bench_analysts", width=110
        )
        hours = st.number_input(
            "Hours a day each", 0.5, 24.0, known.hours, 0.5, format="%.1f", key="bench_hours",
            width=130,
        )  # fmt: skip
        minutes = st.number_input(
            "Minutes an alert", 1.0, 600.0, known.minutes, 5.0, format="%.0f",
            key="bench_minutes", width=130,
        )  # fmt: skip
        team = Team(int(analysts), float(hours), float(minutes))
        with st.container(width="content", gap=None):
            st.caption("The team works")
            st.markdown(f"**{format.count(team.a_day)} alerts a day**")
    st.session_state[_TEAM] = team
    return team


def choose_thresholds(run_id: str, now: Thresholds, team: Team) -> Thresholds:
    """Draw the thresholds to try; return those that were last asked for."""
    has_lone = not no_lone(cache.manifest(run_id))
    by_model = has_lone and cache.query(lone_by_model, run_id)
    has_share = has_lone and not by_model
    if "bench_ring_alert_threshold" not in st.session_state:
        put(tried(now))
    with st.form("bench_form", border=False):
        st.slider(
            "Rings are alerts from a score of", 0.0, 1.0, step=0.01,
            key="bench_ring_alert_threshold",
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.number_input(
                "Lone transactions, % of all", 0.001, 99.0, step=0.01, format="%.3f",
                key="bench_lone_share", width=190, disabled=not has_share,
                help="Without a model, the most unusual transactions: this share of all, but not "
                "fewer and not more than beside. With a model those over its threshold.",
            )  # fmt: skip
            st.number_input(
                "at least", 0, 1_000_000, key="bench_min_lone", width=110, disabled=not has_share
            )
            st.number_input(
                "at most", 0, 10_000_000, key="bench_max_lone", width=130, disabled=not has_lone
            )
        if not has_lone:
            st.caption("This run raises no alerts of lone transactions: only rings do.")
        if by_model:
            st.caption(
                "Lone alerts of this run are the transactions over its model's threshold: the "
                "share and the fewest change nothing, only *at most* does."
            )
        with st.container(horizontal=True):
            st.form_submit_button(
                "Show the effect", type="primary", key="bench_show", on_click=_try,
                args=(by_model,),
            )  # fmt: skip
            st.form_submit_button(
                "As many as we can work", key="bench_suggest", on_click=_fit,
                args=(run_id, team, now),
                help="The lowest ring threshold whose alerts the team has time for",
            )  # fmt: skip
            st.form_submit_button("As in force", key="bench_reset", on_click=put, args=(now,))
    if st.session_state.pop("bench_none_fits", False):
        st.warning(
            "Even the highest ring threshold leaves more alerts than the team has time for: lower "
            "how many lone transactions are alerts, or plan more time.",
            icon=":material/schedule:",
        )
    return tried(now)


def _try(by_model: bool) -> None:
    """Try what the form holds; the fewest, where it cannot be set, follows a lower most."""
    ring, share, fewest, most = (
        st.session_state[f"bench_{one.name}"] for one in fields(Thresholds)
    )
    fewest = min(fewest, most) if by_model else fewest
    put(Thresholds(round(float(ring), 4), round(float(share) / 100, 8), int(fewest), int(most)))


def _fit(run_id: str, team: Team, now: Thresholds) -> None:
    base = tried(now)
    found = cache.query(suggest, run_id, base, team)
    if found is None:
        st.session_state["bench_none_fits"] = True
        return
    put(Thresholds(found, base.lone_share, base.min_lone, base.max_lone))
