"""The form for a new password of one's own."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, messages
from engine.errors import EngineError
from engine.workbench import passwords, users


def show(key: str) -> bool:
    """Show the form; tell whether a new password was saved just now."""
    login = desk.actor().login
    with st.form(key, border=False):
        # Password managers keep a new password for the login that stands beside it.
        st.text_input("Login", login, autocomplete="username", disabled=True, key=f"{key}_login")
        st.text_input(
            "Present password", type="password", autocomplete="current-password", key=f"{key}_old"
        )
        st.text_input(
            "New password", type="password", autocomplete="new-password", key=f"{key}_new",
            help=f"At least {passwords.MIN_LENGTH} characters; a few words in a row are easy to "
            "keep in mind.",
        )  # fmt: skip
        st.text_input(
            "New password, again", type="password", autocomplete="new-password", key=f"{key}_again"
        )
        st.form_submit_button("Change password", type="primary", on_click=_save, args=(key,))
    problem: str | None = st.session_state.pop(f"{key}_problem", None)
    if problem is not None:
        messages.refusal(problem)
    return bool(st.session_state.pop(f"{key}_saved", False))


def _save(key: str) -> None:
    """Save what was typed, and forget it."""
    old, new, again = (st.session_state[f"{key}_{field}"] for field in ("old", "new", "again"))
    for field in ("old", "new", "again"):
        st.session_state[f"{key}_{field}"] = ""
    if new != again:
        st.session_state[f"{key}_problem"] = "the new password was typed in two different ways"
        return
    try:
        desk.write(users.change_password, old, new, desk.token())
        st.session_state[f"{key}_saved"] = True
    except EngineError as error:
        st.session_state[f"{key}_problem"] = str(error)
