"""Where the jobs of a chain are, why one waits, and what its attempts took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from aws import names
from aws.clients import client, translated

State = Literal[
    "SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"
]  # fmt: skip
OVER: tuple[State, ...] = ("SUCCEEDED", "FAILED")

#: The reason that a job is ended with where a user cancels it.
CANCELLED = "Cancelled by a user of Ringleader"

#: A machine is usually there within this many seconds; from then on waiting needs a reason.
PATIENCE_SECONDS = 300.0

#: Why a job waits in RUNNABLE for ever, and what to do, most frequent first. From AWS's own page
#: "Jobs stuck in a RUNNABLE status" and the reports of users.
CHECKLIST: dict[names.Kind, tuple[str, ...]] = {
    "gpu": (
        "No spot machine is free: wait, or submit to the CPU queue.",
        "The account's quota for G instances is 0: ask for it under Service Quotas, "
        "“All G and VT Spot Instance Requests”.",
        "The job asks for more vCPUs, memory or GPUs than a machine of the queue has: "
        "look at the job definition.",
        "The machines cannot reach ECS: their subnet needs a public address or a NAT gateway.",
        "The compute environment is DISABLED or INVALID: look at it in the Batch console.",
    ),
    "cpu": (
        "Fargate has no spot capacity just now: wait, or compute on this machine.",
        "The account's quota “Fargate Spot vCPU resource count” is used up: ask for more under "
        "Service Quotas.",
        "The compute environment is DISABLED or INVALID: look at it in the Batch console.",
    ),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a job; times in seconds since 1970, ``None`` while unknown."""

    started: float | None
    stopped: float | None
    reason: str
    exit_code: int | None
    log_stream: str

    @property
    def seconds(self) -> float:
        """Seconds it ran, so far if it still runs."""
        if self.started is None:
            return 0.0
        end = datetime.now(UTC).timestamp() if self.stopped is None else self.stopped
        return max(end - self.started, 0.0)


@dataclass(frozen=True, slots=True)
class Job:
    """A Batch job as ``DescribeJobs`` tells it; times in seconds since 1970."""

    job_id: str
    name: str
    state: State
    reason: str
    queue: str
    created: float
    started: float | None
    stopped: float | None
    log_stream: str
    attempts: tuple[Attempt, ...]

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state in OVER

    @property
    def is_cancelled(self) -> bool:
        """Whether a user has ended it."""
        return self.state == "FAILED" and self.reason == CANCELLED

    def seconds_run(self) -> float:
        """Return the seconds that machines were at work for it, over all attempts."""
        seconds = sum(attempt.seconds for attempt in self.attempts)
        is_listed = any(attempt.stopped is None for attempt in self.attempts)
        if self.state == "RUNNING" and self.started is not None and not is_listed:
            seconds += datetime.now(UTC).timestamp() - self.started
        return seconds


def describe(*job_ids: str) -> list[Job]:
    """Return the jobs that Batch still knows, in the order asked for.

    Raises
    ------
    RunError
        If AWS does not answer.
    """
    wanted = [job_id for job_id in job_ids if job_id]
    if not wanted:
        return []
    try:
        answer = client("batch").describe_jobs(jobs=wanted)
    except (ClientError, BotoCoreError) as error:
        raise translated(error, "AWS Batch, describe_jobs") from error
    found = {job["jobId"]: _job(job) for job in answer["jobs"]}
    return [found[job_id] for job_id in wanted if job_id in found]


def why_waiting(job: Job, since: float | None = None, now: datetime | None = None) -> str:
    """Return why a job has not started although nothing is before it; empty where all is well.

    What AWS says comes first; what it leaves open is the checklist's.

    Parameters
    ----------
    since
        When the job before it ended, seconds since 1970; Batch does not tell how long a job has
        been waiting.
    """
    if job.state != "RUNNABLE":
        return ""
    waited = (now or datetime.now(UTC)).timestamp() - max(job.created, since or 0.0)
    if job.reason and "attempt" not in job.reason.lower():
        return f"AWS says: {job.reason}"
    if waited < PATIENCE_SECONDS:
        return "Waiting for a machine: it is started for this job, which takes some minutes."
    return f"Still no machine after {waited / 60:.0f} minutes."


def _job(told: dict[str, Any]) -> Job:
    attempts = tuple(
        Attempt(
            _seconds(attempt.get("startedAt")), _seconds(attempt.get("stoppedAt")),
            attempt.get("statusReason", "") or attempt.get("container", {}).get("reason", ""),
            attempt.get("container", {}).get("exitCode"),
            attempt.get("container", {}).get("logStreamName", ""),
        )
        for attempt in told.get("attempts", ())
    )  # fmt: skip
    container = told.get("container", {})
    reason = container.get("reason") or told.get("statusReason", "")
    return Job(
        told["jobId"], told["jobName"], told["status"], reason,
        told["jobQueue"].rpartition("/")[2], (told.get("createdAt") or 0) / 1000,
        _seconds(told.get("startedAt")), _seconds(told.get("stoppedAt")),
        container.get("logStreamName", ""), attempts,
    )  # fmt: skip


def _seconds(milliseconds: int | None) -> float | None:
    return milliseconds / 1000 if milliseconds else None
