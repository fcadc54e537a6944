"""The operations of AWS Batch that have to do with jobs, in place of ministack's stubs."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import batch

from tests.aws.emulator.batch_job import OVER, Job, Jobs

Answer = tuple[int, dict[str, str], bytes]
Asked = dict[str, Any]

_SUMMARY = ("jobId", "jobArn", "jobName", "status", "statusReason", "createdAt", "startedAt",
            "stoppedAt")  # fmt: skip
_KEPT = ("parameters", "retryStrategy", "timeout", "platformCapabilities", "propagateTags")


def plug_in_batch(jobs: Jobs) -> None:
    """Replace the stubs."""
    register = batch._register_job_definition

    def register_fully(asked: Asked) -> Answer:
        answer: Answer = register(asked)
        if answer[0] == 200:  # ministack forgets these
            definition = batch._job_definitions[asked["jobDefinitionName"]][-1]
            definition.update({name: asked[name] for name in _KEPT if name in asked})
        return answer

    operations: dict[str, Callable[[Asked], Answer]] = {
        "registerjobdefinition": register_fully,
        "submitjob": lambda asked: _submit(jobs, asked),
        "describejobs": lambda asked: _describe(jobs, asked),
        "listjobs": lambda asked: _list(jobs, asked),
        "terminatejob": lambda asked: _end(jobs, asked, only_waiting=False),
        "canceljob": lambda asked: _end(jobs, asked, only_waiting=True),
    }
    batch._DISPATCH.update({f"/v1/{name}": done for name, done in operations.items()})


def _submit(jobs: Jobs, asked: Asked) -> Answer:
    definition = _definition(asked["jobDefinition"])
    if definition is None:
        return _refused(f"JobDefinition {asked['jobDefinition']} does not exist or is not ACTIVE")
    queue = asked["jobQueue"].rpartition("/")[2]
    if queue not in batch._job_queues:
        return _refused(f"JobQueue {queue} does not exist")
    for dependency in asked.get("dependsOn", ()):
        if dependency["jobId"] not in jobs:
            return _refused(f"Job {dependency['jobId']} does not exist")
    job = jobs.submit({**asked, "jobQueue": batch._jq_arn(queue)}, definition)
    return _ok({"jobId": job.id, "jobName": job.name, "jobArn": job.arn})


def _describe(jobs: Jobs, asked: Asked) -> Answer:
    found = [jobs[job_id] for job_id in asked.get("jobs", ()) if job_id in jobs]
    return _ok({"jobs": [job.describe() for job in found]})


def _list(jobs: Jobs, asked: Asked) -> Answer:
    queue = asked.get("jobQueue", "").rpartition("/")[2]
    found = [job for job in jobs.all() if job.queue == queue]
    filters = {rule["name"]: rule["values"] for rule in asked.get("filters", ())}
    if patterns := filters.get("JOB_NAME"):
        found = [job for job in found if any(_is_named(job, pattern) for pattern in patterns)]
    elif status := asked.get("jobStatus"):
        found = [job for job in found if job.status == status]
    told = [job.describe() for job in found]
    return _ok({
        "jobSummaryList": [{name: one[name] for name in _SUMMARY if name in one} for one in told]
    })  # fmt: skip


def _is_named(job: Job, pattern: str) -> bool:
    return fnmatch.fnmatchcase(job.name.lower(), pattern.lower())


def _end(jobs: Jobs, asked: Asked, *, only_waiting: bool) -> Answer:
    job = jobs.get(asked["jobId"])
    waits = job is not None and job.status in ("SUBMITTED", "PENDING", "RUNNABLE")
    if job is not None and job.status not in OVER and (waits or not only_waiting):
        job.end(asked["reason"])
    return _ok({})


def _definition(reference: str) -> dict[str, Any] | None:
    name, _, revision = reference.rpartition("/")[2].partition(":")
    active = [one for one in batch._job_definitions.get(name, ()) if one["status"] == "ACTIVE"]
    fitting = [one for one in active if revision in ("", str(one["revision"]))]
    return fitting[-1] if fitting else None


def _ok(told: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()


def _refused(message: str) -> Answer:
    answer: Answer = error_response_json("ClientException", message, 400)
    return answer
