"""Demo mode: no sign-in, on this machine alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from engine.errors import InputError
from engine.workbench.permissions import ROLES, Role

#: ``1``, or the role that who opens the app has at first.
VARIABLE = "RINGLEADER_DEMO"

_CHOSEN = "demo_role"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OF_A_PROXY = ("x-forwarded-", "x-real-ip", "forwarded", "via")


def is_wanted() -> bool:
    """Tell whether the app was started as a demo, whoever may then be let in."""
    return _wanted() is not None


def is_on(headers: Mapping[str, str] | None = None) -> bool:
    """Tell whether everybody who opens the app is let in; see :func:`role`."""
    return role(headers) is not None


def role(headers: Mapping[str, str] | None = None) -> Role | None:
    """Return the role of who opens the app in demo mode, ``None`` where they have to sign in.

    Parameters
    ----------
    headers
        Those of the request; by default those by which the page was opened.

    Raises
    ------
    InputError
        If it is asked for where other machines can reach the app: there it must ask who comes.
    """
    wanted = _wanted()
    if wanted is None:
        return None
    named: Role | None = next((one for one in ROLES if one == wanted), None)
    if wanted != "1" and named is None:
        raise InputError(f"{VARIABLE} is {wanted!r}; it may be 1, {', '.join(ROLES)}, or not set")
    asked = st.context.headers if headers is None else headers
    if st.get_option("server.address") not in _LOOPBACK or not _is_from_here(asked):
        raise InputError(
            f"{VARIABLE} lets everybody in without a password, so it works only where the app "
            "listens on 127.0.0.1 and is opened there, with no proxy before it. Unset it, or start "
            "the app with --server.address=127.0.0.1"
        )
    return chosen_role() or named or "reviewer"


def choose_role() -> None:
    """Let who tries the app be each of the roles in turn: an approval takes two people."""
    now = role()
    assert now is not None
    st.selectbox(
        "Act as", ROLES, index=ROLES.index(now), key="demo_act_as", on_change=_take_role,
        format_func=str.capitalize, help="The demo has one person of each role.",
    )  # fmt: skip


def chosen_role() -> Role | None:
    """Return the role that who tries the app has chosen, if any."""
    chosen: Role | None = st.session_state.get(_CHOSEN)
    return chosen


def keep_role(chosen: Role | None) -> None:
    """Put a role that was chosen back, where all else of the session was thrown away."""
    if chosen is not None:
        st.session_state[_CHOSEN] = chosen


def _take_role() -> None:
    st.session_state[_CHOSEN] = st.session_state["demo_act_as"]


def _wanted() -> str | None:
    """Return what the variable asks for, ``None`` where it asks for no demo."""
    wanted = os.environ.get(VARIABLE, "").strip()
    return None if wanted in ("", "0") else wanted


def _is_from_here(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser of this machine asks, under an address of this machine."""
    given = {name.lower(): value for name, value in headers.items()}
    if any(name.startswith(_OF_A_PROXY) for name in given):
        return False
    host, origin = given.get("host"), given.get("origin")
    return (host is None or _is_loopback(f"//{host}")) and (origin is None or _is_loopback(origin))


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOOPBACK
    except ValueError:
        return False
