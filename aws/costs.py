"""What a run on AWS Batch costs: the estimate before, the receipt after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws import names
from aws.batch.status import Job
from aws.prices import Machine, machine
from engine.processes import BATCH_JOB
from engine.router.throughput import throughput

#: Starts of machines that a chain of two jobs pays for. Fargate pulls the image for each job; the
#: second job of the GPU queue finds the first one's machine still there.
_STARTS: dict[names.Kind, int] = {"cpu": 2, "gpu": 1}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run on Batch would take.

    Attributes
    ----------
    seconds
        From submission to the end: the starts of the machines, and the run.
    usd
        What the machines cost for that time.
    basis
        Where time and price come from, for people.
    """

    seconds: float
    usd: float
    basis: str


def estimate(
    rows: int,
    schema: str,
    kind: names.Kind,
    on: Machine | None = None,
    manifests: Sequence[dict[str, Any]] = (),
) -> Estimate:
    """Estimate a run on Batch from measured run times: the lake's own on Batch, else the bench's.

    Where no run of the GPU queue was measured yet, it is taken to need what the CPU needs.
    """
    on = on or machine(kind)
    there = [run for run in manifests if str(run.get("machine", "")).startswith(BATCH_JOB)]
    known = throughput(kind, schema, there, "on AWS Batch") or throughput(
        "cpu", schema, there, "on AWS Batch"
    )
    if known is None:  # the CPU's figures are part of the program
        raise AssertionError("engine/router/measured.json lacks the CPU's figures")
    seconds = _STARTS[kind] * on.start_seconds + known.seconds(rows)
    is_measured = kind == "cpu" or any(run["engine"]["kind"] == "gpu" for run in there)
    unmeasured = "" if is_measured else ", no GPU run measured yet"
    return Estimate(
        seconds, seconds / 3600 * on.usd_per_hour,
        f"{known.basis}{unmeasured}; {on.name}, {on.source}",
    )  # fmt: skip


def start_usd(kind: names.Kind) -> float:
    """Return what the starts of the machines of a chain cost, in USD."""
    on = machine(kind)
    return _STARTS[kind] * on.start_seconds / 3600 * on.usd_per_hour


def receipt(jobs: Sequence[Job], kind: names.Kind) -> tuple[float, float]:
    """Return the seconds that machines worked for the jobs, all attempts, and their price in USD.

    The bill also has the start and the idle end of the machines, which Batch does not tell; they
    are taken from the price file.
    """
    on = machine(kind)
    seconds = sum(job.seconds_run() for job in jobs)
    paid = seconds + _starts(jobs, kind) * on.start_seconds
    return seconds, paid / 3600 * on.usd_per_hour


def _starts(jobs: Sequence[Job], kind: names.Kind) -> int:
    """Return how many machines were started: a job is tried again because its machine is gone."""
    attempts = [_attempts(job) for job in jobs if job.seconds_run()]
    return sum(attempts) - max(len(attempts) - _STARTS[kind], 0)


def _attempts(job: Job) -> int:
    # Batch lists an attempt when it has ended.
    is_listed = any(attempt.stopped is None for attempt in job.attempts)
    ran = sum(attempt.started is not None for attempt in job.attempts)
    return ran + (job.state == "RUNNING" and not is_listed)
