"""Links from one page to another, carrying what they show."""

from __future__ import annotations

import streamlit as st

from app.ui import desk
from app.ui.state import Page, page_path
from engine.workbench.case import resolve
from engine.workbench.errors import NotFoundError
from engine.workbench.names import alert_name

_RUN_LINKS: tuple[tuple[Page, str, str], ...] = (
    ("alerts", "Review alerts", ":material/notifications:"),
    ("rings", "Explore rings", ":material/hub:"),
    ("overview", "See the overview", ":material/monitoring:"),
)


def run_links(run_id: str) -> None:
    """Draw the links to the pages that show a finished run."""
    for page, label, icon in _RUN_LINKS:
        st.page_link(
            page_path(page),
            label=label,
            icon=icon,
            query_params={"run": run_id},
            width="content",
        )


def alert_link(run_id: str, run_alert_id: str) -> None:
    """Draw the link to the alert that a run raised, by its name in the queue if it is there yet."""
    try:
        alert_id = desk.read(resolve, run_id, run_alert_id)
    except NotFoundError:
        label, named = f"Alert {run_alert_id}", run_alert_id
    else:
        label, named = alert_name(alert_id), str(alert_id)
    st.page_link(
        page_path("alerts"),
        label=label,
        icon=":material/notifications:",
        query_params={"run": run_id, "alert": named},
    )
