"""What the model of a run looks at."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, model_charts, theme
from app.ui import format as fmt
from app.ui.chart_card import card, show_chart
from engine.query.model_importance import importance, model_facts

_SHOWN = 15


def show_importance(run_id: str, *, sees_rings: bool) -> None:
    """Show the features by what they move, and by what the trees gained from them."""
    with st.spinner("Explaining a sample of the test rows"):
        found = cache.query(importance, run_id)
    if sees_rings:
        st.caption(
            "This is the model that sees earlier transactions only. The run's probabilities come "
            "from models that learned rings, which have no single list of features."
        )
    with card(st.container(), "What moves the score"):
        show_chart(
            model_charts.importance(
                found.features.head(_SHOWN), has_frauds=found.frauds > 0, dark=theme.is_dark()
            ),
            key="model_shap",
            alt="Mean contributions to the log-odds by feature",
        )
        on_frauds = (
            f"; on the right over {fmt.count(found.frauds)} frauds among the test rows"
            if found.frauds
            else ". Without labels there is no telling what marks fraud"
        )
        st.caption(
            f"TreeSHAP contributions to the calibrated log-odds, over {fmt.count(found.rows)} test "
            f"rows drawn at random (seed 7){on_frauds}. 0.69 doubles the odds."
        )
    with card(st.container(), "All features"):
        st.dataframe(
            found.features,
            hide_index=True,
            row_height=28,
            height=320,
            placeholder="–",
            key="model_features",
            alt="All features with gain and contributions",
            column_order=["words", "shap", "fraud_shap", "with_value", "gain", "feature"],
            column_config={
                "words": st.column_config.TextColumn("Feature", width=270),
                "shap": st.column_config.NumberColumn("Mean size", format="%.3f"),
                "fraud_shap": st.column_config.NumberColumn("On frauds", format="%+.3f"),
                "with_value": st.column_config.NumberColumn(
                    "With the value", format="%+.2f",
                    help="Rank correlation of value and contribution: +1 is the higher, the "
                    "riskier.",
                ),
                "gain": st.column_config.NumberColumn(
                    "Gain", format="percent",
                    help="Share of the training loss that splits on it took away.",
                ),
                "feature": "Name",
            },
        )  # fmt: skip


_BALANCES = {"none": "no balances", "before": "balances before the transaction",
             "all": "balances before and after the transaction"}  # fmt: skip


def show_making(run_id: str) -> None:
    """Say how the run's transaction model was made, where it has one."""
    facts = cache.query(model_facts, run_id)
    if facts is None:
        return
    rows, frauds, of = (fmt.count(one) for one in (facts.rows, facts.positives, facts.train_rows))
    reads = _BALANCES.get(str(facts.balances), "unknown balances")
    st.caption(
        f"Gradient boosting (XGBoost), {fmt.count(facts.trees)} trees over "
        f"{fmt.count(facts.features)} features of earlier transactions and {reads}; trained on "
        f"{rows} rows, {frauds} of them fraud, of the first {of} (all frauds, and a weighted "
        f"sample of the rest). Calibrated by Platt: slope {facts.slope:.3g}, offset "
        f"{facts.offset:.3g}."
    )
