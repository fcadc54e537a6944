"""The parts of one ring's page beside its network: why, innocent explanations, lineage."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui import cache, evidence, ring_words, state
from app.ui import format as fmt
from engine.query import alert_detail, lineage
from engine.query.alert_detail import Reason
from engine.query.ring_detail import RingDetail

#: Accounts or rings that are named one by one.
_MOST_NAMED = 30
#: Reasons that the verdict, or the figures under it, already give.
_IN_THE_VERDICT = ("surprise", "mean_risk", "learned")


def show_reasons(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Say why the ring scored: in words, by its reasons, and by what passed through."""
    accounts = cache.manifest(run_id)["counts"].get("accounts")
    st.markdown(evidence.escape(ring_words.verdict(ring, accounts)))
    evidence.facts(ring_words.shape_facts(ring))
    alert_id = cache.query(alert_detail.alert_of_ring, run_id, ring.ring_id)
    if alert_id is not None:
        reasons: Sequence[Reason] = cache.query(alert_detail.get_alert, run_id, alert_id).reasons
        said = [reason.text for reason in reasons if reason.code not in _IN_THE_VERDICT]
        st.markdown("\n".join(f"- {evidence.escape(text)}" for text in said))
    if not ring.passed_on:
        return
    st.markdown("**What passed through, in the order the money came**")
    st.dataframe(
        pd.DataFrame(
            {
                "Account": [one.account for one in ring.passed_on],
                "Received": [fmt.amount(one.in_amount, currency) for one in ring.passed_on],
                "Passed on": [fmt.amount(one.out_amount, currency) for one in ring.passed_on],
                "Share": [100 * one.retention for one in ring.passed_on],
                "After": [ring_words.passed_on(one) for one in ring.passed_on],
            }
        ),
        hide_index=True,
        key="ring_passed_on",
        alt="Accounts that passed money on inside the ring, with how much and after what time",
        column_config={
            "Received": st.column_config.TextColumn(alignment="right"),
            "Passed on": st.column_config.TextColumn(alignment="right"),
            "Share": st.column_config.NumberColumn(
                format="%.0f %%", help="Passed on over received, inside the ring"
            ),
        },
    )


def show_checks(ring: RingDetail) -> None:
    """List the innocent explanations that were tested, those that fit first."""
    if not ring.checks:
        st.caption("No innocent explanation applies to this typology.")
        return
    st.markdown(ring_words.innocence(ring))
    for check in ring.checks:
        icon = ":material/check_circle:" if check.innocent else ":material/cancel:"
        colour = "green" if check.innocent else "gray"
        word = "fits" if check.innocent else "does not fit"
        st.markdown(
            f":{colour}[{icon}] **{evidence.escape(check.title)}** :{colour}[{word}]  \n"
            f":gray[{evidence.escape(check.text[:1].upper() + check.text[1:])}.]"
        )


def show_lineage(run_id: str, ring: RingDetail) -> None:
    """Say what the ring was in an earlier run of the same input."""
    earlier = lineage.earlier_runs(cache.lake(), run_id)
    if not earlier:
        st.caption(
            "There is no earlier run of this input to compare with. Run a later export of the same "
            "name, or the same file with other settings: this tab then tells which rings are new, "
            "grew, shrank, merged, split, or went dormant."
        )
        return
    previous = _pick_earlier(run_id, earlier)
    traced = cache.lineage(run_id, previous)
    own = traced[traced["ring_id"] == ring.ring_id].iloc[0]
    word, sentence = ring_words.STATES[own["state"]]
    st.markdown(f"**{word}.** {sentence}")
    if own["state"] != "born":
        st.markdown(
            f"{own['jaccard']:.0%} of the accounts are the same. The risk was "
            f"{fmt.score(own['previous_score'])} and is {fmt.score(ring.score)} now."
        )
        for title, accounts in (("Came in", own["gained"]), ("Left", own["lost"])):
            if accounts:
                st.markdown(f"{title}: {evidence.escape(_some(accounts))}")
        _links_to(previous, own["previous"])
    _all_rings(traced, previous)


def _some(accounts: Sequence[str]) -> str:
    rest = len(accounts) - _MOST_NAMED
    return ", ".join(accounts[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _links_to(run_id: str, ring_ids: Sequence[str]) -> None:
    with st.container(horizontal=True):
        for ring_id in ring_ids[:_MOST_NAMED]:
            st.page_link(
                state.page_path("rings"),
                label=f"Open {ring_id} of {evidence.escape(run_id)}",
                icon=":material/history:",
                query_params={"run": run_id, "ring": ring_id},
            )


def _all_rings(traced: pd.DataFrame, previous: str) -> None:
    """Sum up what became of all rings, and list those that changed."""
    counts = traced["state"].value_counts()
    st.caption(f"All rings of this run against {evidence.escape(previous)}")
    evidence.facts(
        [
            (word, fmt.count(counts[name]))
            for name, (word, _) in ring_words.STATES.items()
            if name in counts.index
        ]
    )
    changed = traced[traced["state"] != "same"]
    if changed.empty:
        return
    with st.expander(f"The {fmt.count(len(changed))} rings that are new, changed, or dormant"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Ring": changed["ring_id"],
                    "What became of it": [ring_words.STATES[name][0] for name in changed["state"]],
                    "Earlier": [", ".join(names) for names in changed["previous"]],
                    "Came in": changed["gained"].map(len),
                    "Left": changed["lost"].map(len),
                    "Risk before": changed["previous_score"],
                    "Risk now": changed["score"],
                }
            ),
            hide_index=True,
            height=320,
            key="ring_changes",
            placeholder="–",
            alt="Rings that are new, changed, or dormant since the earlier run",
            column_config={
                name: st.column_config.NumberColumn(format="%.3f")
                for name in ("Risk before", "Risk now")
            },
        )


def _pick_earlier(run_id: str, earlier: Sequence[str]) -> str:
    """Let an earlier run be picked; the latest of the very same file comes first."""
    sha256 = cache.manifest(run_id)["input"]["sha256"]
    same = {name for name in earlier if cache.manifest(name)["input"]["sha256"] == sha256}
    return st.selectbox(
        "Earlier run",
        sorted(earlier, key=lambda name: name not in same),
        format_func=lambda name: f"{name} · {'same' if name in same else 'another'} file",
        key=f"ring_previous_{run_id}",
        width=420,
    )
