"""Demo mode: no sign-in, on this machine alone."""

from __future__ import annotations

import os

import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import clock
from engine.workbench.audit import SYSTEM, append
from engine.workbench.models import User
from engine.workbench.permissions import ROLES, Role

#: ``1``, or the role that who opens the app shall have.
VARIABLE = "RINGLEADER_DEMO"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def role() -> Role | None:
    """Return the role that everybody has in demo mode, ``None`` where it is off.

    Raises
    ------
    InputError
        If other machines can reach the app: then it must ask who comes.
    """
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        return None
    named: Role | None = next((name for name in ROLES if name == wanted), None)
    if wanted != "1" and named is None:
        raise InputError(f"{VARIABLE} is {wanted!r}; it may be 1, {', '.join(ROLES)}, or not set")
    if st.get_option("server.address") not in _LOOPBACK or _is_forwarded():
        raise InputError(
            f"{VARIABLE} lets everybody in without a password, so it works only where the app "
            "listens on 127.0.0.1 and no proxy stands before it. Unset it, or start the app with "
            "--server.address=127.0.0.1"
        )
    return named or "reviewer"


def person(session: Session, role: Role) -> int:
    """Return the id of the person of the demo with a role; they have no password."""
    login = f"demo-{role}"
    found = session.scalar(select(User).where(User.login == login))
    if found is None:
        found = User(
            login=login, name=f"Demo {role}", role=role, preferences={}, created_at=clock.now()
        )
        session.add(found)
        session.flush()
        append(session, SYSTEM, "add person", f"user {login}", None, {"role": role})
    return found.id


def _is_forwarded() -> bool:
    return any(name.lower() in ("x-forwarded-for", "forwarded") for name in st.context.headers)
