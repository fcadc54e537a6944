"""Sign-in by OpenID Connect, where ``.streamlit/secrets.toml`` names a provider under ``[auth]``.

What is the app's own stands under ``[ringleader]``: ``admins`` (logins), ``local_sign_in``
(``false`` leaves the provider alone), ``login_claim`` (default: the verified e-mail address).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ui import desk
from engine.errors import EngineError
from engine.workbench import clock, settings, sign_in, users
from engine.workbench.errors import SignInError, WorkbenchError
from engine.workbench.models import User
from engine.workbench.permissions import Actor

#: The provider's cookie lasts for weeks; what it said is good for one sign-in, soon after.
_FRESH = timedelta(minutes=10)


def providers() -> dict[str | None, str]:
    """Return what to call each provider, by its name for ``st.login``; empty if there is none."""
    auth = _section("auth")
    if "client_id" in auth:
        return {None: _host(auth)}
    return {name: _host(section) for name, section in auth.items() if isinstance(section, Mapping)}


def is_local_allowed() -> bool:
    """Tell whether people may sign in with a password of the app's own."""
    return not providers() or bool(_section("ringleader").get("local_sign_in", True))


def is_at_provider() -> bool:
    """Tell whether this browser is signed in at the provider, as far as Streamlit knows."""
    return bool(providers()) and bool(st.user.get("is_logged_in"))


def newcomer() -> Actor | None:
    """Sign in who just came back from the provider; ``None`` if nobody did.

    Raises
    ------
    SignInError
        If the provider does not say who it is, or the person may not sign in.
    """
    if not is_at_provider():
        return None
    claims: dict[str, Any] = st.user.to_dict()
    told_at = datetime.fromtimestamp(float(claims.get("iat") or 0), UTC)
    if told_at < clock.now() - _FRESH or desk.bench().read(_is_used, claims, told_at):
        return None
    try:
        return desk.bench().write(_sign_in, claims, _section("ringleader"))
    except WorkbenchError:
        raise
    except EngineError as error:
        sign_in.note_refusal(
            desk.bench(), str(claims.get("iss") or ""), str(claims.get("sub") or ""), str(error)
        )
        raise


def _sign_in(session: Session, claims: Mapping[str, Any], own: Mapping[str, Any]) -> Actor:
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not issuer or not subject:
        raise SignInError("the provider did not say who signed in (no iss or sub)")
    login = _login(claims, own.get("login_claim"))
    return users.from_provider(
        session,
        str(issuer),
        str(subject),
        login,
        str(claims.get("name") or login),
        settings.current(session).default_role,
        [str(admin) for admin in own.get("admins", ())],
    )


def _login(claims: Mapping[str, Any], claim: str | None) -> str:
    if claim is not None and claims.get(claim):
        return str(claims[claim])
    if claim is None and claims.get("email") and claims.get("email_verified") is True:
        return str(claims["email"])
    wanted = f"the claim {claim}" if claim else "a verified e-mail address"
    raise SignInError(
        f"the provider did not send {wanted}, which would be the login; whoever runs the app can "
        "name another claim as login_claim under [ringleader] in .streamlit/secrets.toml"
    )


def _is_used(session: Session, claims: Mapping[str, Any], told_at: datetime) -> bool:
    known_as = f"{claims.get('iss')}|{claims.get('sub')}"
    last = session.scalar(select(User.last_login_at).where(User.subject == known_as))
    return last is not None and last >= told_at


def _section(name: str) -> Mapping[str, Any]:
    if not st.secrets.load_if_toml_exists():
        return {}
    found: Any = st.secrets.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _host(section: Mapping[str, Any]) -> str:
    return urlsplit(str(section.get("server_metadata_url", ""))).hostname or "OpenID Connect"
