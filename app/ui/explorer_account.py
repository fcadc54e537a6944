"""The account that is picked in the explorer: its figures, and what can be done with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui import evidence, explorer_state, explorer_steps, explorer_words, trace_link
from app.ui import format as fmt
from app.ui.state import page_path
from engine.explorer.picture import style_of
from engine.explorer.scene import MAX_NODES, Scene
from engine.explorer.view import Step, View


def account_card(run_id: str, view: View, scene: Scene, currency: str | None) -> None:
    """Show the account that is picked, or say how to pick one."""
    found = scene.nodes[scene.nodes["account"] == view.selected]
    if found.empty:
        st.caption(
            "Click an account to see it here. Double-click it to bring in its counterparties."
        )
        return
    row: dict[Any, Any] = found.iloc[0].to_dict()
    style = style_of(str(row["role"]), in_ring=row["in_ring"], is_hub=row["is_hub"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{evidence.escape(str(row['account']))}**", width="content")
        if row["risk"] == row["risk"]:
            evidence.risk_badge(float(row["risk"]))
        where = "In the ring" if row["in_ring"] else "In the run"
        st.badge(f"{where}: {style.name.lower()}", color="gray")
    evidence.facts(
        [
            ("Received in the run", fmt.compact_amount(row["in_amount"], currency)),
            ("Paid in the run", fmt.compact_amount(row["out_amount"], currency)),
            ("Counterparties", f"{fmt.count(row['shown_counterparties'])} of "
                               f"{fmt.count(row['counterparties'])} drawn"),
        ]
    )  # fmt: skip
    _actions(run_id, view, scene, str(row["account"]))


def _actions(run_id: str, view: View, scene: Scene, account: str) -> None:
    step = explorer_steps.expansion(view, account)
    rest = scene.rollups[scene.rollups["account"] == account]
    is_expanded = any(one.action == "expand" and one.account == account for one in view.steps)
    node: dict[Any, Any] = scene.nodes.set_index("account").loc[account].to_dict()
    all_drawn = bool(node["shown_counterparties"] >= node["counterparties"])
    # An expansion that found no room left all of them out.
    is_full = len(scene.nodes) + len(scene.rollups) >= MAX_NODES
    is_done = rest.empty and (all_drawn or (is_expanded and not is_full))
    more = min(step.budget, int(rest["counterparties"].iloc[0])) if len(rest) else step.budget
    label = f"Next {more}" if len(rest) else f"Expand by {step.budget}"
    with st.container(horizontal=True, gap="small"):
        st.button(
            label, icon=":material/add_circle:", key="explorer_expand", disabled=is_done,
            help="All counterparties are drawn" if is_done
            else f"The {explorer_words.BEST[step.order]} counterparties that are not drawn yet",
            on_click=explorer_state.add, args=(run_id, view, step),
        )  # fmt: skip
        st.button(
            "Collapse", icon=":material/do_not_disturb_on:", key="explorer_collapse",
            disabled=not is_expanded, help="Take away again what it brought in",
            on_click=explorer_state.add, args=(run_id, view, Step("collapse", account)),
        )  # fmt: skip
        st.page_link(
            page_path("account"), label="Account page", icon=":material/account_balance:",
            query_params={"run": run_id, "account": account}, width="content",
        )  # fmt: skip
        trace_link.to_credits(run_id, account, "Follow the money")


def busy_account(run_id: str, view: View, scene: Scene) -> None:
    """Ask before a busy account that was double-clicked is opened."""
    account = explorer_state.asked_about()
    found = scene.nodes[scene.nodes["account"] == account]
    if account is None or found.empty:
        return
    step = explorer_steps.expansion(view, account)
    best = explorer_words.BEST[step.order]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/warning: **{evidence.escape(account)}** is a busy account: "
            f"{fmt.count(found['counterparties'].iloc[0])} counterparties."
        )
        st.button(
            f"Show its {step.budget} {best}", type="primary", key="explorer_open_busy",
            on_click=explorer_state.add, args=(run_id, view, step),
        )  # fmt: skip
        st.button("Leave it", key="explorer_leave_busy", on_click=explorer_state.dismiss)
