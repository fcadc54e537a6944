"""What columns that give the label away would do to the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, desk, messages
from app.ui import format as fmt
from app.ui.evidence import escape
from engine.errors import EngineError
from engine.evaluation.feature_sets import FEATURE_SETS, RULE
from engine.evaluation.leaks import read_comparison, why_not_compared
from engine.evaluation.leaks_job import ComparisonState, comparison_state, start_comparison

_POLL_SECONDS = 2.0
_DIGITS = 4
_FIGURES = {
    "ROC-AUC": "roc_auc",
    "PR-AUC": "average_precision",
    "Precision": "precision",
    "Recall": "recall",
}


def show_leaks(run_id: str) -> None:
    """Show the run's model with and without balances, or the way to get there."""
    st.markdown(
        "In some data a column tells the label by itself. PaySim's balances *after* a transaction "
        "are of that kind: a fraud is not booked, so its balances do not add up, and a model that "
        "reads them may look better than it would be where frauds are booked. No run reads them "
        "unless its settings say so; the comparison tells what they would do to this one."
    )
    paths = cache.lake().run(run_id)
    why = why_not_compared(paths)
    if why is not None:
        st.info(f"Nothing to compare in this run: {escape(why)}.", icon=":material/info:")
        return
    record = read_comparison(paths)
    if record is not None:
        _table(record)
        return
    active = comparison_state(paths).state == "running"
    st.fragment(_panel, run_every=_POLL_SECONDS if active else None)(run_id, active)


def _panel(run_id: str, was_active: bool) -> None:
    now = comparison_state(cache.lake().run(run_id))
    if now.state == "done" or (was_active and now.state != "running"):
        st.rerun()
    with st.container(border=True):
        if now.state == "running":
            st.markdown(":blue[:material/progress_activity:] **Training on each set of columns**")
            st.caption(f"{escape(now.message)}. It goes on when you leave this page.")
        else:
            _offer(run_id, now)


def _offer(run_id: str, now: ComparisonState) -> None:
    if now.state == "failed":
        st.error(f"It did not end: {escape(now.message)}", icon=":material/error:")
    st.markdown(
        "This run has not been compared yet. Three models are trained on all its training rows "
        "and judged on all its test rows; that takes about as long as its stage “scores”."
    )
    if desk.may("run") and st.button(
        "Compare the sets of columns", icon=":material/play_arrow:", key="model_compare_sets"
    ):
        try:
            start_comparison(cache.lake(), run_id)
        except EngineError as error:
            messages.engine_error(error)
        else:
            st.rerun()


def _table(record: dict[str, Any]) -> None:
    st.markdown(leaks_in_words(record["sets"]))
    st.table(
        pd.DataFrame(
            [
                {
                    "Columns read": name[:1].upper() + name[1:],
                    **{label: _written(told, key) for label, key in _FIGURES.items()},
                }
                for name, told in record["sets"].items()
            ]
        ).set_index("Columns read")
    )
    st.caption(
        f"Each model was trained as the run's own on the first {fmt.count(record['train_rows'])} "
        "rows (all frauds and a sample of the others), and all are measured on the same "
        f"{fmt.count(record['test_rows'])} test rows, {fmt.count(record['positives'])} of them "
        "fraud. The rule has no training: precision and recall are its figures."
    )


def leaks_in_words(sets: Mapping[str, Mapping[str, float | None]]) -> str:
    """Say what the balances do to the figures of one comparison.

    Figures are compared as they are written: with four digits. ``sets`` as
    :func:`engine.evaluation.leaks.read_comparison` has them.
    """
    none, before, after = (sets.get(FEATURE_SETS[use]) for use in ("none", "before", "all"))
    said = []
    if before is not None and after is not None:
        changed = _changes(before, after)
        said.append(
            f"**In this run, reading the balances after a transaction changes {changed}.**"
            if changed
            else "**In this run the balances after a transaction change nothing:** all four "
            "figures are those of the default, which reads the balances before it alone."
        )
    if none is not None and before is not None:
        changed = _changes(none, before)
        said.append(
            f"The balances before a transaction, which are known when it is made, change {changed}."
            if changed
            else "The balances before a transaction change none of them."
        )
    rule = sets.get(RULE)
    if rule is not None:
        said.append(
            "A rule of one line, that the amount equals the balance before, reaches a precision of "
            f"{_written(rule, 'precision')} and a recall of {_written(rule, 'recall')} by itself."
        )
    return " ".join(said)


def _changes(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> str:
    """List the figures that differ, e.g. ``the PR-AUC from 0.7210 to 0.9989``."""
    changed = [
        f"the {label if label.endswith('AUC') else label.lower()} from {was} to {now}"
        for label, was, now in (
            (label, _written(one, key), _written(other, key)) for label, key in _FIGURES.items()
        )
        if was != now
    ]
    return ", ".join(changed[:-1]) + " and " * (len(changed) > 1) + "".join(changed[-1:])


def _written(figures: Mapping[str, float | None], key: str) -> str:
    return fmt.score(figures.get(key), decimals=_DIGITS)
