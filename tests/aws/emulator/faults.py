"""Faults on request, in front of ministack: throttling, errors, slowness, cuts, killed jobs.

``POST /_emulator/faults`` replaces the rules by a JSON list and ``GET`` tells how often each was
met; ``POST /_emulator/jobs`` does something to a running job, and ``POST /_emulator/credentials``
gives those of a role. Whoever only watches says so in the
user agent and is never hit.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.aws.emulator.batch_job import Jobs
from tests.aws.emulator.fault_rules import OBSERVER, Rule
from tests.aws.emulator.role_sessions import credentials_of

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[^/]+)/")


class CutError(Exception):
    """Ends a connection in the middle of an answer."""


@dataclass(slots=True)
class Faults:
    """ministack's ASGI application, with faults before it."""

    inner: Application
    jobs: Jobs
    rules: list[Rule] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
        elif scope["path"].startswith("/_emulator/"):
            await _answer(send, 200, json.dumps(await self._control(scope, receive)).encode())
        else:
            await self._serve(scope, receive, send)

    async def _control(self, scope: dict[str, Any], receive: Receive) -> Any:
        told = json.loads(await _body(receive) or b"null")
        if scope["path"].endswith("/jobs"):
            return self.jobs.do(**told)
        if scope["path"].endswith("/credentials"):
            return credentials_of(**told)
        if scope["method"] == "POST":
            self.rules = [Rule(**rule) for rule in told]
        return [{"met": rule.met, "hit": rule.hit} for rule in self.rules]

    async def _serve(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        found = _SERVICE.search(headers.get("authorization", ""))
        service = found["service"] if found else ""
        query = scope.get("query_string", b"").decode()
        target = f"{scope['path']}?{query}" if query else scope["path"]
        if operation := headers.get("x-amz-target"):
            target = operation
        is_watching = OBSERVER in headers.get("user-agent", "")
        rule = None if is_watching else next(
            (rule for rule in self.rules if rule.takes(service, scope["method"], target)), None
        )  # fmt: skip
        if rule is None:
            await self.inner(scope, receive, send)
            return
        await asyncio.sleep(rule.seconds)
        if rule.do == "answer":
            await _body(receive)
            await _answer(send, rule.status, *_error(service, rule))
            return
        if rule.do in ("kill", "interrupt"):
            self.jobs.do(rule.do)
            # Whoever asked is dead; nothing that was asked may still happen.
            raise CutError
        if rule.do == "lose":
            await self.inner(scope, receive, _nowhere)
            await _answer(send, 500, *_error(service, Rule(code="InternalError")))
        else:
            await self.inner(scope, receive, _cutting(send) if rule.do == "cut" else send)


async def _nowhere(_message: dict[str, Any]) -> None:
    """Lose an answer."""


def _cutting(send: Send) -> Send:
    """Send an answer to the middle of its first part."""

    async def cut(message: dict[str, Any]) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        part = message.get("body", b"")
        await send({**message, "body": part[: len(part) // 2], "more_body": True})
        raise CutError

    return cut


def _error(service: str, rule: Rule) -> tuple[bytes, dict[str, str]]:
    message = f"injected: {rule.code}"
    if service == "s3":
        text = f"<Error><Code>{rule.code}</Code><Message>{message}</Message></Error>"
        return text.encode(), {"content-type": "application/xml"}
    if service == "sns":
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{rule.code}</Code>"
            f"<Message>{message}</Message></Error></ErrorResponse>"
        )
        return text.encode(), {"content-type": "text/xml"}
    body = json.dumps({"__type": rule.code, "message": message}).encode()
    return body, {"content-type": "application/json", "x-amzn-errortype": rule.code}


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(
    send: Send, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    told = {"content-type": "application/json", **(headers or {}), "content-length": str(len(body))}
    encoded = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
