"""Where ministack checks permissions otherwise than AWS does."""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

#: Operations that AWS checks as another one.
_CHECKED_AS = {"sns:PublishBatch": "sns:Publish"}


def plug_in_authorization() -> None:
    """Correct the actions' names, name the resources of AWS Batch, and tell of DynamoDB's keys."""
    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn
    dynamodb_context_of = iam_actions.dynamodb_service_context

    def corrected_action(*request: Any) -> str | None:
        action: str | None = action_of(*request)
        return _CHECKED_AS.get(action or "", action)

    def corrected_resource(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> str:
        if service == "batch":
            return _batch_resource(path, body, *rest[-2:])
        return str(resource_of(service, method, path, headers, body, *rest))

    def corrected_dynamodb_context(body: bytes) -> dict[str, Any]:
        return {**dynamodb_context_of(body), **_leading_keys(body)}

    iam_actions.dynamodb_service_context = corrected_dynamodb_context
    iam_actions.extract_iam_action = corrected_action
    iam_actions.extract_resource_arn = corrected_resource


def _leading_keys(body: bytes) -> dict[str, list[str]]:
    """Return the partition key of a request that names one item; the table has no other key."""
    key = json.loads(body or b"{}").get("Key")
    if not key:
        return {}
    return {"dynamodb:LeadingKeys": [text for part in key.values() for text in part.values()]}


def _batch_resource(path: str, body: bytes, region: str, account: str) -> str:
    """Return what is acted on; of SubmitJob's two resources, the queue."""
    place = f"arn:aws:batch:{region}:{account}"
    asked = json.loads(body or b"{}")
    if path.endswith("/submitjob"):
        return f"{place}:job-queue/{asked['jobQueue'].rpartition('/')[2]}"
    if path.endswith(("/terminatejob", "/canceljob")):
        return f"{place}:job/{asked['jobId']}"
    return "*"
