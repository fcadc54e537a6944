"""Overview: key figures, trend, typologies, riskiest accounts, and the model of the run in view."""

from __future__ import annotations

import streamlit as st

from app.ui import account_link, cache, charts, evidence, format, messages, state, theme
from app.ui.chart_card import card, show_chart
from app.ui.model_card import model_card
from app.ui.typologies import run_role
from engine.query import overview

st.title("Overview")
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()

run = cache.manifest(run_id)
dark = theme.is_dark()
figures = cache.query(overview.key_figures, run_id)
money = figures.currency

labels = (
    "no labels"
    if figures.fraud_share is None
    else f"{format.share(figures.fraud_share, decimals=2)} labelled fraud"
)
st.caption(
    f"{evidence.escape(run['input']['name'])} · schema {run['schema']} · "
    f"{format.date(figures.first)} to {format.date(figures.last)} · "
    f"{format.count(run['input']['rejected'])} rows rejected · "
    f"{labels} · finished {format.moment(run.get('finished'))}"
)
if not run["has_accounts"]:
    messages.no_accounts(run["input"]["name"])

with st.container(horizontal=True, gap="small"):
    for label, value, help_text in (
        ("Transactions", format.count(figures.transactions), None),
        ("Amount", format.compact_amount(figures.amount, money), "Sum over all transactions."),
        ("Accounts", format.count(figures.accounts), None),
        (
            "Rings",
            format.count(figures.rings),
            "Accounts with the transactions that prove them; those over the threshold are alerts.",
        ),
        (
            "Alerts",
            format.count(figures.alerts),
            "Rings over the threshold, and single transactions.",
        ),
        (
            "In alerts",
            format.compact_amount(figures.alerted_amount, money),
            "Amount of the alerted transactions; one in several alerts counts once.",
        ),
    ):
        st.metric(label, value, help=help_text, border=True, width="stretch")

trend, rings = st.columns([3, 2], gap="small")
with card(trend, "Amounts and alerts over time"):
    timeline = cache.query(overview.over_time, run_id)
    show_chart(
        charts.over_time(timeline.points, timeline.bucket, money, dark=dark),
        height="stretch",
        key="overview_trend",
        alt=f"Amount moved and alerts per {timeline.bucket}",
    )
with card(rings, "Ring alerts by typology"):
    found = cache.query(overview.typologies, run_id)
    if found.empty:
        st.caption("No ring of this run reached the alert threshold.")
    else:
        show_chart(
            charts.typologies(found, money, dark=dark),
            key="overview_typologies",
            alt="Number of alerts by typology",
        )
        with st.container(horizontal=True, gap="xsmall"):
            for name in found["typology"]:
                st.page_link(
                    state.page_path("alerts"),
                    label=format.typology(name),
                    icon=":material/arrow_forward:",
                    help=f"The {format.typology(name)} alerts",
                    query_params={"run": run_id, state.ALERTS_TYPOLOGY: name},
                    width="content",
                )
    st.caption(
        f"{format.count(figures.lone_alerts)} alerts are single transactions without a ring."
    )

by_type = cache.query(overview.by_type, run_id)
risk = st.container()
if len(by_type) > 1:
    types, risk = st.columns(2, gap="small")
    with card(types, "Amount by transaction type"):
        show_chart(
            charts.by_type(by_type, money, dark=dark),
            key="overview_types",
            alt="Amount by transaction type",
        )
with card(risk, "Transactions by final risk"):
    show_chart(
        charts.risk_histogram(cache.query(overview.risk_histogram, run_id), dark=dark),
        key="overview_risk",
        alt="Number of transactions by final risk, logarithmic scale",
    )

model = st.container()
if run["has_accounts"]:
    accounts, model = st.columns([3, 2], gap="small")
    with card(accounts, "Riskiest accounts"):
        riskiest = cache.query(overview.top_accounts, run_id)
        picked = st.dataframe(
            riskiest.assign(role=[run_role(str(role)) for role in riskiest["role"]]),
            hide_index=True,
            column_config={
                "account": "Account",
                "role": "Role",
                "risk": st.column_config.ProgressColumn(
                    "Risk", min_value=0, max_value=1, format="%.3f", width=100
                ),
                "rings": "Rings",
                "in_amount": st.column_config.NumberColumn("Received", format="accounting"),
                "out_amount": st.column_config.NumberColumn("Sent", format="accounting"),
                "transactions": st.column_config.NumberColumn("Transactions", format="localized"),
            },
            key="overview_accounts",
            alt="The ten riskiest accounts",
            on_select="rerun",
            selection_mode="single-row",
        )
        rows = picked["selection"]["rows"]
        if rows:
            account_link.to_account(run_id, str(riskiest["account"].iloc[rows[0]]))
        else:
            st.caption("Pick an account to open its page.")
with card(model, "Model and run"):
    model_card(run, is_labelled=figures.fraud_share is not None, dark=dark)
    st.page_link(
        state.page_path("model"),
        label="How far the scores can be trusted",
        icon=":material/query_stats:",
        query_params={"run": run_id},
        width="content",
    )
