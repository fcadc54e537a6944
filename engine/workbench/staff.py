"""What an admin does with people: make them, change their role, let them in or no longer."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit, clock, logins, passwords
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Alert, AuditHead, LoginSession, User
from engine.workbench.permissions import Actor, Role, guarded
from engine.workbench.users import DEMO_LOGINS, RESERVED, add_user, checked_login

#: How somebody comes in: with a password of this app, by an OpenID provider, or as a demo's person.
SignsInBy = Literal["password", "provider", "demo"]


@dataclass(frozen=True, slots=True)
class Person:
    """A user as an admin sees them.

    ``sign_ins`` are those that hold now, ``alerts`` the alerts assigned to them that are not
    closed.
    """

    user_id: int
    login: str
    name: str
    role: Role
    is_active: bool
    signs_in_by: SignsInBy
    must_change_password: bool
    created_at: datetime
    last_login_at: datetime | None
    locked_out_until: datetime | None
    sign_ins: int
    alerts: int


@guarded("people")
def list_users(session: Session, actor: Actor) -> list[Person]:
    """Return all users, the active ones first, by login."""
    return list_people(session)


def list_people(session: Session) -> list[Person]:
    """Do what :func:`list_users` does, for who holds the database's address (system)."""
    now = clock.now()
    sign_ins = _counts(
        session, LoginSession.user_id, LoginSession.ended_at.is_(None),
        LoginSession.token_hash.is_not(None), LoginSession.expires_at > now,
    )  # fmt: skip
    alerts = _counts(session, Alert.assignee_id, Alert.status != "closed")
    users = session.scalars(select(User).order_by(User.is_active.desc(), User.login))
    return [_person(user, now, sign_ins, alerts) for user in users]


@guarded("people")
def create_user(session: Session, actor: Actor, login: str, name: str, role: Role) -> str:
    """Make a user, and return the password they get in with once, to choose their own.

    Raises
    ------
    InputError
        If the login is taken or cannot be one, or there is no such role.
    """
    return enlist(session, actor.login, login, name, role)


def enlist(session: Session, by: str, login: str, name: str, role: Role) -> str:
    """Do what :func:`create_user` does, for who holds the database's address (system)."""
    login, role = checked_login(login), _checked_role(role)
    # Two admins who make the same login at once: the second is told, not broken off.
    session.get(AuditHead, 1, with_for_update=True)
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise InputError(f"the login {login} is taken, by somebody active or not; take another one")
    password = passwords.temporary()
    user = add_user(session, login, name, role, password)
    audit.append(
        session, by, "create_user", f"user {login}", None, {"name": user.name, "role": role}
    )
    return password


@guarded("people")
def set_role(session: Session, actor: Actor, login: str, role: Role) -> None:
    """Give somebody another role; it counts from their next click on.

    Raises
    ------
    InputError
        If there is no such user or role, or nobody active would be an admin then.
    """
    role, admins = _checked_role(role), _lock_admins(session)
    user = _user(session, login)
    if user.role == role:
        return
    _keep_an_admin(admins, user)
    before, user.role = user.role, role
    audit.append(
        session, actor.login, "set_role", f"user {user.login}", {"role": before}, {"role": role}
    )


@guarded("people")
def deactivate(session: Session, actor: Actor, login: str) -> int:
    """Let somebody in no longer; their sign-ins end at once. Return how many those were.

    Alerts assigned to them stay so: who assigns sees to them.

    Raises
    ------
    InputError
        If there is no such user, or nobody active would be an admin then.
    """
    admins = _lock_admins(session)
    user = _user(session, login)
    if not user.is_active:
        return 0
    _keep_an_admin(admins, user)
    user.is_active = False
    ended = logins.end_all(session, user.id)
    audit.append(
        session, actor.login, "deactivate", f"user {user.login}", {"is_active": True},
        {"is_active": False, "sign_ins_ended": ended},
    )  # fmt: skip
    return ended


@guarded("people")
def activate(session: Session, actor: Actor, login: str) -> None:
    """Let somebody in again."""
    user = _user(session, login)
    if user.is_active:
        return
    user.is_active = True
    audit.append(
        session, actor.login, "activate", f"user {user.login}", {"is_active": False},
        {"is_active": True},
    )  # fmt: skip


@guarded("people")
def reset_password(session: Session, actor: Actor, login: str) -> str:
    """Return a new password for somebody, to be changed at once; their sign-ins end, a lock too.

    Raises
    ------
    InputError
        If there is no such user, or they sign in without a password of this app.
    """
    return renew_password(session, actor.login, login)


@guarded("people")
def end_sign_ins(session: Session, actor: Actor, login: str) -> int:
    """Sign somebody out everywhere, and return how many sign-ins that ended."""
    user = _user(session, login)
    ended = logins.end_all(session, user.id)
    if ended:
        after = {"sign_ins_ended": ended}
        audit.append(session, actor.login, "end_sign_ins", f"user {user.login}", None, after)
    return ended


def renew_password(session: Session, by: str, login: str) -> str:
    """Do what :func:`reset_password` does, for who holds the database's address (system)."""
    user = _user(session, login)
    if signs_in_by(user) != "password":
        raise InputError(f"{user.login} signs in without a password of this app; none to reset")
    password = passwords.temporary()
    user.password_hash, user.must_change_password = passwords.make_hash(password), True
    user.failed_logins, user.locked_out_until = 0, None
    ended = logins.end_all(session, user.id)
    audit.append(
        session, by, "reset_password", f"user {user.login}", None, {"sign_ins_ended": ended}
    )
    return password


def signs_in_by(user: User) -> SignsInBy:
    """Return how somebody comes in."""
    if user.login in DEMO_LOGINS.values():
        return "demo"
    return "provider" if user.subject is not None else "password"


def _user(session: Session, login: str) -> User:
    plain = login.strip().casefold()
    user = session.scalar(
        select(User)
        .where(User.login == plain)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if user is not None:
        return user
    near = difflib.get_close_matches(plain, session.scalars(select(User.login)).all(), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise NotFoundError(f"there is no user {login!r}{hint}")


def _checked_role(role: Role) -> Role:
    if role not in get_args(Role):
        raise InputError(f"a role is {', '.join(get_args(Role))}, not {role!r}")
    return role


def _lock_admins(session: Session) -> set[int]:
    """Return the ids of the active admins; nobody else makes or unmakes one meanwhile.

    Asked before a row of a single user is locked: two admins who demote each other wait here.
    """
    admins = session.scalars(
        select(User)
        .where(User.role == "admin", User.is_active, User.login.not_in(RESERVED))
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return {user.id for user in admins}


def _keep_an_admin(admins: set[int], leaving: User) -> None:
    if admins == {leaving.id}:
        raise InputError(
            f"{leaving.login} is the last active admin; make somebody else an admin first"
        )


def _counts(session: Session, by: Any, *conditions: Any) -> dict[int, int]:
    found = session.execute(select(by, func.count()).where(*conditions).group_by(by))
    return {user_id: n for user_id, n in found if user_id is not None}


def _person(user: User, now: datetime, sign_ins: dict[int, int], alerts: dict[int, int]) -> Person:
    role: Any = user.role
    until = user.locked_out_until
    return Person(
        user.id, user.login, user.name, role, user.is_active, signs_in_by(user),
        user.must_change_password, user.created_at, user.last_login_at,
        until if until is not None and until > now else None,
        sign_ins.get(user.id, 0), alerts.get(user.id, 0),
    )  # fmt: skip
