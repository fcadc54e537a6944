"""The Lambda function behind ``POST /infer``; the same handler answers on this machine.

API Gateway's HTTP API (payload 2.0) in front of it has checked who asks. Accounts are not logged.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import time
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body

from aws.infer import openapi
from aws.infer.models import (
    ExplainAnswer,
    FieldProblem,
    Health,
    InferAnswer,
    InferRequest,
    Problem,
)
from aws.infer.service import FieldError, NoModelError, RepeatedError, Service
from aws.infer.settings import Settings
from engine.errors import EngineError

#: Bytes of a request's body.
MAX_BODY = 64 * 1024
_JSON = "application/json"
_METHODS = {"/infer": "POST", "/explain": "POST", "/health": "GET", "/openapi.json": "GET"}

_log = logging.getLogger("ringleader.infer")
_log.setLevel(os.environ.get("LOG_LEVEL", "INFO"))

app = APIGatewayHttpResolver(enable_validation=True)


@cache
def service() -> Service:
    """Return the service that the environment describes; it lives as long as the process."""
    return Service.of(Settings.load())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request."""
    refused = _refused(event)
    if refused is not None:
        return refused
    return app.resolve(event, context)  # type: ignore[arg-type]


@app.post("/infer", summary="Score a transaction", responses=openapi.POST, tags=["Scoring"])
def infer(request: Annotated[InferRequest, Body()]) -> InferAnswer:
    """Score a transaction, remember it, and tell the topic of alerts if the risk is high."""
    began = time.perf_counter()
    answer = service().infer(request)
    _told(answer, began)
    return answer


@app.post("/explain", summary="Explain a score", responses=openapi.POST, tags=["Scoring"])
def explain(request: Annotated[InferRequest, Body()]) -> ExplainAnswer:
    """Score a transaction, remember nothing, and say why in a few sentences."""
    from aws.infer.explain import explained

    answer, _ = service().score_only(request)
    return explained(answer, request, Settings.load().bedrock_model)


@app.get("/health", summary="What scores", responses=openapi.GET, tags=["Service"])
def health() -> Health:
    """Say whether transactions can be scored, and by the model of which run."""
    scorer, pointer = service().in_use(look_up=True)
    return Health(
        status="ok", run_id=scorer.run_id, model_version=scorer.version, finished=pointer.finished
    )


@app.get("/openapi.json", summary="This document", responses=openapi.GET, tags=["Service"])
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return openapi.document(app)


def _invalid(error: RequestValidationError) -> Response[Any]:
    told = error.errors()
    if any(one["type"] == "json_invalid" for one in told):
        return _problem(400, "malformed", "the body is not JSON")
    fields = [
        FieldProblem(
            field=_field(one["loc"]), message=str(one["msg"]).removeprefix("Value error, ")
        )
        for one in told
    ]
    return _problem(422, "invalid", "the request has fields that cannot be accepted", fields)


def _late(error: FieldError) -> Response[Any]:
    message = "the request has fields that cannot be accepted"
    return _problem(422, "invalid", message, [error.problem])


def _repeated(error: RepeatedError) -> Response[Any]:
    return _problem(409, "repeated", str(error))


def _no_model(error: NoModelError) -> Response[Any]:
    return _problem(503, "no_model", str(error))


def _unavailable(error: EngineError) -> Response[Any]:
    _log.error("cannot score: %s", error)
    return _problem(503, "unavailable", "transactions cannot be scored just now; try again later")


def _failed(error: Exception) -> Response[Any]:
    _log.exception("a request failed")
    return _problem(500, "failed", "the request failed; it is in the log")


def _not_found(_: NotFoundError) -> Response[Any]:
    allowed = _METHODS.get(app.current_event.path)
    if allowed is None:
        return _problem(404, "not_found", f"there are {', '.join(_METHODS)}")
    found = _problem(405, "method", f"use {allowed}")
    found.headers["Allow"] = allowed
    return found


for _kind, _answer in (
    (RequestValidationError, _invalid), (FieldError, _late), (RepeatedError, _repeated),
    (NoModelError, _no_model), (EngineError, _unavailable), (NotFoundError, _not_found),
    (Exception, _failed),
):  # fmt: skip
    app.exception_handler(_kind)(_answer)


def problem_text(error: str, message: str, fields: list[FieldProblem] | None = None) -> str:
    """Return the body of an answer that is no success."""
    return Problem(error=error, message=message, fields=fields or []).model_dump_json()


def _problem(
    status: int, error: str, message: str, fields: list[FieldProblem] | None = None
) -> Response[Any]:
    return Response(status, _JSON, problem_text(error, message, fields), headers={})


def _refused(event: dict[str, Any]) -> dict[str, Any] | None:
    """Return the answer to a body that is too large, no JSON, or no text; None where it is fine."""
    body = event.get("body") or ""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    media = headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    if len(body) > MAX_BODY * (4 / 3 if event.get("isBase64Encoded") else 1):
        return _plain(413, "too_large", f"a body may have {MAX_BODY:,} bytes")
    asked = event["requestContext"]["http"]
    if asked["method"] != "POST" or _METHODS.get(asked["path"]) != "POST":
        return None
    if media != _JSON:
        return _plain(415, "media_type", f"send {_JSON}")
    try:
        text = base64.b64decode(body).decode() if event.get("isBase64Encoded") else body
        if len(text.encode()) > MAX_BODY:
            return _plain(413, "too_large", f"a body may have {MAX_BODY:,} bytes")
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _plain(400, "malformed", "the body is not JSON")
    return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _plain(status: int, error: str, message: str) -> dict[str, Any]:
    return {
        "statusCode": status, "headers": {"Content-Type": _JSON}, "isBase64Encoded": False,
        "body": problem_text(error, message),
    }  # fmt: skip


def _field(where: tuple[str | int, ...]) -> str:
    names = [str(part) for part in where if part not in ("body", "request")]
    return ".".join(names) or "body"


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def _told(answer: InferAnswer, began: float) -> None:
    told = {
        "told": "scored", "transaction_id": answer.transaction_id, "risk": round(answer.risk, 4),
        "band": answer.band, "alert": answer.alert, "recorded": answer.recorded,
        "run_id": answer.run_id, "milliseconds": round(1000 * (time.perf_counter() - began), 2),
    }  # fmt: skip
    _log.info(json.dumps(told))
