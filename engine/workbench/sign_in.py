"""Signing in with a password.

The message is the same for a login that is not known and for a password that is not right, and so
are the time it takes and the lock after some wrong ones: nobody learns here who works here.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit, clock, passwords
from engine.workbench.database import Workbench
from engine.workbench.errors import SignInError
from engine.workbench.models import AuditEntry, User
from engine.workbench.permissions import Actor
from engine.workbench.secret import keyed_hash, secret
from engine.workbench.strangers import strangers
from engine.workbench.users import as_actor, checked_login

#: Wrong passwords in a row after which a login is locked, and for how long.
MAX_FAILURES = 5
LOCKED_OUT = timedelta(minutes=15)

#: How often a provider's refusal of one person is written down.
_ONE_A = timedelta(minutes=1)

_WRONG = "login or password is wrong"
_FAILED = "sign_in_failed"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a login before the password is checked."""

    password_hash: str | None = None
    locked_until: datetime | None = None


def authenticate(workbench: Workbench, login: str, password: str) -> Actor:
    """Return who has this login and this password.

    Takes the workbench, not a session: the check is slow on purpose and must not keep others
    waiting, and a failure has to be saved although it is raised.

    Raises
    ------
    SignInError
        If they do not fit, the login is locked, or the user is deactivated.
    """
    try:
        login = checked_login(login)
    except InputError:
        passwords.fits(None, password)
        raise SignInError(_WRONG) from None
    key = secret(workbench)
    kept = workbench.read(_look_up, login, key)
    if kept.locked_until is not None:
        raise SignInError(_locked(kept.locked_until))
    right = passwords.fits(kept.password_hash, password)
    renewed = None
    if right and kept.password_hash and passwords.is_outdated(kept.password_hash):
        renewed = passwords.make_hash(password)
    outcome = workbench.write(_settle, login, key, kept if right else None, renewed)
    if isinstance(outcome, str):
        raise SignInError(outcome)
    return outcome


def _look_up(session: Session, login: str, key: bytes) -> _Kept:
    user = session.scalar(select(User).where(User.login == login))
    if user is None:
        return _Kept(locked_until=strangers(key).locked_until(_unknown(key, login)))
    return _Kept(user.password_hash, _locked_until(user))


def _settle(
    session: Session, login: str, key: bytes, right: _Kept | None, renewed: str | None
) -> Actor | str:
    """Save how a sign-in went; ``right`` is what the password was checked against and fitted."""
    user = session.scalar(select(User).where(User.login == login).with_for_update(key_share=True))
    if user is None:
        return _unknown_failed(session, key, login)
    # While the password was checked others may have failed, or it may have been changed.
    until = _locked_until(user)
    if until is not None:
        return _locked(until)
    if right is None or user.password_hash != right.password_hash:
        return _failed(session, user)
    if not user.is_active:
        audit.append(session, login, _FAILED, f"user {login}", None, {"reason": "deactivated"})
        return f"{login} is deactivated; ask an admin to activate it"
    user.failed_logins, user.locked_out_until, user.last_login_at = 0, None, clock.now()
    user.password_hash = renewed or user.password_hash
    audit.append(session, login, "sign_in", f"user {login}")
    return as_actor(user)


def _failed(session: Session, user: User) -> str:
    user.failed_logins += 1
    until = None
    if user.failed_logins >= MAX_FAILURES:
        until = clock.now() + LOCKED_OUT
        user.failed_logins, user.locked_out_until = 0, until
    reason = {"reason": "wrong password", "locked_until": until}
    audit.append(session, audit.SYSTEM, _FAILED, f"user {user.login}", None, reason)
    return _WRONG if until is None else _locked(until)


def _unknown_failed(session: Session, key: bytes, login: str) -> str:
    """Lock a login that nobody has as one that somebody has would be."""
    name = _unknown(key, login)
    until = strangers(key).locked_until(name)
    if until is not None:
        return _locked(until)
    until = strangers(key).fail(name, MAX_FAILURES, LOCKED_OUT)
    _note_stranger(session, key, name, {"reason": "unknown login"})
    return _WRONG if until is None else _locked(until)


def _note_stranger(session: Session, key: bytes, name: str, why: dict[str, Any]) -> None:
    """Write down that somebody unknown was refused, unless the audit is being filled with that."""
    left_out = strangers(key).to_write()
    if left_out is not None:
        more = {"left_out": left_out} if left_out else {}
        audit.append(session, audit.SYSTEM, _FAILED, name, None, why | more)


def note_refusal(workbench: Workbench, issuer: str, subject: str, reason: str) -> None:
    """Write down that somebody whom a provider vouches for was not let in (system).

    A browser asks again whenever the page runs: of each person one refusal a minute is kept.
    """
    workbench.write(_note_refusal, secret(workbench), issuer, subject, reason)


def _note_refusal(session: Session, key: bytes, issuer: str, subject: str, reason: str) -> None:
    known_as = f"{issuer}|{subject}"
    login = session.scalar(select(User.login).where(User.subject == known_as))
    name = _unknown(key, known_as) if login is None else f"user {login}"
    latest = session.scalar(
        select(func.max(AuditEntry.at)).where(
            AuditEntry.subject == name, AuditEntry.action == _FAILED
        )
    )
    if latest is not None and datetime.fromisoformat(latest) > clock.now() - _ONE_A:
        return
    why = {"reason": reason, "provider": issuer}
    if login is None:
        _note_stranger(session, key, name, why)
    else:
        audit.append(session, audit.SYSTEM, _FAILED, name, None, why)


def _unknown(key: bytes, login: str) -> str:
    """Return how the audit calls a login that nobody has: it may be a password typed there."""
    tag = base64.b32encode(keyed_hash(key, "login", login))[:10].decode().lower()
    return f"unknown login {tag}"


def _locked_until(user: User) -> datetime | None:
    until = user.locked_out_until
    return until if until is not None and until > clock.now() else None


def _locked(until: datetime) -> str:
    return (
        f"this login is locked until {until:%H:%M} UTC after {MAX_FAILURES} wrong passwords; wait, "
        "or ask an admin for a new password"
    )
