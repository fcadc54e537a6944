"""What the double's control plane knows of models and inference profiles."""

from __future__ import annotations

from typing import Any


def _model(name: str, **lifecycle: str) -> dict[str, Any]:
    arn = f"arn:aws:bedrock:us-east-1::foundation-model/{name}"
    return {"modelDetails": {"modelArn": arn, "modelId": name, "modelLifecycle": lifecycle}}


def _profile(name: str, model: str, *regions: str) -> dict[str, Any]:
    arns = [f"arn:aws:bedrock:{region}::foundation-model/{model}" for region in regions]
    return {
        "inferenceProfileName": name, "inferenceProfileId": name, "status": "ACTIVE",
        "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:0:inference-profile/{name}",
        "type": "SYSTEM_DEFINED", "models": [{"modelArn": arn} for arn in arns],
    }  # fmt: skip


_HAIKU, _OLD = "anthropic.claude-haiku-5-5", "anthropic.claude-3-haiku-20240307-v1:0"
_SONNET = "anthropic.claude-sonnet-5-5"
_LATE = "anthropic.claude-haiku-4-5-20251001-v1:0"

#: By route, and by what stands after it.
CONTROL: dict[str, dict[str, dict[str, Any]]] = {
    "/foundation-models/": {
        _HAIKU: _model(_HAIKU, status="ACTIVE", endOfLifeTime="2097-10-07T00:00:00Z"),
        _SONNET: _model(_SONNET, status="ACTIVE"),
        _OLD: _model(_OLD, status="LEGACY", endOfLifeTime="2026-09-10T00:00:00Z"),
        _LATE: _model(_LATE, status="LEGACY", endOfLifeTime="2099-01-02T00:00:00Z"),
    },
    "/inference-profiles/": {
        f"us.{_HAIKU}": _profile(f"us.{_HAIKU}", _HAIKU, "us-east-1", "us-west-2"),
        f"us.{_SONNET}": _profile(f"us.{_SONNET}", _SONNET, "us-east-1", "us-east-2"),
    },
}
