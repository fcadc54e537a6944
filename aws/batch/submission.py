"""One job, submitted once: ``SubmitJob`` knows no token that would make it safe to send again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from aws.clients import client, error_code, translated

#: Seconds before it is sent again.
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
_BUSY = ("ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")


def submit_once(
    name: str, queue: str, order: dict[str, Any], *,
    look_first: bool = False, sleep: Callable[[float], None] = time.sleep,
) -> str:  # fmt: skip
    """Submit a job whose name is its own; return its id.

    Where no answer comes, the queue tells whether the job was taken in all the same.

    Parameters
    ----------
    order
        Further arguments of ``SubmitJob``.
    look_first
        Whether somebody else may have submitted it already.

    Raises
    ------
    InputError
        If access is denied.
    RunError
        If the order is refused, or AWS does not answer.
    """
    found = _find(name, queue) if look_first else None
    for wait in (*_WAITS, None):
        if found is not None:
            break
        try:
            told = client("batch", tries=1).submit_job(jobName=name, jobQueue=queue, **order)
            return str(told["jobId"])
        except (ClientError, BotoCoreError) as error:
            if wait is None or not _may_pass(error):
                raise translated(error, "AWS Batch, submit_job") from error
        sleep(wait)
        found = _find(name, queue)
    return str(found)


def _find(name: str, queue: str) -> str | None:
    filters = [{"name": "JOB_NAME", "values": [name]}]
    try:
        found = client("batch").list_jobs(jobQueue=queue, filters=filters)["jobSummaryList"]
    except (ClientError, BotoCoreError) as error:
        raise translated(error, "AWS Batch, list_jobs") from error
    # A filter takes upper and lower case for the same.
    return next((str(job["jobId"]) for job in found if job["jobName"] == name), None)


def _may_pass(error: ClientError | BotoCoreError) -> bool:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error_code(error) in _BUSY
    return isinstance(error, ConnectionError | HTTPClientError)
