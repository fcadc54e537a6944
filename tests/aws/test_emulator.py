"""The emulator itself: Bedrock's double, Batch's ways, events, and that nothing is left of it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError, ReadTimeoutError

from tests.aws.conftest import subscribe
from tests.aws.emulator.bedrock import Bedrock, Reply, serve_bedrock, wrong_numbers
from tests.aws.emulator.launcher import REGION, Emulated, emulated_aws
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_ASKED = [{"role": "user", "content": [{"text": "Ring R7: 12 accounts, 3,400.50."}]}]


@pytest.fixture
def bedrock() -> Iterator[Bedrock]:
    with serve_bedrock() as double:
        yield double


def runtime(double: Bedrock, tries: int = 3) -> Any:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": tries}, read_timeout=1
    )  # fmt: skip
    return boto3.client(
        "bedrock-runtime", REGION, endpoint_url=double.url, config=config,
        aws_access_key_id="x", aws_secret_access_key="y",
    )  # fmt: skip


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["output"]["message"]["content"][0]["text"])


def test_the_double_answers_as_it_is_told(bedrock: Bedrock) -> None:
    bedrock.replies += [Reply("first"), Reply(wrong_numbers)]
    client = runtime(bedrock)
    answers = [client.converse(modelId="a.model:0", messages=_ASKED) for _ in range(3)]
    assert text_of(answers[0]) == "first"
    assert text_of(answers[1]) == "Ring R97: 912 accounts, 93,400.50."
    assert "accounts" in text_of(answers[2])
    assert answers[0]["usage"]["inputTokens"] > 0
    assert [(call.operation, call.model) for call in bedrock.calls] == [
        ("converse", "a.model:0")
    ] * 3


def test_the_double_streams(bedrock: Bedrock) -> None:
    bedrock.replies.append(Reply("word by word"))
    stream = runtime(bedrock).converse_stream(modelId="m", messages=_ASKED)["stream"]
    events = list(stream)
    pieces = [e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e]
    assert pieces == ["word ", "by ", "word"]
    assert "usage" in events[-1]["metadata"]


def test_the_double_fails_as_it_is_told(bedrock: Bedrock) -> None:
    throttled = Reply(error="ThrottlingException")
    bedrock.replies += [throttled, throttled, Reply("at last")]
    assert text_of(runtime(bedrock).converse(modelId="m", messages=_ASKED)) == "at last"
    bedrock.replies += [Reply(error="AccessDeniedException", status=403)]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        runtime(bedrock).converse(modelId="m", messages=_ASKED)
    bedrock.replies += [Reply(seconds=2.0)]
    with pytest.raises(ReadTimeoutError):
        runtime(bedrock, tries=1).converse(modelId="m", messages=_ASKED)
    bedrock.replies += [Reply("a b c", error="throttlingException", breaks_after=1)]
    with pytest.raises(EventStreamError):
        list(runtime(bedrock).converse_stream(modelId="m", messages=_ASKED)["stream"])


def job(aws: Emulated, command: list[str], **more: Any) -> str:
    told = aws.client("batch").submit_job(
        jobName="emulator", jobQueue="fraud-cpu-queue", jobDefinition="cpu-prep-job",
        containerOverrides={"command": command}, **more,
    )  # fmt: skip
    return str(told["jobId"])


def end_of(aws: Emulated, job_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        told: dict[str, Any] = aws.client("batch").describe_jobs(jobs=[job_id])["jobs"][0]
        return told if told["status"] in ("SUCCEEDED", "FAILED") else None

    return wait_for("the end of a job", look, 30)


def test_a_job_runs_the_containers_entry_point_and_its_log_is_kept(
    aws: Emulated, lake: LakeView
) -> None:
    done = end_of(aws, job(aws, ["doctor", "--engine", "cpu"]))
    assert (done["status"], done["container"]["exitCode"]) == ("SUCCEEDED", 0)
    assert any("cpu" in line.lower() for line in lake.log_of(done))


def test_a_failure_of_the_program_is_not_tried_again(aws: Emulated) -> None:
    first = job(aws, ["no-such-command"])
    after = job(aws, ["doctor"], dependsOn=[{"jobId": first}])
    done = end_of(aws, first)
    assert (done["status"], done["container"]["exitCode"]) == ("FAILED", 2)
    assert len(done["attempts"]) == 1
    assert end_of(aws, after)["statusReason"] == "Dependent Job failed"


def test_a_job_that_takes_too_long_is_ended(aws: Emulated) -> None:
    slow = job(aws, ["generate", "paysim", "out.csv", "--rows", "5000000"],
               timeout={"attemptDurationSeconds": 2})  # fmt: skip
    done = end_of(aws, slow)
    assert done["status"] == "FAILED"
    assert "timeout" in done["statusReason"]


def test_the_end_of_a_job_is_an_event(aws: Emulated) -> None:
    """Operations hear of jobs that fail: the deployed rule sends them to the topic."""
    operations = subscribe(aws, "operations-hears", None, "OperationsTopicArn")
    failed = job(aws, ["no-such-command"])
    end_of(aws, failed)
    (told,) = wait_for("the event", lambda: [m for m in operations.all() if failed in m["Message"]])
    assert "The job emulator" in told["Message"]


def test_it_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    with emulated_aws(tmp_path, deployed=False) as emulated:
        port = int(emulated.url.rpartition(":")[2])
        servers = [p for p in psutil.Process().children() if "emulator.server" in _line(p)]
        server = max(servers, key=lambda process: process.create_time())
        emulated.client("s3").create_bucket(Bucket="here")
        session = os.getsid(server.pid)
    assert [p for p in psutil.process_iter() if _session(p) == session] == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert (tmp_path / "emulator.log").stat().st_size > 0


def _line(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


def _session(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return -1


def test_it_starts_fast(tmp_path: Path) -> None:
    began = time.monotonic()
    with emulated_aws(tmp_path, deployed=False):
        assert time.monotonic() - began < 20
