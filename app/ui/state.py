"""Every session key and query parameter of the app, typed, in one place.

A link names what is in view (``?run=…&alert=…``). Links in the sidebar drop query parameters, so
each choice is kept in the session too and written back to the address by the page that uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]

Page = Literal[
    "home", "runs", "overview", "alerts", "rings", "explorer", "account", "trace", "score",
    "model", "thresholds", "drill", "me", "people", "audit",
]  # fmt: skip
Param = Literal[
    "run", "against", "job", "batch", "alert", "ring", "account", "tx", "snapshot", "person"
]

#: Keys of widgets bound to query parameters: the key is the parameter's name.
ALERTS_TYPOLOGY = "typology"
ALERTS_BAND = "band"
ALERTS_SEARCH = "search"
ALERTS_PAGE = "page"

RUN_PICKER = "run_picker"


def page_path(page: Page) -> str:
    """Return the path of a page for ``st.page_link`` and ``st.switch_page``."""
    return str(ROOT / "pages" / f"{page}.py")


def read(param: Param) -> str | None:
    """Return what is in view: the address first, else what this session chose last."""
    value = st.query_params.get(param)
    return value or st.session_state.get(f"in_view_{param}")


def write(param: Param, value: str | None) -> None:
    """Keep what is in view in the session and in the address; ``None`` clears both."""
    st.session_state[f"in_view_{param}"] = value
    if value is None:
        st.query_params.pop(param, None)
    elif st.query_params.get(param) != value:
        st.query_params[param] = value


def run_in_view() -> str | None:
    """Return the id of the run in view, or ``None`` while no run is done."""
    return read("run")


def settle_run(run_ids: Sequence[str]) -> str | None:
    """Settle which run is in view, given the done runs (the newest first).

    Returns
    -------
    str or None
        The id that the address asked for if the lake has no such done run, so that the app can
        say so; ``None`` if all is well.
    """
    wanted = read("run")
    if wanted in run_ids:
        write("run", wanted)
        return None
    write("run", run_ids[0] if run_ids else None)
    return wanted


def show_run(run_id: str) -> None:
    """Put another run in view; what was selected in the former one no longer applies."""
    if run_id != run_in_view():
        for param in ("alert", "ring", "account", "tx", "snapshot"):
            write(param, None)
    write("run", run_id)
