"""Uploads under ``raw/``: what becomes of good ones, odd ones, poisoned ones, and repeated ones."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aws import names
from aws.ingest import handler as ingest_handler
from aws.ingest.handler import MAX_RECEIVES, handler
from engine.lake import Lake
from engine.plan import open_manifest, plan
from tests.aws.conftest import Subscription
from tests.aws.emulator.fault_rules import Rule
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_numbers = count(1)
_CPU = "fraud-cpu-queue"
_HEADER = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud\n"  # noqa: E501


def some_rows(paysim: Path, rows: int) -> bytes:
    """Return rows of PaySim as a file that no other test has."""
    with paysim.open() as whole:
        lines = [line for _, line in zip(range(rows + 1), whole, strict=False)]
    return "".join(lines).encode() + b"\n" * next(_numbers)


@pytest.mark.parametrize(
    ("key", "stem"),
    [
        ("raw/plain.csv", "plain"),
        ("raw/with space+plus & more.csv", "with-space-plus"),
        ("raw/2026/11/Überweisungen 100%.csv", "berweisungen"),
    ],
)
def test_a_small_upload_is_computed_in_place(
    lake: LakeView, paysim: Path, key: str, stem: str
) -> None:
    lake.put(some_rows(paysim, 2000), key)
    run_id = lake.wait_for_run(stem)
    manifest = lake.manifest(run_id)
    assert manifest["input"]["uri"] == f"{lake.address}/{key}"
    assert manifest["input"]["rows"] == 2000
    assert lake.jobs(run_id) == []


def test_a_compressed_upload_is_read(lake: LakeView, paysim: Path) -> None:
    lake.put(gzip.compress(some_rows(paysim, 2000)), "raw/packed.csv.gz")
    manifest = lake.manifest(lake.wait_for_run("packed"))
    assert manifest["input"]["rows"] == 2000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b"", "empty"),
        ("no-header.csv", b"1,PAYMENT,9.5,C1,M1\n2,PAYMENT,3.5,C2,M1\n", "column"),
        ("binary.csv", bytes(range(256)) * 40, ""),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not utf-8"),
        ("header-only.csv", _HEADER.encode(), "no row"),
        ("nothing-good.csv", (_HEADER + "x,?,??,,,,,,,,\n" * 50).encode(), "row"),
        ("cut.csv.gz", gzip.compress(_HEADER.encode() * 900)[:-40], ""),
    ],
)  # fmt: skip
def test_a_poisoned_upload_is_put_aside_with_the_reason(
    lake: LakeView, put_aside: Callable[[str], list[str]], name: str, content: bytes, reason: str
) -> None:
    lake.put(content, f"raw/poisoned/{name}")
    reasons = wait_for("a dead letter", lambda: put_aside(f"poisoned/{name}"))
    assert len(reasons) == 1
    assert reason in reasons[0].lower()
    assert f"{lake.address}/raw/poisoned/{name}" in reasons[0]
    stem = name.split(".")[0]
    assert [k for f in ("prepped", "runs") for k in lake.keys(f"{f}/{stem}")] == []


def event(lake: LakeView, key: str, version: str, size: int) -> dict[str, Any]:
    """Return an S3 event as S3 sends it."""
    told = {"key": key, "size": size, "versionId": version, "sequencer": "01"}
    return {"Records": [{"eventName": "ObjectCreated:Put",
                         "s3": {"bucket": {"name": lake.bucket}, "object": told}}]}  # fmt: skip


def message(body: dict[str, Any], receives: int = 1) -> dict[str, Any]:
    """Return a message as Lambda hands it on."""
    return {
        "messageId": f"m{next(_numbers)}", "receiptHandle": "unknown", "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:no-queue",
    }  # fmt: skip


@pytest.fixture
def function(
    aws: Emulated, lake: LakeView, program: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """The function in this process; returns which messages shall come back."""
    assert aws.deployment is not None
    program.setenv(names.DEAD_LETTERS, aws.deployment.physical("AWS::SQS::Queue", "PutAside"))

    def call(*messages: dict[str, Any]) -> list[str]:
        answer = handler({"Records": list(messages)}, None)
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    return call


def test_the_same_upload_told_twice_is_one_run_and_one_message_a_ring(
    aws: Emulated, lake: LakeView, paysim: Path, alerts: Subscription
) -> None:
    assert aws.deployment is not None
    content = some_rows(paysim, 20_000)
    key = f"raw/twice-{next(_numbers)}.csv"
    version = lake.put(content, key)  # S3 tells once
    lake.wait_for_run("twice")
    inbox = aws.deployment.physical("AWS::SQS::Queue", "Inbox")
    for _ in range(3):  # and three times more
        aws.client("sqs").send_message(
            QueueUrl=inbox, MessageBody=json.dumps(event(lake, key, version, len(content)))
        )
    lake.put(content, key)  # and the same bytes come again
    run_id = lake.wait_for_run("twice")
    _wait_until_idle(aws)
    assert lake.runs("twice") == [run_id]
    rings = [r for r in lake.table(f"alerts/{run_id}/alerts.parquet")["ring_id"].to_pylist() if r]
    wait_for("the messages", lambda: len(alerts.of(run_id)) >= len(rings))
    told = [json.loads(one["Message"]) for one in alerts.of(run_id)]
    assert sorted(one["ring_id"] for one in told) == sorted(rings)


@pytest.fixture
def held(aws: Emulated) -> Iterator[Emulated]:
    """The CPU queue has no machine while the test runs; its jobs end with the test."""
    aws.jobs("hold", queue=_CPU)
    yield aws
    batch = aws.client("batch")
    for job in batch.list_jobs(jobQueue=_CPU, jobStatus="RUNNABLE")["jobSummaryList"]:
        batch.terminate_job(jobId=job["jobId"], reason="end of the test")
    aws.jobs("release", queue=_CPU)


@pytest.fixture
def elsewhere(program: pytest.MonkeyPatch) -> str:
    """Another folder for uploads in this process, of which the deployed function hears nothing."""
    program.setattr("aws.names.RAW", "elsewhere")
    return "elsewhere"


def test_a_large_upload_told_many_times_at_once_is_one_chain(
    held: Emulated, lake: LakeView, paysim: Path, function: Callable[..., list[str]],
    program: pytest.MonkeyPatch, elsewhere: str,
) -> None:  # fmt: skip
    program.setenv(names.BATCH_ROWS, "1000")
    content, key = some_rows(paysim, 3000), f"{elsewhere}/at-once.csv"
    told = event(lake, key, lake.put(content, key), len(content))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: function(message(told)), range(4)))
    assert answers == [[], [], [], []]
    (run_id,) = lake.runs("at-once")
    assert len(lake.jobs(run_id)) == 2
    assert lake.keys(f"runs/{run_id}/batch-") == [f"runs/{run_id}/batch-1.json"]


def test_a_small_upload_told_many_times_at_once_is_one_run(
    lake: LakeView, paysim: Path, function: Callable[..., list[str]], elsewhere: str,
    alerts: Subscription,
) -> None:  # fmt: skip
    content, key = some_rows(paysim, 3000), f"{elsewhere}/small-at-once.csv"
    told = message(event(lake, key, lake.put(content, key), len(content)))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: function(told), range(4)))
    assert [] in answers  # one at least did it; the others may come back
    assert function(told) == []
    (run_id,) = lake.runs("small-at-once")
    manifest = lake.manifest(run_id)
    assert manifest["status"] == "done"
    for file, sha256 in manifest["checksums"].items():
        assert hashlib.sha256(lake.read(file)).hexdigest() == sha256
    rings = [r for r in lake.table(f"alerts/{run_id}/alerts.parquet")["ring_id"].to_pylist() if r]
    told_of = [json.loads(one["Message"])["ring_id"] for one in alerts.of(run_id)]
    assert sorted(told_of) == sorted(rings)


@pytest.mark.parametrize(("rows", "jobs"), [(1000, 0), (1001, 2)])
def test_above_the_limit_an_upload_goes_to_batch(
    held: Emulated, lake: LakeView, paysim: Path, function: Callable[..., list[str]],
    program: pytest.MonkeyPatch, elsewhere: str, rows: int, jobs: int,
) -> None:  # fmt: skip
    program.setenv(names.BATCH_ROWS, "1000")
    content, key = some_rows(paysim, rows), f"{elsewhere}/limit-{rows}.csv"
    version = lake.put(content, key)
    assert function(message(event(lake, key, version, len(content)))) == []
    (run_id,) = lake.runs(f"limit-{rows}")
    assert len(lake.jobs(run_id)) == jobs


def test_what_is_no_upload_is_ignored(lake: LakeView, function: Callable[..., list[str]]) -> None:
    test_event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": lake.bucket}
    assert function(message(test_event)) == []
    for key in ("raw/", "raw/folder/", "raw/.hidden.csv", "prepped/x/transactions.parquet"):
        assert function(message(event(lake, key, "", 0))) == []


def test_a_failure_that_may_pass_brings_the_message_back(
    aws: Emulated, lake: LakeView, paysim: Path, function: Callable[..., list[str]],
    program: pytest.MonkeyPatch, faults: Emulated, elsewhere: str,
) -> None:  # fmt: skip
    """Nothing is half-done meanwhile, and the next delivery succeeds; soon, as the queue shows."""
    program.setattr("aws.clients._TRIES", 1)
    program.setattr(ingest_handler, "_AGAIN_SECONDS", 1)
    content, key = some_rows(paysim, 2000), f"{elsewhere}/comes-back.csv"
    version = lake.put(content, key)
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="comes-back", Attributes={"VisibilityTimeout": "5400"})
    sqs.send_message(QueueUrl=url["QueueUrl"],
                     MessageBody=json.dumps(event(lake, key, version, len(content))))  # fmt: skip

    def receive() -> dict[str, Any] | None:
        got = sqs.receive_message(
            QueueUrl=url["QueueUrl"], AttributeNames=["ApproximateReceiveCount"]
        ).get("Messages")
        return got and {
            "messageId": got[0]["MessageId"], "receiptHandle": got[0]["ReceiptHandle"],
            "body": got[0]["Body"], "attributes": got[0]["Attributes"],
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:comes-back",
        }  # fmt: skip

    first = wait_for("the message", receive)
    faults.fail([Rule(service="s3", method="PUT", path="/prepped/", times=99, status=500,
                      code="InternalError")])  # fmt: skip
    assert function(first) == [first["messageId"]]
    (run_id,) = lake.runs("comes-back")
    assert (lake.manifest(run_id)["status"], lake.manifest(run_id)["stages"]) == ("failed", [])
    faults.fail([])
    second = wait_for("the message again", receive, 5)
    assert second["attributes"]["ApproximateReceiveCount"] == "2"
    assert function(second) == []
    assert lake.manifest(run_id)["status"] == "done"


def test_notices_that_could_not_be_sent_are_sent_when_the_message_comes_back(
    lake: LakeView, paysim: Path, function: Callable[..., list[str]], alerts: Subscription,
    program: pytest.MonkeyPatch, faults: Emulated, elsewhere: str,
) -> None:  # fmt: skip
    """The run is done by then, and another copy of the function has the message."""
    program.setattr("aws.clients._TRIES", 1)
    content, key = some_rows(paysim, 20_000), f"{elsewhere}/untold.csv"
    told = event(lake, key, lake.put(content, key), len(content))
    faults.fail([Rule(service="sns", times=99, status=500, code="InternalError")])
    program.setenv("AWS_LAMBDA_LOG_STREAM_NAME", "one")
    assert len(function(message(told))) == 1
    faults.fail([])
    (run_id,) = lake.runs("untold")
    assert lake.manifest(run_id)["status"] == "done"
    assert alerts.of(run_id) == []
    program.setenv("AWS_LAMBDA_LOG_STREAM_NAME", "another")
    assert len(function(message(told, receives=2))) == 1  # it may be the first one's turn still
    waits = sum(ingest_handler._AGAIN_SECONDS * n for n in range(1, MAX_RECEIVES))
    now = time.time()
    program.setattr("aws.announce.time.time", lambda: now + waits)
    assert function(message(told, receives=MAX_RECEIVES)) == []
    rings = [r for r in lake.table(f"alerts/{run_id}/alerts.parquet")["ring_id"].to_pylist() if r]
    wait_for("the messages", lambda: len(alerts.of(run_id)) >= len(rings))
    sent = [json.loads(one["Message"])["ring_id"] for one in alerts.of(run_id)]
    assert rings
    assert sorted(sent) == sorted(rings)


@pytest.mark.parametrize("claimed", [0.0, None])
def test_a_run_that_failed_before_it_had_its_input_is_begun_again(
    lake: LakeView, paysim: Path, function: Callable[..., list[str]], elsewhere: str,
    claimed: float | None,
) -> None:  # fmt: skip
    """In the app, or in a copy of the function that died over it."""
    content, key = some_rows(paysim, 2000), f"{elsewhere}/failed-{claimed}.csv"
    told = message(event(lake, key, lake.put(content, key), len(content)))
    working = Lake.open(lake.address)
    planned = plan(working, f"{lake.address}/{key}")
    manifest = open_manifest(working.run(planned.run_id), planned)
    manifest |= {"status": "failed", "error": "the disk was full"} if claimed is None else {}
    manifest |= {} if claimed is None else {"claimed": claimed, "by": "somebody"}
    lake.put(json.dumps(manifest).encode(), f"runs/{planned.run_id}/run.json")
    assert function(told) == []
    done = lake.manifest(planned.run_id)
    assert (done["status"], done["input"]["rows"], done["error"]) == ("done", 2000, None)


def test_what_failed_too_often_is_put_aside(
    lake: LakeView, function: Callable[..., list[str]], faults: Emulated,
    program: pytest.MonkeyPatch, put_aside: Callable[[str], list[str]],
) -> None:  # fmt: skip
    program.setattr("aws.clients._TRIES", 1)
    faults.fail([Rule(service="s3", times=99, status=500, code="InternalError")])
    told = message(event(lake, "raw/too-often.csv", "", 1), receives=MAX_RECEIVES)
    assert function(told) == []
    (reason,) = wait_for("a dead letter", lambda: put_aside("too-often"))
    assert "InternalError" in reason


def test_what_was_put_aside_is_taken_in_when_it_is_moved_back(
    aws: Emulated, lake: LakeView, paysim: Path, function: Callable[..., list[str]],
    elsewhere: str, program: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="aside")["QueueUrl"]
    program.setenv(names.DEAD_LETTERS, url)
    content, key = some_rows(paysim, 2000), f"{elsewhere}/moved-back.csv"
    told = message(event(lake, key, "", len(content)), receives=MAX_RECEIVES)
    assert function(told) == []  # there is no such object yet
    (letter,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert "no such object" in letter["MessageAttributes"]["reason"]["StringValue"]
    lake.put(content, key)
    assert function(told | {"body": letter["Body"]}) == []
    assert lake.manifest(lake.runs("moved-back")[0])["status"] == "done"


def test_a_message_of_somebody_else_is_put_aside(
    function: Callable[..., list[str]], put_aside: Callable[[str], list[str]]
) -> None:
    assert function(message({"hello": "somebody-else"})) == []
    (reason,) = wait_for("a dead letter", lambda: put_aside("somebody-else"))
    assert "no event of S3's" in reason


def test_one_bad_message_does_not_hold_up_the_others(
    lake: LakeView, paysim: Path, function: Callable[..., list[str]], elsewhere: str,
    put_aside: Callable[[str], list[str]],
) -> None:  # fmt: skip
    content, key = some_rows(paysim, 2000), f"{elsewhere}/beside-bad.csv"
    version = lake.put(content, key)
    good = message(event(lake, key, version, len(content)))
    lake.put(b"", f"{elsewhere}/bad-one.csv")
    bad = message(event(lake, f"{elsewhere}/bad-one.csv", "", 0))
    assert function(bad, good) == []
    assert lake.manifest(lake.runs("beside-bad")[0])["status"] == "done"
    assert wait_for("a dead letter", lambda: put_aside("bad-one"))


def _wait_until_idle(aws: Emulated) -> None:
    """Wait until the deployed function has dealt with all notices."""
    assert aws.deployment is not None
    inbox = aws.deployment.physical("AWS::SQS::Queue", "Inbox")
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def look() -> bool:
        told = aws.client("sqs").get_queue_attributes(QueueUrl=inbox, AttributeNames=counts)
        return all(told["Attributes"][name] == "0" for name in counts)

    wait_for("the end of ingestion", look)
