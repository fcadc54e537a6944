"""Where ministack checks permissions otherwise than AWS does."""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

#: Operations that AWS checks as another one.
_CHECKED_AS = {"sns:PublishBatch": "sns:Publish"}


def plug_in_authorization() -> None:
    """Correct the actions' names, and name the resources of AWS Batch."""
    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def corrected_action(*request: Any) -> str | None:
        action: str | None = action_of(*request)
        return _CHECKED_AS.get(action or "", action)

    def corrected_resource(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> str:
        if service == "batch":
            return _batch_resource(path, body, *rest[-2:])
        return str(resource_of(service, method, path, headers, body, *rest))

    iam_actions.extract_iam_action = corrected_action
    iam_actions.extract_resource_arn = corrected_resource


def _batch_resource(path: str, body: bytes, region: str, account: str) -> str:
    """Return what is acted on; of SubmitJob's two resources, the queue."""
    place = f"arn:aws:batch:{region}:{account}"
    asked = json.loads(body or b"{}")
    if path.endswith("/submitjob"):
        return f"{place}:job-queue/{asked['jobQueue'].rpartition('/')[2]}"
    if path.endswith(("/terminatejob", "/canceljob")):
        return f"{place}:job/{asked['jobId']}"
    return "*"
