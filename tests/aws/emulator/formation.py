"""CloudFormation types that ministack does not know: Batch for real, the others by name only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import batch
from ministack.services.cloudformation import provisioners

Created = tuple[str, dict[str, str]]

#: Maps whose keys are the user's own, not names of properties.
_FREE_KEYS = ("Parameters", "Options", "Tags")


def plug_in_resources() -> None:
    """Register the types."""
    provisioners._RESOURCE_HANDLERS.update({
        "AWS::Batch::ComputeEnvironment": _batch("computeEnvironment"),
        "AWS::Batch::JobQueue": _batch("jobQueue"),
        "AWS::Batch::JobDefinition": _batch("jobDefinition"),
        "AWS::Budgets::Budget": _by_name(),
        "AWS::EC2::SecurityGroupEgress": _by_name(),
        "AWS::EC2::SecurityGroupIngress": _by_name(),
    })  # fmt: skip


def _batch(kind: str) -> dict[str, Callable[..., Any]]:
    operation = {"jobDefinition": "/v1/registerjobdefinition"}.get(
        kind, f"/v1/create{kind.lower()}"
    )

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Created:
        asked = _camel(properties)
        asked.pop("serviceRole", None)  # ministack has no service-linked roles
        asked.setdefault(f"{kind}Name", f"{stack}-{logical_id}")
        status, _, body = batch._DISPATCH[operation](asked)
        told = json.loads(body)
        if status != 200:
            raise ValueError(f"{logical_id}: {told}")
        arn = told[f"{kind}Arn"]
        return arn, {f"{kind[0].upper()}{kind[1:]}Arn": arn}

    return {"create": create, "delete": lambda *_: None}


def _by_name() -> dict[str, Callable[..., Any]]:
    def create(logical_id: str, _properties: dict[str, Any], stack: str) -> Created:
        name = f"{stack}-{logical_id}"
        return name, {"Id": name}

    return {"create": create, "delete": lambda *_: None}


def _camel(value: Any) -> Any:
    """Return CloudFormation's ``JobQueueName`` as the service's ``jobQueueName``."""
    if isinstance(value, dict):
        return {
            name[0].lower() + name[1:]: inner if name in _FREE_KEYS else _camel(inner)
            for name, inner in value.items()
        }
    return [_camel(item) for item in value] if isinstance(value, list) else value
