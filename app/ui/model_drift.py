"""Whether the model still sees what it learned from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui import cache, model_charts, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from app.ui.evidence import escape
from engine.query.model_drift import Drift, drift_between, drift_within
from engine.query.run_model import config_of
from engine.query.score_shift import PSI_BOUNDS

_WITHIN = ""
#: Means that differ by more than this share of the larger one are far apart.
_FAR = 1 / 3


def show_drift(run_id: str, others: Sequence[str]) -> None:
    """Show the stability of features and scores against the training rows or another run."""
    config = config_of(cache.manifest(run_id)).model
    first = f"The first {fmt.share(config.train, decimals=0)} of this run's rows, the training part"
    choices = [*([] if config.use else [_WITHIN]), *others]
    if not choices:
        st.info("There is no other run to compare with.", icon=":material/info:")
        return
    against = st.selectbox(
        "Compare with",
        choices,
        format_func=lambda one: one or first,
        key="model_against",
    )
    with st.spinner("Reading a sample of both sides"):
        if against == _WITHIN:
            found = cache.query(drift_within, run_id)
        else:
            found = cache.compare(drift_between, run_id, against)
    names = ("Test rows", "Training rows") if against == _WITHIN else (run_id, against)
    left, right = st.columns([11, 9], gap="small")
    with card(left, "Stability of features and scores"):
        picked = _table(found, key=f"model_drift_{run_id}_{against}")
    with card(right, "Distribution"):
        _distribution(found, picked, names)
    small, large = PSI_BOUNDS
    st.caption(
        "Population stability index over tenths of the other side: below "
        f"{small:.2f} no significant change, from {large:.2f} on a significant one (Siddiqi, "
        "Credit Risk Scorecards, 2006). On samples of "
        f"{fmt.count(found.rows)} and {fmt.count(found.baseline_rows)} rows."
        + (
            " Counts and sums of all earlier transactions grow with time by their nature, and a "
            "period of a few days has few weekdays."
            if against == _WITHIN
            else ""
        )
    )


def _table(found: Drift, key: str) -> str:
    """List features with their index; return the one that is selected."""
    small, large = PSI_BOUNDS
    shown = found.features.assign(
        change=[
            "significant" if psi >= large else "worth a look" if psi >= small else "stable"
            for psi in found.features["psi"]
        ]
    )
    event = st.dataframe(
        shown,
        hide_index=True,
        row_height=28,
        height=380,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        alt="Stability index of every score and feature; select one to see its distribution",
        column_order=["psi", "change", "words"],
        column_config={
            "words": st.column_config.TextColumn("Score or feature"),
            "psi": st.column_config.NumberColumn("Index", format="%.3f", width=58),
            "change": st.column_config.TextColumn("Distribution", width=96),
        },
    )
    rows = event["selection"]["rows"]
    return str(shown["feature"].iloc[rows[0] if rows else 0])


def _distribution(found: Drift, picked: str, names: tuple[str, str]) -> None:
    row = found.features[found.features["feature"] == picked].iloc[0]
    st.markdown(f"**{escape(str(row['words']))}** · index {fmt.score(row['psi'])}")
    show_chart(
        model_charts.shares_by_bin(
            found.bins[found.bins["feature"] == picked], *names, dark=theme.is_dark()
        ),
        key="model_drift_bins",
        alt=f"Distribution of {row['words']} on both sides",
    )
    means = means_in_words(row["mean"], row["baseline_mean"], row["psi"], names)
    st.caption(f"{means} Select a row of the table to see another one.")


def means_in_words(mean: float, baseline: float, psi: float, names: tuple[str, str]) -> str:
    """Say the means of both sides, and how a stable distribution may have two of them.

    ``names`` are those of the two sides, in the order of the means.
    """
    now, then = (escape(name) for name in names)
    told = f"Mean: {now} {mean:,.4g}, {then} {baseline:,.4g}."
    if psi < PSI_BOUNDS[0] and abs(mean - baseline) > _FAR * max(abs(baseline), abs(mean)):
        told += (
            " The distribution is stable all the same: the index counts how many rows lie in each "
            "bin, and a few rows with large values move a mean without moving it."
        )
    return told
