"""Explorer: the network round a ring or an account, opened step by step, as of any moment."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui import (
    cache,
    evidence,
    explorer_account,
    explorer_filters,
    explorer_scene,
    explorer_start,
    explorer_state,
    explorer_steps,
    explorer_tables,
    explorer_words,
    export_menu,
    export_sheet,
    format,
    ledger_wait,
    messages,
    queue_intake,
    snapshot_freeze,
    snapshot_view,
    state,
)
from app.ui.explorer_graph import act, explorer_graph
from engine.errors import EngineError
from engine.explorer.bounds import bounds_of
from engine.explorer.scene import Scene
from engine.explorer.view import View
from engine.query import overview
from engine.query.ring_detail import get_ring

GRAPH = "explorer_graph"
CANVAS_HEIGHT = 560
TABLE_HEIGHT = 420
ACCOUNTS, LINKS, TRANSFERS = "accounts", "links", "transfers"


def take_act(run_id: str, view: View) -> None:
    """Do what was done on the canvas."""
    done = act(GRAPH)
    if done is None:
        return
    if done.kind == "expand" and done.account is not None:
        step = explorer_steps.expansion(view, done.account)
        explorer_state.add(run_id, replace(view, selected=done.account), step)
    elif done.kind == "ask" and done.account is not None:
        explorer_state.ask_about(done.account)
    elif done.kind == "link" and done.account is not None and done.other is not None:
        pick_link((done.account, done.other))
    elif done.kind == "as_of":
        explorer_state.write(run_id, replace(view, as_of=done.moment))
    elif done.kind == "select":
        pick_account(run_id, view, done.account)


def pick_account(run_id: str, view: View, account: str | None) -> None:
    """Put an account in view: the tables follow."""
    explorer_state.pick_link(None)
    explorer_state.write(run_id, replace(view, selected=account))


def pick_link(pair: tuple[str, str] | None) -> None:
    """Put a link in view: its transfers are listed."""
    explorer_state.pick_link(pair)
    st.session_state["explorer_table"] = TRANSFERS if pair else LINKS


def show_heading(run_id: str, view: View, scene: Scene, currency: str | None) -> None:
    """Show where the exploration began, and offer to begin elsewhere."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = explorer_words.start_words(view.start)
        st.markdown(f"#### {words[:1].upper()}{words[1:]}", width="content")
        if view.start.ring_id is not None:
            ring = cache.query(get_ring, run_id, view.start.ring_id)
            evidence.risk_badge(ring.score)
            st.badge(format.typology(ring.typology), color="gray")
        if st.button("Close", icon=":material/close:", type="tertiary", help="Begin elsewhere"):
            explorer_state.close(run_id)
            st.rerun()
        st.space("stretch")
        with st.container(horizontal=True, gap="xsmall", width="content"):
            show_keeping(run_id, view, scene, currency)
    snapshot_freeze.show_outcome()


def show_keeping(run_id: str, view: View, scene: Scene, currency: str | None) -> None:
    """Offer to freeze what is drawn, to open what was frozen, and to take it away as a file."""
    snapshot_freeze.freeze_popover(run_id, view)
    snapshot_freeze.list_popover(run_id)
    shown = explorer_scene.as_of(run_id, view, scene)
    sheet = export_sheet.live_sheet(run_id, view, shown, currency)
    export_menu.of_run(run_id, shown, sheet, f"{run_id}-{view.start.ring_id or 'accounts'}")


