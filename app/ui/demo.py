"""Demo mode: no sign-in, on this machine alone."""

from __future__ import annotations

import os

import streamlit as st

from engine.errors import InputError
from engine.workbench.permissions import ROLES, Role

#: ``1``, or the role that who opens the app has at first.
VARIABLE = "RINGLEADER_DEMO"

_CHOSEN = "demo_role"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OF_A_PROXY = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


def is_on() -> bool:
    """Tell whether everybody who opens the app is let in; see :func:`role`."""
    return role() is not None


def role() -> Role | None:
    """Return the role of who opens the app in demo mode, ``None`` where they have to sign in.

    Raises
    ------
    InputError
        If it is asked for where other machines can reach the app: there it must ask who comes.
    """
    wanted = os.environ.get(VARIABLE, "0") or "0"
    if wanted == "0":
        return None
    named: Role | None = next((one for one in ROLES if one == wanted), None)
    if wanted != "1" and named is None:
        raise InputError(f"{VARIABLE} is {wanted!r}; it may be 1, {', '.join(ROLES)}, or not set")
    if st.get_option("server.address") not in _LOOPBACK or _is_forwarded():
        raise InputError(
            f"{VARIABLE} lets everybody in without a password, so it works only where the app "
            "listens on 127.0.0.1 and no proxy stands before it. Unset it, or start the app with "
            "--server.address=127.0.0.1"
        )
    chosen: Role | None = st.session_state.get(_CHOSEN)
    return chosen or named or "reviewer"


def choose_role() -> None:
    """Let who tries the app be each of the roles in turn: an approval takes two people."""
    now = role()
    assert now is not None
    st.selectbox(
        "Act as", ROLES, index=ROLES.index(now), key="demo_act_as", on_change=_take_role,
        format_func=str.capitalize, help="The demo has one person of each role.",
    )  # fmt: skip


def _take_role() -> None:
    st.session_state[_CHOSEN] = st.session_state["demo_act_as"]


def _is_forwarded() -> bool:
    return any(name.lower() in _OF_A_PROXY for name in st.context.headers)
