"""Two rings side by side: figures, accounts, time, transactions, and both networks."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import cache, evidence, messages, ring_words, state, theme
from app.ui import format as fmt
from app.ui.chart_card import show_chart
from app.ui.charts import side_by_side
from engine.errors import InputError
from engine.query import ring_comparison, ring_detail, rings
from engine.query.ring_detail import RingDetail

_MOST_POINTS = 2000
#: Larger rings can no longer be read in half the width of a page.
_MOST_DRAWN = 60


def show_comparison(run_id: str, ring: RingDetail, currency: str | None) -> None:
    """Let another ring be picked and put it beside this one."""
    other_id = _pick_other(run_id, ring)
    if other_id is None:
        return
    try:
        other = cache.query(ring_detail.get_ring, run_id, other_id)
    except InputError as error:
        messages.engine_error(error)
        return
    roles = cache.query(ring_comparison.compare_roles, run_id, ring.ring_id, other.ring_id)
    figures, common = st.columns(2, gap="medium")
    with figures:
        _figures(ring, other, roles, currency)
    with common:
        _accounts(ring, other, roles)
        _time(run_id, ring, other)
    _transactions(run_id, ring, other, currency)
    _networks(run_id, ring, other)


def _pick_other(run_id: str, ring: RingDetail) -> str | None:
    related = cache.query(ring_comparison.related_rings, run_id, ring.ring_id)
    if related.empty:
        st.caption("This run has no other ring to compare with.")
        return None
    labels = _labels(related)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            "Compare with (type the id of any other ring)",
            list(labels),
            format_func=lambda name: labels.get(name, name),
            key=f"ring_other_{ring.ring_id}",
            accept_new_options=True,
            width=380,
        )
        if picked is None:
            return None
        st.page_link(
            state.page_path("rings"),
            label=f"Open {evidence.escape(picked)}",
            icon=":material/hub:",
            query_params={"run": run_id, "ring": picked},
        )
    if not related["shared"].any():
        st.caption("No other ring shares an account with this one; the most alike are offered.")
    return picked


def _labels(related: pd.DataFrame) -> dict[str, str]:
    """Say why each ring is offered, e.g. ``R00007 · Cycle · 2 accounts in common``."""
    labels = {}
    columns = (related[name] for name in ("ring_id", "typology", "shared"))
    for ring_id, typology, shared in zip(*columns, strict=True):
        common = f" · {shared} account{'' if shared == 1 else 's'} in common" if shared else ""
        labels[str(ring_id)] = f"{ring_id} · {fmt.typology(typology)}{common}"
    return labels


def _figures(
    ring: RingDetail, other: RingDetail, roles: pd.DataFrame, currency: str | None
) -> None:
    st.markdown("**Figures**")
    columns = {
        one.ring_id: [
            fmt.typology(one.typology),
            fmt.score(one.score),
            ring_words.roles_in_words(list(roles[column].dropna())),
            fmt.count(one.n_transactions),
            fmt.amount(one.amount, currency),
            evidence.period(one.start, one.end),
            ", ".join(check.title for check in one.checks if check.innocent) or "none",
        ]
        for one, column in ((ring, "role"), (other, "other_role"))
    }
    names = ["Typology", "Risk", "Accounts", "Transactions", "Amount", f"Period ({fmt.zone()})",
             "Explained by"]  # fmt: skip
    st.table(pd.DataFrame(columns, index=names))


def _accounts(ring: RingDetail, other: RingDetail, roles: pd.DataFrame) -> None:
    both = roles.dropna(subset=["role", "other_role"])
    if both.empty:
        st.markdown("**No account is in both**")
        return
    st.markdown(f"**{len(both)} account{' is' if len(both) == 1 else 's are'} in both**")
    st.dataframe(
        pd.DataFrame(
            {
                "Account": both["account"],
                f"In {ring.ring_id}": both["role"].str.capitalize(),
                f"In {other.ring_id}": both["other_role"].str.capitalize(),
            }
        ),
        hide_index=True,
        height="auto" if len(both) < 5 else 178,
        key=f"ring_compare_{ring.ring_id}_{other.ring_id}",
        alt="Accounts that are in both rings, with their role in each",
    )


def _time(run_id: str, ring: RingDetail, other: RingDetail) -> None:
    st.markdown(f"**{ring_words.together(ring, other)}**")
    parts = [
        cache.query(rings.ring_transactions, run_id, one.ring_id, _MOST_POINTS).assign(
            ring=one.ring_id
        )
        for one in (ring, other)
    ]
    points = pd.concat(parts)
    show_chart(
        side_by_side(points.assign(time=fmt.local(points["time"])), dark=theme.is_dark()),
        key="ring_timeline",
        alt=f"When the transactions of {ring.ring_id} and {other.ring_id} took place",
    )


def _transactions(run_id: str, ring: RingDetail, other: RingDetail, currency: str | None) -> None:
    ids = cache.query(ring_comparison.shared_transactions, run_id, ring.ring_id, other.ring_id)
    if not ids:
        return
    st.markdown(f"**{len(ids)} transaction{' proves' if len(ids) == 1 else 's prove'} both rings**")
    own = cache.query(rings.ring_transactions, run_id, ring.ring_id, _MOST_POINTS)
    evidence.transactions_table(
        own[own["tx_id"].isin(ids)], currency=currency, key="ring_shared_transactions"
    )


def _networks(run_id: str, ring: RingDetail, other: RingDetail) -> None:
    if max(ring.n_accounts, other.n_accounts) > _MOST_DRAWN:
        st.caption(
            f"The networks are drawn side by side for rings of up to {_MOST_DRAWN} accounts; open "
            "each ring to see its own."
        )
        return
    for number, (place, one) in enumerate(zip(st.columns(2), (ring, other), strict=True)):
        with place:
            st.markdown(f"**{one.ring_id}** {fmt.typology(one.typology)}")
            evidence.ring_picture(
                cache.query(rings.ring_members, run_id, one.ring_id),
                cache.query(rings.ring_edges, run_id, one.ring_id),
                ring_id=one.ring_id,
                typology=one.typology,
                key=f"ring_compare_graph_{number}",
                height=260,
            )
