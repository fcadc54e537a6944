"""Sign-ins: a one-time ticket, the token that a browser gets for it, and their ends.

A page cannot set a cookie that scripts may not read; a route of the server can. So the page gets a
ticket, the browser posts it to the route, and the route answers with the token in a cookie. Only
the SHA-256 of either is kept: they are random and long, so it cannot be turned back.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from engine.workbench import audit, clock, settings
from engine.workbench.models import LoginSession, User

TICKET_LIFE = timedelta(minutes=1)

#: How long ended sign-ins are kept, for whoever looks into one.
_KEPT = timedelta(days=30)


def issue_ticket(session: Session, user_id: int) -> str:
    """Return a ticket that can be redeemed once, within a minute (system)."""
    now = clock.now()
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now - _KEPT))
    ticket = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            user_id=user_id, ticket_hash=_hash(ticket), created_at=now,
            expires_at=now + TICKET_LIFE,
        )
    )  # fmt: skip
    session.flush()
    return ticket


def redeem(session: Session, ticket: str) -> tuple[str, datetime] | None:
    """Change a ticket for a token and the moment it expires; None if it is used, late or unknown.

    The sign-in then lasts ``settings.login_hours``, however much is done in it (system).
    """
    row = session.scalar(
        select(LoginSession).where(LoginSession.ticket_hash == _hash(ticket)).with_for_update()
    )
    if row is None or not _is_open(row) or not _is_active(session, row.user_id):
        return None
    token = secrets.token_urlsafe(32)
    row.ticket_hash, row.token_hash = None, _hash(token)
    row.expires_at = clock.now() + timedelta(hours=settings.current(session).login_hours)
    session.flush()
    return token, row.expires_at


def session_user(session: Session, token: str) -> int | None:
    """Return the id of the active user whose token this is, None where it holds no more."""
    row = session.scalar(select(LoginSession).where(LoginSession.token_hash == _hash(token)))
    if row is None or not _is_open(row) or not _is_active(session, row.user_id):
        return None
    return row.user_id


def end(session: Session, token: str) -> None:
    """Sign out; a token that holds no more is let be (system)."""
    row = session.scalar(
        select(LoginSession).where(LoginSession.token_hash == _hash(token)).with_for_update()
    )
    if row is None or row.ended_at is not None:
        return
    row.ended_at = clock.now()
    user = session.get_one(User, row.user_id)
    audit.append(session, user.login, "sign_out", f"user {user.login}")


def end_all(session: Session, user_id: int, keep_token: str | None = None) -> int:
    """End the sign-ins of a user, but for the one of ``keep_token``; return how many (system).

    Whoever calls this says why in the audit.
    """
    kept = _hash(keep_token) if keep_token else ""
    now = clock.now()
    ended = session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .where(LoginSession.expires_at > now)
        .where(or_(LoginSession.token_hash.is_(None), LoginSession.token_hash != kept))
        .values(ended_at=now)
        .returning(LoginSession.id)
    )
    return len(ended.all())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_open(row: LoginSession) -> bool:
    return row.ended_at is None and row.expires_at > clock.now()


def _is_active(session: Session, user_id: int) -> bool:
    user = session.get(User, user_id)
    return user is not None and user.is_active
