"""A job of the emulated Batch: its way from SUBMITTED to its end, one thread a job."""

from __future__ import annotations

import contextvars
import fnmatch
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from ministack.services import eventbridge

from tests.aws.emulator.batch_attempt import Attempt, Order

OVER = ("SUCCEEDED", "FAILED")
#: What Batch says of a machine that was taken away.
SPOT_TAKEN = "Host EC2 (instance i-0123456789abcdef0) terminated."
_STEP_SECONDS = 0.05
_CONTAINER_OVER = "Essential container in task exited"


@dataclass
class Job:
    """A submitted job."""

    id: str
    request: dict[str, Any]
    definition: dict[str, Any]
    jobs: Jobs
    status: str = "SUBMITTED"
    reason: str = ""
    created: int = field(default_factory=lambda: _now())
    started: int | None = None
    stopped: int | None = None
    attempts: list[Attempt] = field(default_factory=list)
    ended_because: str = ""
    #: Account and region of the request: ministack keeps them in context variables.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    @property
    def name(self) -> str:
        """Name given at submission."""
        return str(self.request["jobName"])

    @property
    def arn(self) -> str:
        """ARN of the job."""
        place = self.request["jobQueue"].rpartition(":")[0]
        return f"{place}:job/{self.id}"

    @property
    def queue(self) -> str:
        """Name of the queue."""
        return str(self.request["jobQueue"].rpartition("/")[2])

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in OVER

    def end(self, reason: str) -> None:
        """End it, whatever it is doing."""
        self.ended_because = reason
        if self.attempts:
            self.attempts[-1].stop()

    def run(self) -> None:
        """Go the whole way."""
        try:
            self._set(*self._outcome())
        except Exception as error:
            self._set("FAILED", f"emulator: {error!r}")
            raise

    def describe(self) -> dict[str, Any]:
        """Return it as ``DescribeJobs`` does."""
        order = self._order()
        told: dict[str, Any] = {
            "jobId": self.id, "jobArn": self.arn, "jobName": self.name, "status": self.status,
            "jobQueue": self.request["jobQueue"],
            "jobDefinition": self.definition["jobDefinitionArn"], "createdAt": self.created,
            "dependsOn": self.request.get("dependsOn", []), "tags": self.request.get("tags", {}),
            "retryStrategy": self._retries(), "isTerminated": bool(self.ended_because),
            "attempts": [attempt.describe() for attempt in self.attempts],
            "container": {
                "image": order.image, "command": list(order.command),
                "jobRoleArn": order.role, "resourceRequirements": order.resources,
                "environment": [{"name": k, "value": v} for k, v in order.environment.items()],
            },
        }  # fmt: skip
        if self.attempts:
            told["container"] |= self.attempts[-1].describe()["container"]
        optional = {"statusReason": self.reason, "startedAt": self.started,
                    "stoppedAt": self.stopped}  # fmt: skip
        return told | {name: value for name, value in optional.items() if value}

    def _outcome(self) -> tuple[str, str]:
        time.sleep(_STEP_SECONDS)
        self._set("PENDING")
        for dependency in self.request.get("dependsOn", ()):
            before = self.jobs[dependency["jobId"]]
            while not before.is_over and not self.ended_because:
                time.sleep(_STEP_SECONDS)
            if before.status == "FAILED" and not self.ended_because:
                return "FAILED", "Dependent Job failed"
        self._set("RUNNABLE")
        while not self.ended_because and (held := self.jobs.held.get(self.queue)) is not None:
            self.reason = held
            time.sleep(_STEP_SECONDS)
        return self._attempts()

    def _attempts(self) -> tuple[str, str]:
        tries = int(self._retries().get("attempts", 1))
        for number in range(1, tries + 1):
            if self.ended_because:
                return "FAILED", self.ended_because
            self._set("STARTING")
            time.sleep(_STEP_SECONDS)
            attempt = Attempt(self._order(), self.id, number)
            self.attempts.append(attempt)
            self.started = attempt.started
            self._set("RUNNING")
            attempt.run(is_unwanted=lambda: bool(self.ended_because))
            if self.ended_because:
                return "FAILED", self.ended_because
            if attempt.exit_code == 0:
                return "SUCCEEDED", _CONTAINER_OVER
            reason = attempt.reason or _CONTAINER_OVER
            if attempt.is_timed_out or number == tries or not self._tries_again(attempt, reason):
                return "FAILED", reason
            self._set("RUNNABLE", reason)
            time.sleep(_STEP_SECONDS)
        raise AssertionError("a job has at least one attempt")

    def _tries_again(self, attempt: Attempt, reason: str) -> bool:
        seen = {
            "onStatusReason": reason,
            "onReason": attempt.container_reason,
            "onExitCode": "" if attempt.exit_code is None else str(attempt.exit_code),
        }
        for rule in self._retries().get("evaluateOnExit", ()):
            conditions = [name for name in seen if name in rule]
            if all(fnmatch.fnmatchcase(seen[name], rule[name]) for name in conditions):
                return str(rule["action"]).upper() == "RETRY"
        return True  # Batch tries again what no rule matches

    def _retries(self) -> dict[str, Any]:
        given = self.request.get("retryStrategy") or self.definition.get("retryStrategy")
        return dict(given or {"attempts": 1})

    def _order(self) -> Order:
        return Order.of(self.request, self.definition)

    def _set(self, status: str, reason: str = "") -> None:
        self.status, self.reason = status, reason
        if self.is_over:
            self.stopped = _now()
        entry = {
            "Source": "aws.batch", "DetailType": "Batch Job State Change",
            "Resources": [self.arn], "Detail": json.dumps(self.describe()),
        }  # fmt: skip
        self.context.copy().run(
            eventbridge._put_events, {"Entries": [entry]}, allow_aws_source=True
        )


class Jobs(dict[str, Job]):
    """All jobs by id.

    Attributes
    ----------
    held
        Queues that have no machine, with what Batch says of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, str] = {}

    def all(self) -> list[Job]:
        """Return the jobs, in the order of submission."""
        return list(self.values())

    def submit(self, request: dict[str, Any], definition: dict[str, Any]) -> Job:
        """Take a job in and start it on its way."""
        job = Job(str(uuid.uuid4()), request, definition, self)
        self[job.id] = job
        threading.Thread(target=job.run, daemon=True, name=f"job-{job.name}").start()
        return job

    def do(self, what: str, job: str = "", queue: str = "", reason: str = "") -> dict[str, int]:
        """Do something to running jobs, or to a queue.

        Parameters
        ----------
        what
            ``kill`` the process, ``interrupt`` it as spot does, ``hold`` a queue back as if no
            machine were free, or ``release`` it.
        job
            Which job; default: all that run.
        """
        if what == "hold":
            self.held[queue] = reason
        elif what == "release":
            self.held.pop(queue, None)
        else:
            running = [one for one in self.all() if one.status == "RUNNING" and job in ("", one.id)]
            for one in running:
                one.attempts[-1].kill(SPOT_TAKEN if what == "interrupt" else "")
            return {"jobs": len(running)}
        return {"jobs": 0}


def _now() -> int:
    return int(time.time() * 1000)
