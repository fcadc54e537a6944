"""Links from one page to another, carrying what they show."""

from __future__ import annotations

import streamlit as st

from app.ui.state import Page, page_path

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
