"""Real-time scoring as it is deployed: signed requests, the model of the last run, and alerts."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from aws.infer.remote import ask
from tests.aws.conftest import Subscription
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_BODY = {"sender": "C1", "receiver": "C2", "amount": 9839.64, "type": "TRANSFER",
         "time": "2026-01-31T10:00:00Z"}  # fmt: skip


@pytest.fixture
def published(aws: Emulated, program: pytest.MonkeyPatch, computed: str) -> str:
    """Wait until the run of this module scores, whatever was published before; return its id."""

    def look() -> str | None:
        _, health = ask(aws.variables["RINGLEADER_INFER_URL"], "/health")
        return computed if health.get("run_id") == computed else None

    return wait_for(f"scores by the model of {computed}", look)


@pytest.fixture(scope="module")
def computed(lake: LakeView, paysim: Path) -> str:
    """A run of 30,000 rows that the function has computed and published."""
    with paysim.open() as whole:
        lines = [line for _, line in zip(range(30_001), whole, strict=False)]
    lake.put("".join(lines).encode(), "raw/scored-in-real-time.csv")
    return lake.wait_for_run("scored-in-real-time")


def scored(url: str, **change: Any) -> tuple[int, dict[str, Any]]:
    """Ask for a score."""
    return ask(url, "/infer", {**_BODY, **change})


def test_a_signed_request_is_scored_by_the_model_of_the_last_run(
    aws: Emulated, program: pytest.MonkeyPatch, published: str
) -> None:
    status, told = scored(aws.variables["RINGLEADER_INFER_URL"])
    assert status == 200, told
    assert 0 <= told["risk"] <= 1
    status, health = ask(aws.variables["RINGLEADER_INFER_URL"], "/health")
    assert status == 200
    assert health["run_id"] == published


@pytest.mark.parametrize("path", ["/infer", "/explain"])
def test_an_unsigned_request_is_refused(aws: Emulated, path: str) -> None:
    address = aws.variables["RINGLEADER_INFER_URL"].removesuffix("/infer") + path
    request = urllib.request.Request(address, data=json.dumps(_BODY).encode())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 403


def test_a_request_signed_by_somebody_else_is_refused(
    aws: Emulated, program: pytest.MonkeyPatch
) -> None:
    for name, value in aws.role("Compute", "PrepRole").items():
        program.setenv(name, value)
    status, _ = ask(aws.variables["RINGLEADER_INFER_URL"], "/infer", _BODY)
    assert status == 403


def test_what_makes_no_sense_is_refused_with_the_field(
    aws: Emulated, program: pytest.MonkeyPatch, published: str
) -> None:
    status, told = scored(aws.variables["RINGLEADER_INFER_URL"], amount=-1)
    assert status == 422
    assert "amount" in json.dumps(told)


def test_a_transaction_at_high_risk_is_told_to_the_topic(
    aws: Emulated, program: pytest.MonkeyPatch, lake: LakeView, published: str,
    alerts: Subscription,
) -> None:  # fmt: skip
    """A transfer that empties the sender's account, as frauds do in PaySim."""
    balance = 1_234_567.0
    status, told = scored(
        aws.variables["RINGLEADER_INFER_URL"], sender="C-empties", amount=balance,
        sender_balance=balance, receiver_balance=0.0, transaction_id="t-high",
    )  # fmt: skip
    assert (status, told["alert"]) == (200, "sent"), told
    wait_for("the alert", lambda: [one for one in alerts.all() if "t-high" in json.dumps(one)])
