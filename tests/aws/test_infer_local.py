"""The server on this machine: the handler over HTTP, and requests that try to break it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aws import names
from aws.infer.bench import drive, served
from aws.infer.local import prepare
from aws.infer.settings import TOKEN
from engine.errors import InputError
from engine.lake import Lake
from engine.realtime.store import open_profiles
from tests.aws.infer_service import small_run

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance", "unsupported_method", "negative_data_rejection",
)  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(small_run(tmp_path_factory.mktemp("run")).root)


@pytest.fixture(scope="module")
def environment(lake: Lake) -> dict[str, str]:
    """Return the environment that a server of this lake has."""
    before = dict(os.environ)
    try:
        prepare(lake)
        found = dict(os.environ)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return found | {"LOG_LEVEL": "ERROR"}


@pytest.fixture(scope="module")
def port(environment: dict[str, str]) -> Iterator[int]:
    with served(environment) as port:
        yield port


def send(
    port: int, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body,
        {"Content-Type": "application/json"} | (headers or {}),
    )  # fmt: skip
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


PAYMENT = json.dumps({"sender": "zoë", "receiver": "bob", "amount": 5}).encode()


def test_the_latest_run_is_published_beside_the_lake_once(
    lake: Lake, environment: dict[str, str]
) -> None:
    assert environment[names.PROFILES] == f"sqlite:///{lake.root.resolve()}/profiles.sqlite"
    pointer = open_profiles(environment[names.PROFILES]).pointer()
    assert pointer is not None
    assert pointer.run_id == "rings"


def test_a_lake_without_a_run_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="python -m engine run"):
        prepare(Lake.open(tmp_path))


def test_a_payment_is_scored_over_http(port: int) -> None:
    status, answer = send(port, "/infer", PAYMENT)
    assert (status, answer["run_id"], answer["recorded"]) == (200, "rings", True)
    assert send(port, "/health")[1]["status"] == "ok"


def test_bodies_that_are_too_large_or_no_text(port: int) -> None:
    assert send(port, "/infer", b" " * 70_000)[0] == 413
    assert send(port, "/infer", b"\xff\xfe")[0] == 400
    assert send(port, "/infer?x=%ff", PAYMENT)[0] == 200


def test_many_at_once_are_all_recorded(port: int) -> None:
    assert len(drive(port, ["hub", "A", "B"], rate=500, seconds=0.4)) == 200


def test_a_token_is_asked_for_where_one_is_set(environment: dict[str, str]) -> None:
    with served(environment | {TOKEN: "secret"}) as port:
        for header, wanted in (("", 401), ("Bearer no", 401), ("Bearer secret", 200)):
            assert send(port, "/infer", PAYMENT, {"Authorization": header})[0] == wanted


def test_no_request_gets_an_answer_that_is_not_in_the_document(port: int) -> None:
    """Schemathesis makes requests of the OpenAPI document, good ones and bad ones."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "run",
            f"http://127.0.0.1:{port}/openapi.json", "--checks", ",".join(CHECKS),
            "--phases", "examples,coverage,fuzzing", "--max-examples", "60", "--mode", "all",
            "--generation-deterministic", "--no-color", "--max-time", "25",
        ],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    # A warning, that most made-up bodies are refused, is none of an answer.
    assert "Tested: 3" in done.stdout
