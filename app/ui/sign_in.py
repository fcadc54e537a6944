"""The gate: nothing of a run or a case is shown or read before somebody has signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.ui import (
    browser_session,
    desk,
    format,
    messages,
    oidc,
    password_form,
    preference_form,
    state,
    theme,
)
from engine.errors import EngineError
from engine.workbench import logins, sign_in, users
from engine.workbench.models import User
from engine.workbench.preferences import Preferences

_TICKET = "sign_in_ticket"
_FROM_PROVIDER = "sign_in_from_provider"
_PROBLEM = "sign_in_problem"
_GOING = "sign_in_going"
_LEFT = "sign_in_left"
_LOGIN = "sign_in_login"
_PASSWORD = "sign_in_password"

_WIDTH = 380


def gate(keep_address: Callable[[], object]) -> None:
    """Let pass who is signed in; to others show the way in, and end this run of the page.

    Parameters
    ----------
    keep_address
        Tells Streamlit the pages without showing them: it would change an address that it does
        not know, and the link that was asked for would be lost.
    """
    try:
        seat = desk.settle()
    except desk.SignedOutError:
        keep_address()
        _show_way_in()
    if seat.must_change_password:
        keep_address()
        _show_first_password()
    _settle_formats(seat.preferences)


def _settle_formats(chosen: Preferences) -> None:
    zone = preference_form.browser_zone() if chosen.time_zone == "auto" else chosen.time_zone
    format.use(format.Style(chosen.numbers, zone))


def leave() -> None:
    """Sign out, here and for all windows of this browser."""
    token = desk.token()
    if token:
        desk.bench().write(logins.end, token)
    st.session_state.clear()
    st.session_state[_LEFT] = browser_session.new_name()


def _show_way_in() -> NoReturn:
    """Show the sign-in page."""
    left = st.session_state.get(_LEFT)
    if left is not None:
        # Of the cookie nothing is left to take back: its sign-in has ended.
        st.logout() if oidc.is_at_provider() else browser_session.leave(left)
    elif _TICKET not in st.session_state:
        _take_newcomer()
    with _card():
        if _TICKET in st.session_state:
            _enter()
        else:
            _offer_ways()
    st.stop()


def _take_newcomer() -> None:
    try:
        newcomer = oidc.newcomer()
    except EngineError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    if newcomer is not None:
        _hand_ticket(newcomer.user_id)
        st.session_state[_FROM_PROVIDER] = True


def _enter() -> None:
    st.markdown(":material/progress_activity: Signing in…")
    failed = browser_session.enter(
        st.session_state[_TICKET], restore=st.session_state.get(_FROM_PROVIDER, False)
    )
    if failed is not None:
        del st.session_state[_TICKET]
        st.session_state[_PROBLEM] = failed
        st.rerun()


def _offer_ways() -> None:
    problem = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        messages.refusal(problem)
    if oidc.is_local_allowed():
        _password_fields()
    _provider_buttons()
    if oidc.is_local_allowed():
        _hints()


def _password_fields() -> None:
    with st.form("sign_in", border=False):
        st.text_input("Login", key=_LOGIN, autocomplete="username")
        st.text_input("Password", key=_PASSWORD, type="password", autocomplete="current-password")
        st.form_submit_button("Sign in", type="primary", width="stretch", on_click=_check_password)


def _check_password() -> None:
    """Check what was typed; the password is forgotten at once."""
    login, password = st.session_state[_LOGIN], st.session_state[_PASSWORD]
    st.session_state[_PASSWORD] = ""
    st.session_state.pop(_LEFT, None)
    try:
        found = sign_in.authenticate(desk.bench(), login, password)
        _hand_ticket(found.user_id)
    except EngineError as error:
        st.session_state[_PROBLEM] = str(error)


def _hand_ticket(user_id: int) -> None:
    st.session_state[_TICKET] = desk.bench().write(logins.issue_ticket, user_id)


def _provider_buttons() -> None:
    for name, host in oidc.providers().items():
        if st.button(
            f"Sign in with {host}", key=f"sign_in_with_{name}", width="stretch",
            icon=":material/key:",
        ):  # fmt: skip
            st.session_state.pop(_LEFT, None)
            st.session_state[_GOING] = (browser_session.new_name(), name)
    going = st.session_state.get(_GOING)
    if going is not None and browser_session.keep_target(going[0]):
        del st.session_state[_GOING]
        st.login() if going[1] is None else st.login(going[1])


def _hints() -> None:
    if desk.bench().read(_is_new):
        st.caption(
            f"First start: the terminal that started the app shows the password of "
            f"**{users.FIRST_ADMIN}**. If it is gone, make a new one there: "
            f"`python -m engine.workbench people reset {users.FIRST_ADMIN}`"
        )
    else:
        st.caption(
            "Password lost? An admin makes a new one on the People page, or on the machine of the "
            "app: `python -m engine.workbench people reset LOGIN`"
        )
    if not desk.is_shared():
        messages.own_workbench()


def _is_new(session: Session) -> bool:
    return not session.scalar(select(exists().where(User.last_login_at.is_not(None))))


def _show_first_password() -> NoReturn:
    """Ask for a password of one's own before anything else."""
    with _card():
        st.markdown("##### Choose your own password")
        st.caption("The one you signed in with was made for you and is good for this only.")
        if password_form.show("first_password"):
            st.rerun()
        st.button("Sign out", on_click=leave, type="tertiary")
    st.stop()


@contextmanager
def _card() -> Iterator[None]:
    st.space("large")
    with (
        st.container(horizontal_alignment="center"),
        st.container(border=True, width=_WIDTH, key="sign_in_card"),
    ):
        st.image(
            state.ROOT / f"assets/logo-{'dark' if theme.is_dark() else 'light'}.svg", width=170
        )
        yield
