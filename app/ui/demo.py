"""Demo mode: no sign-in, on this machine alone."""

from __future__ import annotations

import os

import streamlit as st

from engine.errors import InputError

VARIABLE = "RINGLEADER_DEMO"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OF_A_PROXY = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


def is_on() -> bool:
    """Tell whether everybody who opens the app is let in as the user of the demo.

    Raises
    ------
    InputError
        If it is asked for where other machines can reach the app: there it must ask who comes.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "0", "1"):
        raise InputError(f"{VARIABLE} is {wanted!r}; it may be 1, or not set")
    if wanted != "1":
        return False
    if st.get_option("server.address") not in _LOOPBACK or _is_forwarded():
        raise InputError(
            f"{VARIABLE} lets everybody in without a password, so it works only where the app "
            "listens on 127.0.0.1 and no proxy stands before it. Unset it, or start the app with "
            "--server.address=127.0.0.1"
        )
    return True


def _is_forwarded() -> bool:
    return any(name.lower() in _OF_A_PROXY for name in st.context.headers)
