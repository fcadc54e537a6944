"""Thresholds: how many alerts a day the team can work, what is missed, and a change proposed."""

from __future__ import annotations

import streamlit as st

from app.ui import (
    cache,
    desk,
    messages,
    run_settings,
    state,
    threshold_changes,
    threshold_choice,
    threshold_effect,
)
from app.ui.threshold_sample import show_sample
from engine.workbench import line_samples, thresholds
from engine.workbench.run_alerts import made

st.title("Thresholds")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()

current = desk.read(thresholds.in_force)
now = run_settings.current()
threshold_changes.show_in_force(current, now)
said = desk.read(line_samples.verdicts, run_id, made(cache.manifest(run_id)))

with st.container(horizontal=True, gap="medium", key="bench_split"):
    left, right = st.container(width="stretch"), st.container(width="stretch")
with left:
    st.markdown("##### Try")
    team = threshold_choice.choose_team()
    tried = threshold_choice.choose_thresholds(run_id, now, team)
with right:
    st.markdown("##### Effect on the run in view")
    effect = threshold_effect.measure(run_id, now, tried, team, said)
    threshold_effect.show_figures(run_id, now, effect, team)

threshold_effect.show_charts(run_id, now, tried, team, said)
threshold_effect.show_changes(run_id, effect, is_same=tried == now)
threshold_changes.propose(now, tried, run_id, threshold_effect.in_short(effect))
threshold_changes.list_changes(current)
show_sample(run_id, now)
