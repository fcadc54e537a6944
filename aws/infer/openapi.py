"""The OpenAPI document: what may be answered, with one schema for everything that went wrong."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from aws.infer.models import Problem

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

Responses = dict[int, Any]

_TITLE = "Ringleader: real-time scoring"
_VERSION = "1.0.0"
_DESCRIPTION = (
    "Scores single transactions by the model, the rules and the rings of a published run. "
    "On AWS requests are signed (IAM, SigV4, service execute-api)."
)


def _problems(**told: str) -> Responses:
    content = {"application/json": {"model": Problem}}
    return {int(name[1:]): {"description": text, "content": content} for name, text in told.items()}


_ALWAYS = _problems(
    _401="No token, or a wrong one (on this machine)",
    _403="The signature is missing or wrong (on AWS)",
    _404="There is no such path",
    _405="There is no such method on this path",
    _413="The body is too large",
    _429="Too many requests at once (on AWS)",
    _500="The request failed",
    _503="No run is published, or the store of profiles does not answer",
)
#: Answers of the routes, by status.
GET: Responses = {200: {"description": "Success"}} | _ALWAYS
POST: Responses = GET | _problems(
    _400="The body is not JSON",
    _409="The transaction_id was used for another transaction",
    _415="The body is not application/json",
    _422="A field is missing, unknown, or has a value that cannot be accepted",
)


@cache
def document(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """Return the document."""
    made: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(title=_TITLE, version=_VERSION, description=_DESCRIPTION)
    )
    for path in made["paths"].values():
        for method, operation in path.items():
            if method == "get":  # nothing is validated there
                operation["responses"].pop("422", None)
    made.pop("servers", None)  # the address that it was asked at
    return made
