"""Real-time scoring on this machine: the Lambda handler behind a small HTTP server.

``python -m aws.infer.local [--port 8600] [--lake DIR|s3://…] [--run RUN_ID]`` publishes a run into
``<lake>/profiles.sqlite``, if none is published there, and answers on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import logging
import os
import sys
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from aws import names
from aws.infer.settings import TOKEN
from engine.errors import EngineError, InputError
from engine.lake import Lake
from engine.realtime.publish import publish
from engine.realtime.store import open_profiles

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_JSON = "application/json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish a run where none is, and serve."""
    parser = argparse.ArgumentParser(prog="python -m aws.infer.local", description=__doc__)
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--lake", default=os.environ.get(names.LAKE, "lake"))
    parser.add_argument("--run", help="publish this run; default: the one published, or the latest")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        prepare(Lake.open(given.lake), given.run)
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    print(f"POST http://127.0.0.1:{given.port}/infer", file=sys.stderr)
    uvicorn.run(application(), host="127.0.0.1", port=given.port, log_level="warning")
    return 0


def prepare(lake: Lake, run_id: str | None = None) -> None:
    """Publish a run into the lake's profiles if need be, and lead the handler there.

    Raises
    ------
    InputError
        If the lake has no finished run that can be published.
    """
    address = f"sqlite:///{lake.root.resolve() / 'profiles.sqlite'}"
    profiles = open_profiles(address)
    pointer = profiles.pointer()
    if pointer is None or (run_id is not None and pointer.run_id != run_id):
        chosen = run_id or _latest(lake)
        lake.fetch(chosen)
        done = publish(lake.run(chosen), profiles, progress=_say)
        print(f"\nrun {chosen}: {done.new:,} new profiles, {done.updated:,} updated",
              file=sys.stderr)  # fmt: skip
    os.environ[names.PROFILES] = address
    os.environ[names.LAKE] = str(lake.root.resolve())


def application() -> Starlette:
    """Return the server's application."""
    # Imported here: the handler reads the environment that ``prepare`` has set.
    from aws.infer.handler import MAX_BODY, handler, problem_text

    def refused(status: int, error: str, message: str) -> Response:
        return Response(problem_text(error, message), status, media_type=_JSON)

    async def answer(request: Request) -> Response:
        token = os.environ.get(TOKEN)
        if token and not hmac.compare_digest(
            request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()
        ):
            return refused(401, "token", "send the header Authorization: Bearer <token>")
        body = b""
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    return refused(413, "too_large", f"a body may have {MAX_BODY:,} bytes")
        except ClientDisconnect:
            return Response(status_code=400)
        answered = await run_in_threadpool(handler, event_of(request, body), _CONTEXT)
        return Response(
            answered.get("body", ""), answered["statusCode"], headers=answered.get("headers")
        )

    return Starlette(routes=[Route("/{path:path}", answer, methods=_METHODS)])


def event_of(request: Request, body: bytes) -> dict[str, Any]:
    """Return a request as API Gateway's HTTP API hands it on (payload 2.0)."""
    try:
        text, is_encoded = body.decode(), False
    except UnicodeDecodeError:
        text, is_encoded = base64.b64encode(body).decode(), True
    path = request.url.path
    http = {
        "method": request.method, "path": path, "protocol": "HTTP/1.1", "userAgent": "",
        "sourceIp": request.client.host if request.client else "",
    }  # fmt: skip
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path,
        "rawQueryString": request.url.query, "headers": dict(request.headers),
        "body": text or None, "isBase64Encoded": is_encoded,
        "requestContext": {
            "http": http, "stage": "$default", "requestId": "local", "apiId": "local",
            "accountId": "", "routeKey": "$default", "domainName": "127.0.0.1",
            "domainPrefix": "local", "time": "", "timeEpoch": int(time.time() * 1000),
        },
    }  # fmt: skip


_CONTEXT = SimpleNamespace(
    function_name="local", memory_limit_in_mb=0, invoked_function_arn="", aws_request_id="local"
)


def _latest(lake: Lake) -> str:
    for manifest in lake.manifests():
        if manifest["status"] == "done" and manifest.get("has_accounts", True):
            return str(manifest["run_id"])
    raise InputError(
        f"{lake.address} has no finished run with accounts: python -m engine run INPUT --lake …"
    )


def _say(share: float, message: str) -> None:
    print(f"\r{share:4.0%} {message:<40}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
