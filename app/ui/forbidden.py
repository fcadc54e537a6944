"""What a page shows to whom it is not for."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, state


def show(what: str, who: str) -> None:
    """Say that a page is for others, and the way back.

    Parameters
    ----------
    what
        What the page is for, as a verb: ``read the audit``.
    who
        Who may, with an article: ``an admin``.
    """
    role = desk.actor().role
    article = "an" if role[0] in "aeiou" else "a"
    card = st.container(border=True, horizontal_alignment="left")
    card.markdown("#### :material/lock: Not with your role")
    card.markdown(
        f"You are {article} {role}; to {what} takes {who}. If you need it for your work, ask an "
        "admin for another role: it counts from your next click on."
    )
    card.page_link(state.page_path("alerts"), label="Go to Alerts", icon=":material/arrow_forward:")
