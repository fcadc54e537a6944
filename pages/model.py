"""Model: how well the scores of the run in view tell fraud from the rest, and why."""

from __future__ import annotations

import streamlit as st

from app.ui import (
    cache,
    messages,
    model_drift,
    model_importance,
    model_leaks,
    model_quality,
    model_slices,
    model_unlabelled,
    state,
    theme,
)
from app.ui.model_card import model_card
from engine.query import overview
from engine.query.model_rows import why_not_measured
from engine.query.runs import done_runs, list_runs

MEASURED = {
    "curves": "Curves",
    "threshold": "Threshold",
    "slices": "By type, amount, time",
}
LOOKS, DRIFT, LEAKS, CARD = "looks", "drift", "leaks", "card"

st.title("Model")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()
run = cache.manifest(run_id)
why = cache.query(why_not_measured, run_id)
has_model = cache.lake().run(run_id).model.exists()

sections = MEASURED if why is None else {"told": "What can be told"}
if has_model:
    sections = {**sections, LOOKS: "What it looks at"}
sections = {**sections, DRIFT: "Drift"}
if why is None:
    sections = {**sections, LEAKS: "Leaking columns"}
sections = {**sections, CARD: "Card"}
section = st.segmented_control(
    "Section",
    list(sections),
    default=next(iter(sections)),
    format_func=sections.__getitem__,
    key="section",
    bind="query-params",
    label_visibility="collapsed",
    required=True,
)
picked = section or next(iter(sections))
currency = cache.query(overview.currency, run_id)
sees_rings = run.get("metrics", {}).get("family") == "batch"
if picked in MEASURED:
    score = model_quality.pick_score(run_id, sees_rings=sees_rings)
    if picked == "curves":
        model_quality.show_curves(run_id, run, score)
    elif picked == "threshold":
        model_quality.show_threshold(run_id, score, currency)
    else:
        model_slices.show_slices(run_id, score, currency)
elif picked == LOOKS:
    model_importance.show_importance(run_id, sees_rings=sees_rings)
elif picked == DRIFT:
    others = [one for one in done_runs(list_runs(cache.lake())) if one != run_id]
    model_drift.show_drift(run_id, others)
elif picked == LEAKS:
    model_leaks.show_leaks(run_id)
elif picked == CARD:
    model_importance.show_making(run_id)
    model_card(run, is_labelled=why is None, dark=theme.is_dark())
elif why is not None:
    model_unlabelled.show_unlabelled(run_id, why)
