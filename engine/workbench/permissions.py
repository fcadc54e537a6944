"""Who may do what: the only place that knows, below all pages.

A function that reads or changes case data is guarded by a permission::

    @guarded("note")
    def add_note(session: Session, actor: Actor, ...) -> ...:

Each call looks the person up in the database: a role that was taken away counts at once, whatever
a page still believes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast, get_args

from sqlalchemy.orm import Session

from engine.errors import EngineError
from engine.workbench.models import User

P = ParamSpec("P")
R = TypeVar("R")

Role = Literal["analyst", "reviewer", "admin"]

Permission = Literal[
    "read",  # see the queue, alerts, notes, history
    "see_accounts",  # see account ids as they are, not as pseudonyms
    "reveal_accounts",  # see them after all, for one sign-in; the audit says so
    "work",  # take, lock, assign to oneself, snooze, note, propose and make dispositions
    "assign_others",  # assign to others, set priorities, release others' locks
    "approve",  # second pair of eyes on a disposition of somebody else
    "reopen",  # reopen a closed alert
    "suppress",  # make and lift suppressions
    "export",  # download case data
    "run",  # start, cancel and resume runs
    "delete_run",
    "train_on_decisions",  # hand decisions to a run as labels
    "share_view",
    "read_audit",
    "settings",  # change settings of the workbench
    "people",  # make users, change roles, end sign-ins
]

ROLES: tuple[Role, ...] = get_args(Role)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

_ANALYST: frozenset[Permission] = frozenset(
    {"read", "see_accounts", "work", "suppress", "export", "run"}
)
_REVIEWER: frozenset[Permission] = _ANALYST | {
    "assign_others", "approve", "reopen", "delete_run", "train_on_decisions", "share_view",
    "read_audit",
}  # fmt: skip

#: The matrix. Who keeps the house need not know whose money it is: to an admin account ids are
#: pseudonyms until they ask for them, and that is recorded.
MATRIX: dict[Role, frozenset[Permission]] = {
    "analyst": _ANALYST,
    "reviewer": _REVIEWER,
    "admin": frozenset(get_args(Permission)) - {"see_accounts"},
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a user's id, with what a page shows of them."""

    user_id: int
    login: str
    name: str
    role: Role


class NotAllowedError(EngineError):
    """A person asked for what their role does not hold."""


#: Every guarded function by ``module.name``, with its permission; a test walks through them all.
GUARDED: dict[str, tuple[Permission, Callable[..., Any]]] = {}


def allows(role: Role, permission: Permission) -> bool:
    """Tell whether a role holds a permission."""
    return permission in MATRIX[role]


def require(session: Session, actor: Actor, permission: Permission) -> User:
    """Return the person's row if they may.

    Raises
    ------
    NotAllowedError
        If there is no such active user, or the role they have now does not hold the permission.
    """
    user = session.get(User, actor.user_id)
    if user is None or not user.is_active:
        raise NotAllowedError(f"{actor.login} is no active user here; sign in again")
    role: Any = user.role
    if not allows(role, permission):
        able = " or ".join(name for name in ROLES if allows(name, permission))
        raise NotAllowedError(
            f"{user.login} is {_article(role)} {role}; this takes {_article(able)} {able}"
        )
    return user


def guarded(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[Session, Actor, P], R]], Callable[Concatenate[Session, Actor, P], R]
]:
    """Ask for a permission before a function of a session and an actor does anything."""

    def wrap(
        function: Callable[Concatenate[Session, Actor, P], R],
    ) -> Callable[Concatenate[Session, Actor, P], R]:
        @wraps(function)
        def checked(session: Session, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            require(session, actor, permission)
            return function(session, actor, *args, **kwargs)

        GUARDED[f"{function.__module__}.{function.__qualname__}"] = (permission, checked)
        return cast("Callable[Concatenate[Session, Actor, P], R]", checked)

    return wrap


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
