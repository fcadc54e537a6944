"""What a scored transaction shows: risk, what it is made of, reasons, rings, and the request."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import evidence, scoring, state
from app.ui import format as fmt
from app.ui.messages import engine_error
from aws.infer.models import InferAnswer
from engine.errors import EngineError

_ALERT_TEXT = {
    "sent": "An alert was sent to the topic.",
    "duplicate": "The topic was told of this sender within the last hour already.",
    "failed": "The topic of alerts could not be told; the log says why.",
    "below": "Below the risk that is told to the topic of alerts.",
}


def show_answer(answer: InferAnswer, body: dict[str, Any]) -> None:
    """Draw the answer to a transaction."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("#### Risk", width="content")
        evidence.risk_badge(answer.risk)
    evidence.facts(
        [
            ("Fraud probability", fmt.share(answer.scores.fraud_probability)),
            ("Anomaly", fmt.score(answer.scores.anomaly)),
            ("Rules", fmt.score(answer.scores.rule)),
            ("Without ring evidence", fmt.score(answer.base_risk)),
        ]
    )
    _reasons(answer)
    _rings(answer)
    _what_became(answer)
    _explanation(body)
    with st.expander("As a request", icon=":material/terminal:"):
        st.code(f"POST /infer\n\n{json.dumps(body, indent=1, ensure_ascii=False)}", language="json")
        st.code(answer.model_dump_json(indent=1), language="json", height=240)


def _reasons(answer: InferAnswer) -> None:
    if not answer.reasons:
        st.caption("Nothing about it stands out.")
        return
    st.markdown("**Why**")
    st.dataframe(
        pd.DataFrame(
            {
                "Reason": [one.text for one in answer.reasons],
                "Measured": [one.value for one in answer.reasons],
                "Threshold": [one.threshold for one in answer.reasons],
                "Adds": [one.contribution for one in answer.reasons],
            }
        ),
        hide_index=True,
        row_height=30,
        placeholder="–",
        key="score_reasons",
        alt="Reasons of the risk, with what was measured",
        column_config={
            "Reason": st.column_config.TextColumn(width="large"),
            "Measured": st.column_config.NumberColumn(format="%.4g"),
            "Threshold": st.column_config.NumberColumn(format="%.4g"),
            "Adds": st.column_config.NumberColumn(
                format="%+.2f", help="What it adds to the model's log-odds (TreeSHAP)"
            ),
        },
    )


def _rings(answer: InferAnswer) -> None:
    for ring in answer.rings:
        whose = "Both accounts are" if ring.side == "both" else f"The {ring.side} is"
        st.page_link(
            state.page_path("rings"),
            label=f"{whose} in {fmt.typology(ring.typology)} {ring.ring_id}, "
            f"risk {fmt.score(ring.score)}",
            icon=":material/hub:",
            query_params={"run": answer.run_id, "ring": ring.ring_id},
        )


def _what_became(answer: InferAnswer) -> None:
    said = ["Both accounts remember it." if answer.recorded else "Tried out, not remembered."]
    if answer.alert in _ALERT_TEXT:
        said.append(_ALERT_TEXT[answer.alert])
    st.caption(" ".join(said))


def _explanation(body: dict[str, Any]) -> None:
    if not st.button("Explain it", icon=":material/notes:", key="score_explain"):
        return
    try:
        with st.spinner("Writing"):
            told = scoring.explain(body)
    except EngineError as error:
        engine_error(error)
        return
    st.markdown(evidence.escape(told.text))
    who = "Claude on Bedrock, numbers checked" if told.source == "bedrock" else "A template"
    st.caption(f"{who}: {told.why}")
