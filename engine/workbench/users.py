"""People as the app knows them: the first one, signing in, one's own password, names to assign to.

What an admin does with others stands in :mod:`engine.workbench.staff`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit, clock, logins, passwords
from engine.workbench.errors import SignInError
from engine.workbench.models import AuditEntry, AuditHead, User
from engine.workbench.permissions import ROLES, Actor, Role, guarded

FIRST_ADMIN = "admin"

#: The people of a demo without sign-in, one a role; nobody can sign in as them.
DEMO_LOGINS: dict[Role, str] = {role: f"demo-{role}" for role in ROLES}

#: Logins that would read as somebody else in the audit.
RESERVED = frozenset({*DEMO_LOGINS.values(), audit.SYSTEM})

MAX_LOGIN = 200


def first_admin(session: Session) -> str | None:
    """Make the user ``admin`` where nobody but a demo's people is known (system).

    Returns
    -------
    str or None
        Their password, to be shown once and changed at the first sign-in; ``None`` where there
        are people already.
    """
    # Two programs that start at once make one admin: the head of the audit lets in one at a time.
    session.get(AuditHead, 1, with_for_update=True)
    real = select(User.id).where(User.login.not_in(RESERVED)).limit(1)
    if session.scalar(real) is not None:
        return None
    password = passwords.temporary()
    _audit_new(session, add_user(session, FIRST_ADMIN, "Administrator", "admin", password))
    return password


def actor_of(session: Session, user_id: int) -> Actor | None:
    """Return a user as who asks, with the role they have now; None if not active (system)."""
    user = session.get(User, user_id)
    return as_actor(user) if user is not None and user.is_active else None


def must_change_password(session: Session, user_id: int) -> bool:
    """Tell whether somebody was given a password that they have to change first (system)."""
    user = session.get(User, user_id)
    return user is not None and user.must_change_password


def from_provider(
    session: Session,
    issuer: str,
    subject: str,
    login: str,
    name: str,
    default_role: Role,
    admins: Sequence[str] = (),
) -> Actor:
    """Sign in somebody whom an OpenID provider vouches for; at the first time make them a user.

    Parameters
    ----------
    session
        Of a change.
    issuer, subject
        ``iss`` and ``sub``: they alone tell who it is.
    login, name
        How to call them: an address only if the provider verified it.
    default_role
        Role of somebody new.
    admins
        Logins that the app's configuration names admins: it has the last word at each sign-in.
        Who is admin by it alone, and is named no longer, gets the default role.

    Raises
    ------
    SignInError
        If the person was deactivated, or the login is another user's.
    """
    known_as = f"{issuer}|{subject}"
    login = checked_login(login)
    user = session.scalar(
        select(User).where(User.subject == known_as).with_for_update(key_share=True)
    )
    if user is None:
        user = _new_from_provider(session, known_as, login, name, default_role)
    if not user.is_active:
        raise SignInError(_deactivated(user))
    before = user.role
    if user.login in {admin.strip().casefold() for admin in admins}:
        user.role = "admin"
    elif user.role == "admin" and _is_admin_by_configuration(session, user):
        user.role = default_role
    user.last_login_at = clock.now()
    if user.role != before:
        audit.append(
            session, audit.SYSTEM, "set_role", f"user {user.login}", {"role": before},
            {"role": user.role},
        )  # fmt: skip
    audit.append(session, user.login, "sign_in", f"user {user.login}", None, {"provider": issuer})
    return as_actor(user)


def demo_actor(session: Session, role: Role = "reviewer") -> Actor:
    """Return the demo's person with a role, made at first use (system).

    Raises
    ------
    SignInError
        If an admin deactivated them.
    """
    login = DEMO_LOGINS[role]
    user = session.scalar(select(User).where(User.login == login))
    if user is None:
        session.get(AuditHead, 1, with_for_update=True)
        user = session.scalar(select(User).where(User.login == login))
    if user is None:
        user = add_user(session, login, f"Demo {role}", role, None)
        _audit_new(session, user)
    if not user.is_active:
        raise SignInError(f"{login} was deactivated; start the app without a demo and sign in")
    return as_actor(user)


@guarded("read")
def change_password(
    session: Session, actor: Actor, old: str, new: str, token: str | None = None
) -> None:
    """Change one's own password; all of one's sign-ins end but the one of ``token``.

    Raises
    ------
    SignInError
        If the old password is not right.
    InputError
        If the new one may not be used, or one's password is kept by an OpenID provider.
    """
    user = session.get_one(User, actor.user_id, with_for_update={"key_share": True})
    if user.password_hash is None:
        raise InputError("you sign in without a password of this app; there is none to change")
    if not passwords.fits(user.password_hash, old):
        raise SignInError("the present password is not right")
    if old == new:
        raise InputError("the new password is the present one; take another one")
    passwords.check(new, user.login)
    user.password_hash = passwords.make_hash(new)
    user.must_change_password = False
    ended = logins.end_all(session, user.id, token)
    audit.append(
        session, user.login, "change_password", f"user {user.login}", None,
        {"sign_ins_ended": ended},
    )  # fmt: skip


@guarded("read")
def people(session: Session, actor: Actor) -> list[Actor]:
    """Return everybody active, by name: who can be given an alert."""
    found = session.scalars(select(User).where(User.is_active).order_by(User.name, User.login))
    return [as_actor(user) for user in found]


def add_user(
    session: Session,
    login: str,
    name: str,
    role: Role,
    password: str | None,
    subject: str | None = None,
) -> User:
    """Add a user's row; who calls this writes the audit (system)."""
    user = User(
        login=login, name=checked_name(name, login), role=role, created_at=clock.now(),
        password_hash=None if password is None else passwords.make_hash(password),
        must_change_password=password is not None, subject=subject, preferences={},
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user


def checked_login(login: str) -> str:
    """Return a login as it is kept: lower case, without space around it.

    Raises
    ------
    InputError
        If it is empty, too long, has spaces or signs that do not show, or is reserved.
    """
    plain = unicodedata.normalize("NFKC", login).strip().casefold()
    if not 1 <= len(plain) <= MAX_LOGIN:
        raise InputError(f"a login has 1 to {MAX_LOGIN} characters, this one {len(plain)}")
    if not plain.isprintable() or any(mark.isspace() for mark in plain):
        raise InputError(f"a login has no spaces and no hidden characters: {login.strip()!r}")
    if plain in RESERVED:
        raise InputError(f"{plain!r} is the program's own; take another login")
    return plain


def checked_name(name: str, login: str) -> str:
    """Return a name to show, on one line; the login where none is given."""
    plain = " ".join("".join(c for c in name if c.isprintable() or c.isspace()).split())
    return plain[:MAX_LOGIN] or login


def as_actor(user: User) -> Actor:
    """Return a user's row as who asks."""
    role: Any = user.role
    return Actor(user.id, user.login, user.name, role)


def _new_from_provider(
    session: Session, known_as: str, login: str, name: str, default_role: Role
) -> User:
    # Two first sign-ins at once make one user.
    session.get(AuditHead, 1, with_for_update=True)
    user = session.scalar(select(User).where(User.subject == known_as))
    if user is not None:
        return user
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise SignInError(
            f"another user has the login {login}, and it is not taken over by who only has the "
            "same name at the provider; ask an admin, or have the provider send another name"
        )
    user = add_user(session, login, name, default_role, None, subject=known_as)
    _audit_new(session, user)
    return user


def _is_admin_by_configuration(session: Session, user: User) -> bool:
    """Tell whether it was no person who gave somebody their present role."""
    latest = session.scalar(
        select(AuditEntry.actor)
        .where(AuditEntry.subject == f"user {user.login}", AuditEntry.action == "set_role")
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    )
    return latest == audit.SYSTEM


def _audit_new(session: Session, user: User) -> None:
    made = {"name": user.name, "role": user.role}
    after = made if user.subject is None else made | {"provider": user.subject}
    audit.append(session, audit.SYSTEM, "create_user", f"user {user.login}", None, after)


def _deactivated(user: User) -> str:
    return f"{user.login} is deactivated; ask an admin to activate it"
