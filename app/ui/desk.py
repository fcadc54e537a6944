"""The workbench as a page uses it: the database, and who sits before it.

What a page reads or changes goes through ``read`` and ``write``: each looks up anew who asks, in
the very transaction of what they ask for. A sign-in that has ended, or a role that was taken away,
counts at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from app.ui import demo, pseudonyms
from engine.errors import EngineError
from engine.storage import is_address
from engine.workbench import logins, users
from engine.workbench.database import Workbench, default_url
from engine.workbench.masked_cases import masked_call
from engine.workbench.masking import Masker
from engine.workbench.migrations import upgrade
from engine.workbench.models import User
from engine.workbench.permissions import Actor, Permission, Role, allows
from engine.workbench.preferences import Preferences, preferences
from engine.workbench.secret import secret

P = ParamSpec("P")
R = TypeVar("R")

#: Name of the cookie that holds the token of a sign-in.
COOKIE = "ringleader_session"

#: Session key: whether account ids are shown to who usually gets pseudonyms.
REVEALED = "account_ids_revealed"

_SEAT = "seat"
_SITTER = "seat_user"


class SignedOutError(EngineError):
    """Nobody is signed in here, or no longer."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at the desk, as of the beginning of this run of a page."""

    actor: Actor
    has_password: bool
    must_change_password: bool
    preferences: Preferences


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
    """Call ``function(session, actor, …)`` of ``engine.workbench`` to read.

    Where account ids are hidden, the result has pseudonyms, and the arguments may have them. What
    is not shown but computed with is read as it is: ``bench().read(function, actor(), …)``.
    """
    return bench().read(_asking(function, masker(), _who, args, kwargs))


