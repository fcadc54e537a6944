"""Uploads are for who is signed in: Streamlit itself takes them from anybody with the page open."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.ui import demo, desk
from engine.errors import EngineError
from engine.workbench import logins

_PATH = "/_stcore/upload_file"


class UploadGuard:
    """ASGI middleware that refuses the files of who is not signed in before they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["path"].startswith(_PATH):
            asked = HTTPConnection(scope)
            token = asked.cookies.get(desk.COOKIE)
            if not await run_in_threadpool(_may_upload, token, asked.headers):
                refusal = PlainTextResponse("sign in first", status_code=403)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _may_upload(token: str | None, headers: Mapping[str, str]) -> bool:
    try:
        if demo.is_on(headers):
            return True
        return bool(token) and desk.bench().read(logins.session_user, str(token)) is not None
    except EngineError:
        return False
