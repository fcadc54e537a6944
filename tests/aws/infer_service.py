"""A service over a small published run, and requests as API Gateway hands them on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aws.infer import handler as handler_module
from aws.infer.alert import Alerts
from aws.infer.service import Service, file_reader
from engine.generate import write_rings
from engine.lake import Lake, RunPaths
from engine.pipeline import run
from engine.plan import plan
from engine.realtime.publish import publish
from engine.realtime.sqlite_store import SqliteStore

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=0, invoked_function_arn="", aws_request_id="1"
)
#: Some moment after the run's last transaction.
NOW = 1_800_000_000.0


def small_run(folder: Path) -> RunPaths:
    """Run 6,000 generated transactions with rings that alert, labels left aside."""
    lake = Lake.open(folder / "lake")
    path = folder / "rings.csv"
    write_rings(6000, 3, path)
    run(lake, plan(lake, path, run_id="rings", labels="ignore"))
    return lake.run("rings")


def service_of(paths: RunPaths, folder: Path, topic: str = "", risk: float = 0.8) -> Service:
    """Return a service with the run published in a store of its own."""
    store = SqliteStore(folder / "profiles.sqlite")
    publish(paths, store)
    alerts = Alerts(store, topic, risk)
    return Service(store, file_reader(str(paths.root)), alerts, clock=lambda: NOW)


@contextmanager
def handled_by(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the handler use this service."""
    monkeypatch.setattr(handler_module, "service", lambda: service)
    yield


def event(
    method: str, path: str, body: str | None = None, media: str | None = "application/json"
) -> dict[str, Any]:
    """Return a request as API Gateway's HTTP API hands it on."""
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {} if media is None else {"content-type": media}, "body": body,
        "isBase64Encoded": False,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
    }  # fmt: skip


def ask(method: str, path: str, body: object = None, **how: Any) -> tuple[int, Any]:
    """Call the handler; return the status and the body."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    answer = handler_module.handler(event(method, path, text, **how), CONTEXT)
    assert answer["headers"]["Content-Type"] == "application/json"
    return answer["statusCode"], json.loads(answer["body"])
