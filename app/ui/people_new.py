"""The form that makes a user."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, people_card, state
from app.ui.people_words import ROLE_WORDS
from engine.workbench import staff
from engine.workbench.permissions import ROLES
from engine.workbench.users import MAX_LOGIN


def people_new() -> None:
    """Show the form behind a button."""
    panel = st.popover("New user", icon=":material/person_add:", type="primary")
    with panel.form("people_new", border=False):
        st.text_input("Login", key="people_new_login", max_chars=MAX_LOGIN, autocomplete="off")
        st.text_input("Name", key="people_new_name", max_chars=MAX_LOGIN, autocomplete="off")
        st.radio(
            "Role",
            ROLES,
            format_func=str.capitalize,
            captions=list(ROLE_WORDS.values()),
            key="people_new_role",
        )
        st.caption("They get a password that works until they choose their own.")
        st.form_submit_button("Make the user", type="primary", on_click=_make)


def _make() -> None:
    login, name, role = (
        st.session_state[f"people_new_{field}"] for field in ("login", "name", "role")
    )
    done = people_card.try_to(
        lambda: desk.write(staff.create_user, login, name, role),
        f"{name.strip() or login.strip()} can sign in now as {login.strip().lower()}.",
    )
    if not done:
        return  # what was typed stays, to be mended
    st.session_state["people_new_login"] = st.session_state["people_new_name"] = ""
    st.session_state["people_new_role"] = ROLES[0]
    state.write("person", login.strip().lower())
