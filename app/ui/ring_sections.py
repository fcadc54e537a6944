"""The parts of one ring's page beside its network: why, innocent explanations, lineage, compare."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui import cache, evidence, ring_words, state, theme
from app.ui import format as fmt
from app.ui.chart_card import show_chart
from app.ui.charts import side_by_side
from engine.query import alert_detail, alerts, lineage, ring_detail, rings
from engine.query.alert_detail import Reason
from engine.query.ring_detail import RingDetail

_MOST_POINTS = 2000
#: Reasons that the verdict, or the figures under it, already give.
_IN_THE_VERDICT = ("surprise", "mean_risk", "learned")


def show_reasons(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Say why the ring scored: in words, by its reasons, and by what passed through."""
    st.markdown(ring_words.verdict(ring))
    evidence.facts(ring_words.shape_facts(ring))
    alert_id = cache.query(alerts.alert_of_ring, run_id, ring.ring_id)
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
    fitting = sum(check.innocent for check in ring.checks)
    st.markdown(
        f"**{fitting} of {len(ring.checks)} innocent explanations fit.** "
        + (
            "The score was lowered for it; whether it is the truth is for you to judge."
            if fitting
            else "Nothing speaks for an ordinary business, household, or circle of friends."
        )
    )
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
    counts = traced["state"].value_counts()
    own = traced[traced["ring_id"] == ring.ring_id].iloc[0]
    word, sentence = ring_words.STATES[own["state"]]
    st.markdown(f"**{word}.** {sentence}")
    if own["state"] != "born":
        before = ", ".join(own["previous"])
        st.markdown(
            f"Earlier: {evidence.escape(before)}, with {own['jaccard']:.0%} of the accounts in "
            f"common and a score of {fmt.score(own['previous_score'])} "
            f"(now {fmt.score(ring.score)})."
        )
        for title, accounts in (("Came in", own["gained"]), ("Left", own["lost"])):
            if accounts:
                st.markdown(f"{title}: {evidence.escape(', '.join(map(str, accounts[:30])))}")
    summary = [
        (ring_words.STATES[name][0], fmt.count(counts.get(name, 0))) for name in counts.index
    ]
    st.caption(f"All rings of this run against {previous}")
    evidence.facts(summary)


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


def show_comparison(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Put another ring beside this one."""
    related = cache.query(ring_detail.related_rings, run_id, ring.ring_id)
    others = _choices(run_id, ring, related)
    if not others:
        st.caption("This run has no other ring to compare with.")
        return
    shared = dict(zip(related["ring_id"], related["shared"], strict=True))
    other_id = st.selectbox(
        "Compare with",
        others,
        format_func=lambda name: f"{name} · {shared[name]} in common" if name in shared else name,
        key=f"ring_other_{ring.ring_id}",
        width=320,
    )
    if related.empty:
        st.caption("No other ring shares an account with this one; these are the riskiest others.")
    other = cache.query(ring_detail.get_ring, run_id, other_id)
    _figures(run_id, ring, other, currency)
    _timeline(run_id, ring, other)
    _roles(run_id, ring, other)


def _choices(run_id: str, ring: RingDetail, related: pd.DataFrame) -> list[str]:
    riskiest = cache.query(rings.page_rings, run_id, rings.RingFilter(), 1, 50)["ring_id"]
    names = [*related["ring_id"], *riskiest]
    return [name for name in dict.fromkeys(names) if name != ring.ring_id]


def _figures(run_id: str, ring: RingDetail, other: RingDetail, currency: str | None) -> None:
    both = cache.query(ring_detail.shared_transactions, run_id, ring.ring_id, other.ring_id)
    columns = {
        one.ring_id: [
            fmt.typology(one.typology),
            fmt.score(one.score),
            fmt.count(one.n_accounts),
            fmt.count(one.n_transactions),
            fmt.amount(one.amount, currency),
            evidence.period(one.start, one.end),
            ", ".join(c.title for c in one.checks if c.innocent) or "none",
        ]
        for one in (ring, other)
    }
    names = ["Typology", "Risk", "Accounts", "Transactions", "Amount", "Period (UTC)",
             "Innocent explanations that fit"]  # fmt: skip
    st.table(pd.DataFrame(columns, index=names))
    if both:
        st.caption(f"{both} transactions prove both rings.")


def _timeline(run_id: str, ring: RingDetail, other: RingDetail) -> None:
    parts = [
        cache.query(rings.ring_transactions, run_id, one.ring_id, _MOST_POINTS).assign(
            ring=one.ring_id
        )
        for one in (ring, other)
    ]
    show_chart(
        side_by_side(pd.concat(parts), dark=theme.is_dark()),
        key="ring_timeline",
        alt=f"When the transactions of {ring.ring_id} and {other.ring_id} took place",
    )


def _roles(run_id: str, ring: RingDetail, other: RingDetail) -> None:
    roles = cache.query(ring_detail.compare_roles, run_id, ring.ring_id, other.ring_id)
    both = roles["role"].notna() & roles["other_role"].notna()
    n = int(both.sum())
    st.markdown(f"**{n} account{' is' if n == 1 else 's are'} in both**")
    shown = pd.DataFrame(
        {
            "Account": roles["account"],
            ring.ring_id: roles["role"].str.capitalize(),
            other.ring_id: roles["other_role"].str.capitalize(),
        }
    ).fillna("")
    picked = st.dataframe(
        shown,
        hide_index=True,
        key=f"ring_compare_{ring.ring_id}_{other.ring_id}",
        alt="Accounts of both rings with their role in each",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = picked["selection"]["rows"]
    if rows:
        state.write("account", str(roles["account"].iloc[rows[0]]))
