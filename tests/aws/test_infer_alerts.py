"""Alerts of transactions at high risk: once an hour for a sender, and never in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aws.infer import quick_clients
from aws.infer.models import InferRequest
from aws.infer.service import Service
from engine.lake import RunPaths
from engine.realtime.store import StoreError
from tests.aws.infer_service import NOW, service_of, small_run

pytestmark = pytest.mark.slow

TOPIC = "arn:aws:sns:us-east-1:000000000000:alerts"


class Topic:
    """Stands in for SNS: keeps what is published, or fails."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    def publish(self, **message: Any) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return small_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    topic = Topic()
    monkeypatch.setattr(quick_clients, "quick_client", lambda _service: topic)
    return topic


@pytest.fixture
def service(paths: RunPaths, tmp_path: Path, topic: Topic) -> Service:
    """Return a service that tells of everything: the threshold is zero."""
    return service_of(paths, tmp_path, TOPIC, risk=0.0)


def pay(service: Service, sender: str = "alice", **changes: Any) -> str:
    request = {"sender": sender, "receiver": "bob", "amount": 10.0} | changes
    return service.infer(InferRequest.model_validate(request)).alert


def test_a_message_can_be_filtered_by_its_attributes(service: Service, topic: Topic) -> None:
    assert pay(service, transaction_id="t-1") == "sent"
    (message,) = topic.sent
    assert message["TopicArn"] == TOPIC
    attributes = {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
    assert attributes.keys() == {"kind", "band", "risk", "amount", "run_id"}
    assert attributes["kind"] == "transaction"
    body = json.loads(message["Message"])
    assert (body["transaction_id"], body["sender"]) == ("t-1", "alice")
    assert f"{body['risk']:.4f}" == attributes["risk"]


def test_a_sender_is_told_of_once_an_hour(service: Service, topic: Topic) -> None:
    assert [pay(service), pay(service), pay(service, "carol")] == ["sent", "duplicate", "sent"]
    service.clock = lambda: NOW + 3599
    assert pay(service) == "duplicate"
    service.clock = lambda: NOW + 3600
    assert pay(service) == "sent"
    assert len(topic.sent) == 3


def test_the_same_transaction_is_told_of_once(service: Service, topic: Topic) -> None:
    assert pay(service, transaction_id="t") == pay(service, transaction_id="t") == "sent"
    assert len(topic.sent) == 1


def test_below_the_threshold_nothing_is_told(paths: RunPaths, tmp_path: Path, topic: Topic) -> None:
    assert pay(service_of(paths, tmp_path, TOPIC, risk=1.0)) == "below"
    assert topic.sent == []


def test_what_is_not_recorded_is_not_told(service: Service, topic: Topic) -> None:
    assert pay(service, record=False) == "off"
    assert topic.sent == []


def test_a_topic_that_fails_spoils_no_answer_and_is_tried_again(
    service: Service, topic: Topic
) -> None:
    topic.failure = TimeoutError("no answer")
    assert pay(service) == "failed"
    topic.failure = None
    assert pay(service) == "sent"


def test_a_store_that_fails_to_claim_spoils_no_answer(
    service: Service, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise StoreError("no answer")

    monkeypatch.setattr(service.store, "claim", fails)
    assert pay(service) == "failed"
    assert topic.sent == []