def show_tools(run_id: str, view: View, scene: Scene, currency: str | None) -> None:
    """Show the tools above the canvas."""
    bounds = cache.query(bounds_of, run_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        explorer_steps.undo_redo(run_id, view)
        explorer_steps.step_popover(run_id, view)
        explorer_filters.filter_popover(run_id, view, bounds, currency)
        explorer_steps.layout_choice(run_id, view)
    filters = explorer_words.filter_words(view.filters, currency)
    if filters:
        st.caption(f":material/filter_alt: Only transfers {', '.join(filters)}.")


def show_canvas(run_id: str, view: View, scene: Scene, currency: str | None) -> None:
    """Show the network with its replay, and what of it is not drawn."""
    explorer_account.busy_account(run_id, view, scene)
    arranged = sum(step.action == "arrange" for step in view.steps)
    explorer_graph(
        scene,
        view,
        key=GRAPH,
        name=f"{run_id} {view.start} {view.layout} {arranged}",
        currency=currency,
        height=CANVAS_HEIGHT,
        on_act=lambda: take_act(run_id, view),
    )
    links = len(explorer_scene.as_of(run_id, view, scene).edges)
    moment = "" if view.as_of is None else f" as of {format.moment(view.as_of)}"
    drawn = (
        f"{explorer_words.counted(len(scene.nodes), 'account')}, "
        f"{explorer_words.counted(links, 'link')}{moment}. "
        "The larger a mark, the riskier; the thicker a line, the larger the sum."
    )
    st.caption(drawn)
    for note in scene.notes:
        st.caption(f":material/info: {evidence.escape(note)}")


def show_tables(run_id: str, view: View, scene: Scene, currency: str | None) -> None:
    """Show the account in view, and the tables in step with the canvas."""
    with st.container(border=True):
        explorer_account.account_card(run_id, view, scene, currency)
    shown = explorer_scene.as_of(run_id, view, scene)
    labels = {
        ACCOUNTS: f"Accounts {len(shown.nodes)}",
        LINKS: f"Links {len(shown.edges)}",
        TRANSFERS: f"Transfers {format.count(len(shown.events))}",
    }
    table = st.segmented_control(
        "Table",
        list(labels),
        default=ACCOUNTS,
        format_func=labels.__getitem__,
        key="explorer_table",
        label_visibility="collapsed",
        required=True,
    )
    link = explorer_state.picked_link()
    if view.as_of is not None:
        st.caption(
            f":material/history: Links and transfers as of {format.moment(view.as_of)}; what an "
            "account received and paid is of the whole run."
        )
    key = f"explorer_{table}_{hash((view, link))}"
    if table == LINKS:
        explorer_tables.link_table(
            shown, key=key, selected=view.selected, picked=link, currency=currency,
            height=TABLE_HEIGHT, on_pick=pick_link,
        )  # fmt: skip
    elif table == TRANSFERS:
        explorer_tables.transfer_table(
            shown, selected=view.selected, picked=link, currency=currency, height=TABLE_HEIGHT
        )
    else:
        explorer_tables.account_table(
            shown, key=key, selected=view.selected, currency=currency, height=TABLE_HEIGHT,
            on_pick=lambda account: pick_account(run_id, view, account),
        )  # fmt: skip


@st.fragment
def show_explorer(run_id: str, currency: str | None) -> None:
    """Show what is open; a click runs this part of the page alone."""
    view = explorer_state.read(run_id)
    if view is None:
        st.rerun()
    try:
        scene = explorer_scene.drawn(run_id, view)
    except EngineError as error:
        explorer_state.close(run_id)
        messages.engine_error(error)
        explorer_start.start_form(run_id, currency)
        return
    explorer_state.write(run_id, view)
    show_heading(run_id, view, scene, currency)
    show_tools(run_id, view, scene, currency)
    with st.container(key="explorer_split"):
        canvas, tables = st.columns([5, 3], gap="medium")
    with canvas:
        show_canvas(run_id, view, scene, currency)
    with tables:
        show_tables(run_id, view, scene, currency)


st.title("Explorer")
st.html(state.ROOT / "app/ui/explorer_page.css")
snapshot = snapshot_view.in_view()
if snapshot is not None:
    snapshot_view.show_snapshot(snapshot)
    st.stop()
run_id = state.run_in_view()
if run_id is None:
    messages.no_runs()
    st.stop()
run = cache.manifest(run_id)
if not run["has_accounts"]:
    messages.no_accounts(run["input"]["name"])
    st.stop()
currency = cache.query(overview.currency, run_id)
try:
    ledger_wait.make_ready(run_id)
    if explorer_state.read(run_id) is None:
        explorer_start.start_form(run_id, currency)
        st.stop()
    # The alert of a ring is known by its number in the queue once its run was taken in.
    queue_intake.take_in_runs()
    show_explorer(run_id, currency)
except EngineError as error:
    explorer_state.close(run_id)
    messages.engine_error(error)
    explorer_start.start_form(run_id, currency)
