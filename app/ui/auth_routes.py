"""The routes by which a browser changes its ticket for the cookie of a sign-in, and ends it.

A page of Streamlit cannot set a cookie that scripts cannot read. So a sign-in gives the page a
ticket that is good once and for a minute, and the browser changes it here.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from app.ui import desk
from app.ui.security_headers import is_https
from engine.errors import EngineError
from engine.workbench import clock, logins

_MOST_BYTES = 1000


async def start_session(request: Request) -> Response:
    """Change ``{"ticket": …}`` for the cookie."""
    if not _comes_from_here(request):
        return _refusal(403, "only pages of this app may ask this")
    ticket = await _ticket(request)
    if ticket is None:
        return _refusal(400, 'the body must be {"ticket": "…"}')
    try:
        redeemed = await run_in_threadpool(lambda: desk.bench().write(logins.redeem, ticket))
    except EngineError as error:
        return _refusal(503, str(error))
    if redeemed is None:
        return _refusal(401, "this sign-in took too long or was used before; sign in again")
    token, expires_at = redeemed
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        desk.COOKIE,
        token,
        max_age=int((expires_at - clock.now()).total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(request.scope, request.headers),
    )
    return answer


async def end_session(request: Request) -> Response:
    """End the sign-in of the browser's cookie, and take the cookie back."""
    if not _comes_from_here(request):
        return _refusal(403, "only pages of this app may ask this")
    token = request.cookies.get(desk.COOKIE)
    if token:
        try:
            await run_in_threadpool(lambda: desk.bench().write(logins.end, token))
        except EngineError as error:
            return _refusal(503, str(error))
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.delete_cookie(desk.COOKIE, path="/", httponly=True, samesite="lax")
    return answer


async def _ticket(request: Request) -> str | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return None
    try:
        content = json.loads(body)
    except ValueError:
        return None
    ticket = content.get("ticket") if isinstance(content, dict) else None
    return ticket if isinstance(ticket, str) else None


def _comes_from_here(request: Request) -> bool:
    """Tell whether a page of this app asks: another site could sign a browser in as somebody."""
    host = request.headers.get("host")
    return is_host_allowed(host) and urlsplit(request.headers.get("origin", "")).netloc == host


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status_code=status, headers={"Cache-Control": "no-store"})
