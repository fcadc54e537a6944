"""Entry of the app: page setup, navigation, and the picker of the run in view."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# `streamlit run` puts app/ on the path, not the repository.
if str(Path(__file__).resolve().parents[1]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pandas as pd
import streamlit as st

from app.ui import (
    account_panel,
    cache,
    desk,
    early_charts,
    evidence,
    format,
    messages,
    search_box,
    sign_in,
    state,
    theme,
)
from engine.errors import EngineError
from engine.query.runs import done_runs, list_runs
from engine.workbench.errors import WorkbenchError
from engine.workbench.permissions import Permission

#: Pixels; the default of 300 takes room that tables need on a small screen.
SIDEBAR_WIDTH = 240

PAGES = {
    "": [
        st.Page(
            state.page_path("home"),
            title="Home",
            icon=":material/home:",
            default=True,
            help="Choose data, start a run, and see the latest runs.",
        ),
        st.Page(
            state.page_path("runs"),
            title="Runs",
            icon=":material/history:",
            help="Every run with its times, settings, and downloads; two runs compared; runs on "
            "AWS Batch.",
        ),
        st.Page(
            state.page_path("me"),
            title="My settings",
            icon=":material/manage_accounts:",
            visibility="hidden",
        ),
    ],
    "Investigate": [
        st.Page(
            state.page_path("overview"),
            title="Overview",
            icon=":material/monitoring:",
            help="Key figures of the run in view: amounts, alerts, typologies, and the model.",
        ),
        st.Page(
            state.page_path("alerts"),
            title="Alerts",
            icon=":material/notifications:",
            help="The queue of alerts, the riskiest first, with the reasons for each.",
        ),
        st.Page(
            state.page_path("rings"),
            title="Rings",
            icon=":material/hub:",
            help="A ring as a network: its accounts, their roles, and the proving transactions.",
        ),
        st.Page(
            state.page_path("explorer"),
            title="Explorer",
            icon=":material/travel_explore:",
            help="The network round a ring or an account, opened step by step, as of any moment.",
        ),
        st.Page(
            state.page_path("account"),
            title="Account",
            icon=":material/account_balance:",
            help="One account: what it did and with whom, its risk with reasons, and its peers.",
        ),
        st.Page(
            state.page_path("trace"),
            title="Follow the money",
            icon=":material/conversion_path:",
            help="Where the money of a transfer came from and where it went, to the last cent.",
        ),
        st.Page(
            state.page_path("score"),
            title="Score",
            icon=":material/bolt:",
            help="Score one transaction now, with what both accounts did before.",
        ),
    ],
    "Detection": [
        st.Page(
            state.page_path("model"),
            title="Model",
            icon=":material/query_stats:",
            help="How well the scores of the run in view tell fraud from the rest, and why.",
        ),
        st.Page(
            state.page_path("thresholds"),
            title="Thresholds",
            icon=":material/tune:",
            help="How many alerts a day the team can work, what is missed, and a change proposed.",
        ),
        st.Page(
            state.page_path("drill"),
            title="Drill",
            icon=":material/target:",
            help="Plant rings into a copy of your data and see which of them are caught.",
        ),
    ],
}
#: Pages for a few; to others a link to one says why there is nothing to see.
ADMINISTER: tuple[tuple[Permission, str, state.Page, str, str], ...] = (
    ("people", "People", "people", ":material/group:", "Who may sign in and do what; settings."),
    (
        "read_audit",
        "Audit",
        "audit",
        ":material/history_edu:",
        "Who did what and when, with the proof that nothing of it was changed.",
    ),
)


def pages(may: Callable[[Permission], bool]) -> dict[str, list[Any]]:
    """Return all pages; the sidebar shows those that somebody may use."""
    found: dict[str, list[Any]] = {section: [*listed] for section, listed in PAGES.items()}
    for permission, title, name, icon, meaning in ADMINISTER:
        is_shown = may(permission)
        page = st.Page(
            state.page_path(name),
            title=title,
            icon=icon,
            help=meaning,
            visibility="visible" if is_shown else "hidden",
        )
        found.setdefault("Administer" if is_shown else "", []).append(page)
    return found


def pick_run(runs: pd.DataFrame) -> str | None:
    """Show the picker of the run in view; return the run a link asked for in vain, if any."""
    run_ids = done_runs(runs)
    missing = state.settle_run(run_ids)
    if run_ids:
        st.session_state[state.RUN_PICKER] = state.run_in_view()
        st.sidebar.selectbox(
            "Run in view",
            run_ids,
            key=state.RUN_PICKER,
            on_change=lambda: state.show_run(st.session_state[state.RUN_PICKER]),
            help="All pages show this run. Newest first.",
        )
        cache.fetch_run(str(state.run_in_view()))
        run = runs.set_index("run_id").loc[state.run_in_view()]
        st.sidebar.caption(
            f"{evidence.escape(str(run['input']))}  \nstarted {format.moment(run['started'])}"
        )
    return missing


st.set_page_config(
    page_title="Ringleader",
    page_icon=state.ROOT / "assets/favicon.png",
    layout="wide",
    initial_sidebar_state=SIDEBAR_WIDTH,
)
st.html(state.ROOT / "app/ui/page.css")
page = None
try:
    sign_in.gate(
        keep_address=lambda: st.navigation(pages(lambda _permission: False), position="hidden")
    )
    st.logo(
        state.ROOT / f"assets/logo-{'dark' if theme.is_dark() else 'light'}.svg",
        icon_image=state.ROOT / "assets/logo.svg",
        size="large",
    )
    page = st.navigation(pages(desk.may), expanded=True)
    # The navigation fills the sidebar of a small screen: the search stands above the page.
    top = st.container(key="page_top")
    missing_run = pick_run(list_runs(cache.lake()))
    with top:
        search_box.show(page.url_path)
    account_panel.show()
    if missing_run is not None:
        messages.unknown_run(missing_run, state.run_in_view())
    page.run()
    early_charts.load()
except EngineError as error:
    if page is None:
        # Streamlit would change an address that it knows no page of.
        st.navigation(pages(lambda _permission: False), position="hidden")
    messages.engine_error(error)
    if isinstance(error, WorkbenchError):
        messages.try_again()