def write(
    function: Callable[Concatenate[Session, Actor, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call ``function(session, actor, …)`` of ``engine.workbench`` in one transaction."""
    return bench().write(_asking(function, masker(), _who, args, kwargs))


def settle() -> Seat:
    """Look up who is signed in, once a script run.

    Raises
    ------
    SignedOutError
        If nobody is.
    """
    st.session_state.pop(_SEAT, None)
    found = bench().read(_sit_down)
    _clear_for(found.actor.user_id)
    st.session_state[_SEAT] = found
    return found


def seat() -> Seat:
    """Return who is signed in, as it was when this run of the page began."""
    known: Seat | None = st.session_state.get(_SEAT)
    return known or settle()


def actor() -> Actor:
    """Return who is signed in, with the role they had when this run of the page began."""
    return seat().actor


def may(permission: Permission) -> bool:
    """Tell whether to offer what takes a permission; ``read`` and ``write`` check it again."""
    return allows(actor().role, permission)


def masker() -> Masker | None:
    """Return what makes pseudonyms of account ids, ``None`` where these are shown."""
    if may("see_accounts") or st.session_state.get(REVEALED, False):
        return None
    return _masker(address())


def token() -> str | None:
    """Return what this browser's cookie holds."""
    return st.context.cookies.get(COOKIE)


def later(
    function: Callable[Concatenate[Session, Actor, P], R], *args: P.args, **kwargs: P.kwargs
) -> Callable[[], R]:
    """Return a call of ``read`` that is made when a download is clicked.

    Streamlit calls it outside of the session, where nobody is signed in: so it is told now whose
    cookie counts. Whether that still holds, and what the person may do, is looked up then.
    """
    url, made = address(), _asking_later(function, args, kwargs)
    return lambda: _open(url).read(made)


def later_write(
    function: Callable[Concatenate[Session, Actor, P], R], *args: P.args, **kwargs: P.kwargs
) -> Callable[[], R]:
    """Return a call of ``write`` that is made when a download is clicked; see :func:`later`."""
    url, made = address(), _asking_later(function, args, kwargs)
    return lambda: _open(url).write(made)


@dataclass(frozen=True, slots=True)
class Errand:
    """Reading and writing for somebody outside of their session: in a download, or a thread.

    As with :func:`later`, whose cookie counts was told when it began; whether that still holds is
    looked up at each call.
    """

    url: str
    masker: Masker | None
    who: Callable[[Session], Actor]

    def read(
        self,
        function: Callable[Concatenate[Session, Actor, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read as :func:`read` does."""
        return _open(self.url).read(_asking(function, self.masker, self.who, args, kwargs))

    def write(
        self,
        function: Callable[Concatenate[Session, Actor, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Write as :func:`write` does."""
        return _open(self.url).write(_asking(function, self.masker, self.who, args, kwargs))


def errand() -> Errand:
    """Return what reads and writes for who is signed in now, wherever it is called."""
    cookie, demo_person = token(), _demo_person()
    return Errand(address(), masker(), lambda session: _find(session, cookie, demo_person))


def _asking_later(
    function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[Session], R]:
    cookie, demo_person = token(), _demo_person()
    return _asking(
        function, masker(), lambda session: _find(session, cookie, demo_person), args, kwargs
    )


def _asking(
    function: Callable[..., R],
    by: Masker | None,
    who: Callable[[Session], Actor],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Callable[[Session], R]:
    """Return what calls a function of the workbench in a session of its database."""
    asked = pseudonyms.asked(function, args, kwargs, by, after=2)

    def call(session: Session) -> R:
        made = partial(function, session, who(session), *asked.args, **asked.kwargs)
        return made() if by is None else masked_call(session, by, made, asked.accounts)

    return call


def _who(session: Session) -> Actor:
    return _find(session, token(), _demo_person())


def _find(session: Session, cookie: str | None, demo_person: int | None) -> Actor:
    user_id = demo_person
    if user_id is None and cookie:
        user_id = logins.session_user(session, cookie)
    found = None if user_id is None else users.actor_of(session, user_id)
    if found is None:
        raise SignedOutError("nobody is signed in here, or no longer; load the page again")
    return found


def _sit_down(session: Session) -> Seat:
    found = _who(session)
    user = session.get_one(User, found.user_id)
    return Seat(
        actor=found,
        has_password=user.password_hash is not None,
        must_change_password=user.must_change_password,
        preferences=preferences(session, found.user_id),
    )


def _clear_for(user_id: int) -> None:
    """Throw away what somebody else left in this session: what they typed, saw and revealed."""
    if st.session_state.get(_SITTER, user_id) != user_id:
        kept = demo.chosen_role()
        st.session_state.clear()
        demo.keep_role(kept)
    st.session_state[_SITTER] = user_id


def _own_folder(lake: str) -> Path:
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "ringleader" / hashlib.sha256(lake.encode()).hexdigest()[:16]


@st.cache_resource(show_spinner=False)
def _open(url: str) -> Workbench:
    workbench = Workbench.open(url)
    upgrade(workbench)
    if not demo.is_wanted():
        _welcome(workbench)
    return workbench


def _welcome(workbench: Workbench) -> None:
    """At the first start make an admin, and tell the terminal how to sign in."""
    password = workbench.write(users.first_admin)
    if password is not None:
        line = "─" * 72
        print(
            f"\n{line}\n  First start of Ringleader. Sign in with\n\n"
            f"      login      {users.FIRST_ADMIN}\n      password   {password}\n\n"
            "  and choose a password of your own. It is shown only this once; to get a new one:\n"
            f"  python -m engine.workbench people reset {users.FIRST_ADMIN}\n{line}\n",
            flush=True,
        )


@st.cache_resource(show_spinner=False)
def _masker(url: str) -> Masker:
    return Masker(secret(_open(url)))


def _demo_person() -> int | None:
    role = demo.role()
    return None if role is None else _person_of(address(), role)


@st.cache_resource(show_spinner=False)
def _person_of(url: str, role: Role) -> int:
    return _open(url).write(users.demo_actor, role).user_id
