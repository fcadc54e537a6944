"""The workbench as a page uses it: the database, and who sits before it.

What a page reads or changes goes through ``read`` and ``write``: each looks up anew who asks, in
the very transaction of what they ask for. A sign-in that has ended, or a role that was taken away,
counts at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from app.ui import demo
from engine.errors import EngineError
from engine.storage import is_address
from engine.workbench import logins
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.models import User
from engine.workbench.permissions import ROLES, Actor, Permission, Role, allows

P = ParamSpec("P")
R = TypeVar("R")

#: Name of the cookie that holds the token of a sign-in.
COOKIE = "ringleader_session"

_ACTOR = "signed_in"


class SignedOutError(EngineError):
    """Nobody is signed in here, or no longer."""


def address() -> str:
    """Return the address of the workbench's database.

    It is ``DATABASE_URL``; else a file in the lake's folder, or, as a database cannot lie on S3, in
    a folder of this machine's user.
    """
    lake = os.environ.get("RINGLEADER_LAKE", "lake")
    return os.environ.get("DATABASE_URL") or default_url(
        _own_folder(lake) if is_address(lake) else Path(lake)
    )


def is_shared() -> bool:
    """Tell whether all who use the lake see the same workbench."""
    lake = os.environ.get("RINGLEADER_LAKE", "lake")
    return bool(os.environ.get("DATABASE_URL")) or not is_address(lake)


def bench() -> Workbench:
    """Return the workbench's database, with the tables of this version."""
    return _open(address())


def read(
    function: Callable[Concatenate[Session, Actor, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call ``function(session, actor, …)`` of ``engine.workbench`` to read."""
    return bench().read(lambda session: function(session, _who(session), *args, **kwargs))


def write(
    function: Callable[Concatenate[Session, Actor, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call ``function(session, actor, …)`` of ``engine.workbench`` in one transaction."""
    return bench().write(lambda session: function(session, _who(session), *args, **kwargs))


def settle() -> Actor:
    """Look up who is signed in, once a script run.

    Raises
    ------
    SignedOutError
        If nobody is.
    """
    st.session_state.pop(_ACTOR, None)
    found = bench().read(_who)
    st.session_state[_ACTOR] = found
    return found


def actor() -> Actor:
    """Return who is signed in, with the role they had when this run of the page began."""
    known: Actor | None = st.session_state.get(_ACTOR)
    return known or settle()


def may(permission: Permission) -> bool:
    """Tell whether to offer what takes a permission; ``read`` and ``write`` check it again."""
    return allows(actor().role, permission)


def token() -> str | None:
    """Return what this browser's cookie holds."""
    return st.context.cookies.get(COOKIE)


def _who(session: Session) -> Actor:
    role, cookie = demo.role(), token()
    if role is not None:
        user_id: int | None = _demo_person(address(), role)
    else:
        user_id = logins.session_user(session, cookie) if cookie else None
    user = None if user_id is None else session.get(User, user_id)
    if user is None or not user.is_active:
        raise SignedOutError("nobody is signed in here, or no longer; sign in")
    kept = next(name for name in ROLES if name == user.role)
    return Actor(user.id, user.login, user.name, kept)


def _own_folder(lake: str) -> Path:
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "ringleader" / hashlib.sha256(lake.encode()).hexdigest()[:16]


@st.cache_resource(show_spinner=False)
def _open(url: str) -> Workbench:
    workbench = Workbench.open(url)
    upgrade(workbench)
    return workbench


@st.cache_resource(show_spinner=False)
def _demo_person(url: str, role: Role) -> int:
    return _open(url).write(demo.person, role)
