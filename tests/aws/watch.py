"""What tests see of the lake in the emulated S3, and how they wait for it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tests.aws.emulator.launcher import Emulated

_Found = TypeVar("_Found")


def wait_for(
    what: str, look: Callable[[], _Found | None], seconds: float = 120.0, step: float = 0.1
) -> _Found:
    """Look again and again until something is there.

    Raises
    ------
    AssertionError
        If it does not come in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(step)


@dataclass(frozen=True, slots=True)
class LakeView:
    """The deployed lake, seen by somebody whom no fault hits."""

    aws: Emulated
    bucket: str

    @property
    def address(self) -> str:
        """Address of the lake."""
        return f"s3://{self.bucket}"

    @property
    def s3(self) -> Any:
        """Client of S3."""
        return self.aws.client("s3")

    def put(self, content: bytes | Path, key: str) -> str:
        """Upload something; return its version."""
        body = content.read_bytes() if isinstance(content, Path) else content
        told = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return str(told.get("VersionId", ""))

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys that start so."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def read(self, key: str) -> bytes:
        """Return an object's bytes."""
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def table(self, key: str) -> pa.Table:
        """Return a Parquet object."""
        return pq.read_table(io.BytesIO(self.read(key)))

    def manifest(self, run_id: str) -> dict[str, Any]:
        """Return a run's manifest; empty where there is none yet."""
        key = f"runs/{run_id}/run.json"
        return dict(json.loads(self.read(key))) if key in self.keys(key) else {}

    def runs(self, stem: str) -> list[str]:
        """Return the runs of inputs whose names start so."""
        return sorted({key.split("/")[1] for key in self.keys(f"runs/{stem}")})

    def files_of(self, run_id: str) -> list[str]:
        """Return the keys of all files of a run."""
        folders = ("prepped", "augmented", "graphs", "alerts", "runs")
        return [key for folder in folders for key in self.keys(f"{folder}/{run_id}/")]

    def wait_for_run(self, stem: str, status: str = "done", seconds: float = 180.0) -> str:
        """Wait until a run of an input has come so far; return its id."""

        def look() -> str | None:
            return next(
                (r for r in self.runs(stem) if self.manifest(r).get("status") == status), None
            )

        return wait_for(f"a run of {stem} that is {status}", look, seconds)

    def jobs(self, run_id: str) -> list[dict[str, Any]]:
        """Return the Batch jobs of a run, in the order of submission."""
        batch = self.aws.client("batch")
        found = [
            job["jobId"]
            for queue in ("fraud-cpu-queue", "fraud-gpu-queue")
            for job in batch.list_jobs(
                jobQueue=queue, filters=[{"name": "JOB_NAME", "values": [f"*-{run_id}"]}]
            )["jobSummaryList"]
        ]
        told = batch.describe_jobs(jobs=found)["jobs"] if found else []
        return sorted(told, key=lambda job: int(job["createdAt"]))

    def log_of(self, job: dict[str, Any]) -> list[str]:
        """Return what all attempts of a job wrote."""
        logs = self.aws.client("logs")
        return [
            event["message"]
            for attempt in job["attempts"]
            for event in logs.get_log_events(
                logGroupName="/aws/batch/ringleader",
                logStreamName=attempt["container"]["logStreamName"], startFromHead=True,
            )["events"]
        ]  # fmt: skip
