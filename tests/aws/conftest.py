"""One emulated AWS for all tests, with the project deployed in it, and data to put into it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest

from aws.clients import client
from engine.generate import write_paysim
from tests.aws.bedrock_double.server import Double, served
from tests.aws.emulator.launcher import Emulated, emulated_aws
from tests.aws.watch import LakeView

_LOG = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def aws(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Emulated]:
    """The emulator, with everything deployed."""
    folder = tmp_path_factory.mktemp("aws")
    pytestconfig.stash[_LOG] = folder / "emulator.log"
    with emulated_aws(folder) as emulated:
        yield emulated


@pytest.fixture(scope="session")
def lake(aws: Emulated) -> LakeView:
    """The deployed lake."""
    assert aws.deployment is not None
    return LakeView(aws, aws.deployment.outputs["RingleaderStorage"]["LakeBucket"])


@pytest.fixture
def program(
    aws: Emulated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[pytest.MonkeyPatch]:
    """Lead the program in this process to the emulator, with a working copy of its own."""
    for name, value in aws.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RINGLEADER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    forget_clients()
    yield monkeypatch
    forget_clients()


def forget_clients() -> None:
    """Let the program read its environment again: boto3 remembers what it found first."""
    boto3.DEFAULT_SESSION = None
    client.cache_clear()


@pytest.fixture(scope="module")
def served_bedrock() -> Iterator[Double]:
    """The double of Bedrock, being served."""
    with served() as found:
        yield found


@pytest.fixture
def double(served_bedrock: Double, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """The double of Bedrock, which boto3 is led to; it answers well until told otherwise."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", served_bedrock.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", served_bedrock.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client.cache_clear()
    served_bedrock.play("good")
    yield served_bedrock
    client.cache_clear()


@pytest.fixture
def faults(aws: Emulated) -> Iterator[Emulated]:
    """The emulator, whose faults end with the test."""
    yield aws
    aws.fail([])


@dataclass
class Subscription:
    """A queue that gets ring alerts."""

    aws: Emulated
    url: str
    seen: list[dict[str, Any]] = field(default_factory=list)

    def of(self, run_id: str) -> list[dict[str, Any]]:
        """Return the messages of a run that came so far: body and attributes."""
        return [one for one in self.all() if json.loads(one["Message"]).get("run_id") == run_id]

    def all(self) -> list[dict[str, Any]]:
        """Return all messages that came so far."""
        sqs = self.aws.client("sqs")
        while got := sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                self.seen.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self.seen


@pytest.fixture(scope="session")
def alerts(aws: Emulated) -> Subscription:
    """All ring alerts, as a subscriber gets them."""
    return subscribe(aws, "all-alerts", None)


def subscribe(
    aws: Emulated, name: str, policy: dict[str, Any] | None, topic: str = "TopicArn"
) -> Subscription:
    """Subscribe a new queue to ring alerts, or to another topic, filtered by a policy."""
    assert aws.deployment is not None
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    send = {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": arn["QueueArn"],
    }  # fmt: skip
    allowed = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": allowed})
    chosen = {} if policy is None else {"FilterPolicy": json.dumps(policy)}
    aws.client("sns").subscribe(
        TopicArn=aws.deployment.outputs["RingleaderAlerts"][topic],
        Protocol="sqs",
        Endpoint=arn["QueueArn"],
        Attributes=chosen,
    )
    return Subscription(aws, url)


@pytest.fixture(scope="session")
def put_aside(aws: Emulated) -> Any:
    """Return a function that takes the dead letters about a key: their reasons."""
    assert aws.deployment is not None
    url = aws.deployment.physical("AWS::SQS::Queue", "PutAside")
    letters: list[dict[str, Any]] = []

    def about(key: str) -> list[str]:
        sqs = aws.client("sqs")
        while got := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in got:
                letters.append(message)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [
            letter.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "")
            for letter in letters
            if key in letter["Body"]
        ]

    return about


@pytest.fixture(scope="session")
def paysim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100,000 generated PaySim rows."""
    path = tmp_path_factory.mktemp("paysim") / "paysim.csv"
    write_paysim(100_000, 5, path)
    return path


@pytest.fixture(scope="session")
def small_paysim(paysim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,000 of them, with all the fraud: enough of it to learn from."""
    rows = pd.read_csv(paysim)
    fraud = rows[rows["isFraud"] == 1]
    rest = rows[rows["isFraud"] == 0].sample(10_000 - len(fraud), random_state=1)
    path = tmp_path_factory.mktemp("small") / "small.csv"
    pd.concat([fraud, rest]).sort_index().to_csv(path, index=False)
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the emulator's log beside a failure."""
    report = yield
    log = item.config.stash.get(_LOG, None)
    if report.failed and log is not None and log.exists():
        lines = [
            line for line in log.read_text(errors="replace").splitlines() if "[sns]" not in line
        ]
        report.sections.append((f"the emulator, {log}", "\n".join(lines[-30:])))
    return report
