"""Overview: key figures, trend, typologies, riskiest accounts, and the model of the run in view."""

from __future__ import annotations

import streamlit as st

from app.ui import cache, charts, format, messages, state, theme
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

st.caption(
    f"{run['input']['name']} · schema {run['schema']} · {format.date(figures.first)} to "
    f"{format.date(figures.last)} · {format.count(run['input']['rejected'])} rows rejected · "
    f"finished {format.moment(run.get('finished'))}"
)
if not run["has_accounts"]:
    messages.no_accounts(run["input"]["name"])

with st.container(horizontal=True, gap="small"):
    for label, value, help_text in (
        ("Transactions", format.count(figures.transactions), None),
        ("Amount", format.compact_amount(figures.amount, money), "Sum over all transactions."),
        ("Accounts", format.count(figures.accounts), None),
        ("Rings", format.count(figures.rings), "Groups of accounts with their transactions."),
        ("Alerts", format.count(figures.alerts), "Rings over the threshold and lone transactions."),
        (
            "In alerts",
            format.compact_amount(figures.alerted_amount, money),
            "Amount of the alerted transactions; one in several alerts counts once.",
        ),
        ("Fraud", format.share(figures.fraud_share, decimals=2), "Share of labelled transactions."),
    ):
        st.metric(label, value, help=help_text, border=True, width="stretch")

trend, kinds = st.columns([3, 2], gap="small")
with trend.container(border=True, height="stretch"):
    timeline = cache.query(overview.over_time, run_id)
    st.markdown("##### Amounts and alerts over time")
    st.plotly_chart(
        charts.over_time(timeline.points, timeline.bucket, money, dark=dark),
        theme=None,
        config=charts.CONFIG,
        height="stretch",
        key="overview_trend",
        alt=f"Amount moved and alerts per {timeline.bucket}",
    )
with kinds.container(border=True, height="stretch"):
    found = cache.query(overview.typologies, run_id)
    st.markdown("##### Ring alerts by typology")
    if found.empty:
        st.caption("No ring of this run reached the alert threshold.")
    else:
        st.plotly_chart(
            charts.typologies(found, money, dark=dark),
            theme=None,
            config=charts.CONFIG,
            key="overview_typologies",
            alt="Number of alerts by typology",
        )
        st.caption("Review in Alerts:")
        with st.container(horizontal=True, gap="xsmall"):
            for name in found["typology"]:
                st.page_link(
                    state.page_path("alerts"),
                    label=format.typology(name),
                    query_params={"run": run_id, state.ALERTS_TYPOLOGY: name},
                    width="content",
                )
    st.caption(
        f"{format.count(figures.lone_alerts)} more alerts are single transactions without a ring."
    )

types, risk = st.columns(2, gap="small")
with types.container(border=True, height="stretch"):
    st.markdown("##### Amount by transaction type")
    st.plotly_chart(
        charts.by_type(cache.query(overview.by_type, run_id), money, dark=dark),
        theme=None,
        config=charts.CONFIG,
        key="overview_types",
        alt="Amount by transaction type",
    )
with risk.container(border=True, height="stretch"):
    st.markdown("##### Transactions by final risk")
    st.plotly_chart(
        charts.risk_histogram(cache.query(overview.risk_histogram, run_id), dark=dark),
        theme=None,
        config=charts.CONFIG,
        key="overview_risk",
        alt="Number of transactions by final risk, logarithmic scale",
    )

model = st.container()
if run["has_accounts"]:
    accounts, model = st.columns([3, 2], gap="small")
    with accounts.container(border=True, height="stretch"):
        st.markdown("##### Riskiest accounts")
        st.dataframe(
            cache.query(overview.top_accounts, run_id),
            hide_index=True,
            column_config={
                "account": "Account",
                "role": "Role",
                "risk": st.column_config.ProgressColumn(
                    "Risk", min_value=0, max_value=1, format="%.3f"
                ),
                "rings": "Rings",
                "in_amount": st.column_config.NumberColumn("Received", format="localized"),
                "out_amount": st.column_config.NumberColumn("Sent", format="localized"),
                "transactions": st.column_config.NumberColumn("Transactions", format="localized"),
            },
            key="overview_accounts",
            alt="The ten riskiest accounts",
        )
with model.container(border=True, height="stretch"):
    st.markdown("##### Model and run")
    if run["metrics"]:
        st.caption("Measured on the last 20 % of transactions in time, never seen in training.")
        with st.container(horizontal=True, gap="small"):
            for label, key, help_text in (
                ("ROC-AUC", "roc_auc", "Chance that a fraud scores above a clean transaction."),
                ("Avg. precision", "average_precision", "Precision averaged over all recalls."),
                ("Precision", "precision", "Share of flagged transactions that are fraud."),
                ("Recall", "recall", "Share of fraud that is flagged."),
                ("Threshold", "threshold", "Chosen on the 10 % of time before the test."),
            ):
                st.metric(label, format.score(run["metrics"].get(key)), help=help_text, width=108)
    else:
        messages.no_labels()
    st.caption(
        f"{format.duration(run['seconds'])} on {run['engine']['kind'].upper()} "
        f"({run['engine']['device']}). {run['engine'].get('reason') or ''}"
    )
    st.plotly_chart(
        charts.stage_times(run["stages"], dark=dark),
        theme=None,
        config=charts.CONFIG,
        key="overview_stages",
        alt="Seconds by stage of the run",
    )
