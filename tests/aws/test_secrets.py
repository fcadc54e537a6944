"""Credentials are in no log, whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from aws.batch.chain import Request, submit
from aws.s3_store import open_store
from tests.aws.emulator.environment import ROOT
from tests.aws.emulator.launcher import Emulated
from tests.aws.test_s3_store import user
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.mark.parametrize(("action", "status"), [("s3:*", 0), ("s3:GetObject", 2)])
def test_a_command_writes_no_credentials(
    aws: Emulated, paysim: Path, tmp_path: Path, action: str, status: int
) -> None:
    """Neither where all goes well, nor where permissions are missing."""
    bucket = f"secrets-{next(_numbers)}"
    aws.client("s3").create_bucket(Bucket=bucket)
    key, secret = user(aws, "analyst", action, bucket)
    path = tmp_path / "rows.csv"
    with paysim.open() as whole:
        path.write_text("".join(line for _, line in zip(range(2001), whole, strict=False)))
    done = subprocess.run(
        [sys.executable, "-m", "engine", "run", str(path), "--lake", f"s3://{bucket}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **os.environ, **aws.variables, "RINGLEADER_TOPIC": "", "RINGLEADER_PROFILES": "",
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
            "RINGLEADER_CACHE": str(tmp_path / "cache"), "LOG_LEVEL": "DEBUG",
        },
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    kept = "".join(
        file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file()
    )
    for text in (done.stdout, done.stderr, kept):
        assert secret not in text
        assert key not in text
    view = LakeView(aws, bucket)
    objects = view.keys()
    assert all(secret.encode() not in view.read(name) for name in objects)


def test_a_job_and_the_function_log_no_credentials(
    aws: Emulated, lake: LakeView, program: pytest.MonkeyPatch
) -> None:
    """A job that fails for want of its input, and the function on a file that is no table."""
    chain = submit(
        open_store(lake.address), Request("secrets", "cpu", f"raw/.missing-{next(_numbers)}.csv")
    )
    wait_for("the end", lambda: lake.jobs("secrets")[0]["status"] == "FAILED")
    job = lake.jobs("secrets")[0]
    role = job["container"]["jobRoleArn"]
    given = aws._ask("credentials", {"role": role, "session": chain.prep})
    log = "\n".join(lake.log_of(job))
    assert "there is no such" in log or "no such file" in log
    for value in given.values():
        assert value not in log
    lake.put(b"\x00" * 100, "raw/secret-less.csv")
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    (group,) = [g["logGroupName"] for g in groups if "Ingestion" in g["logGroupName"]]

    def look() -> str:
        events = aws.client("logs").filter_log_events(logGroupName=group)["events"]
        return "\n".join(e["message"] for e in events if "secret-less" in e["message"])

    told = wait_for("the function's log", look)
    assert "ASIA" not in told
    assert "SECRET_ACCESS_KEY" not in told.upper()
