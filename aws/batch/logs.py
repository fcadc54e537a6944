"""The lines a job writes, as they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from aws import names
from aws.batch.status import Job
from aws.clients import client, error_code, translated


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log."""

    at: datetime
    text: str


def tail(job: Job, lines: int = 200) -> list[Line]:
    """Return the last lines of a job's latest attempt; none while it has not started.

    Raises
    ------
    RunError
        If AWS does not answer.
    """
    stream = job.log_stream or (job.attempts[-1].log_stream if job.attempts else "")
    if not stream:
        return []
    try:
        answer = client("logs").get_log_events(
            logGroupName=names.JOB_LOGS, logStreamName=stream, limit=lines, startFromHead=False
        )
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":  # a job that has written nothing yet
            return []
        raise translated(error, f"CloudWatch Logs, {stream}") from error
    except BotoCoreError as error:
        raise translated(error, f"CloudWatch Logs, {stream}") from error
    return [
        Line(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"])
        for event in answer["events"]
    ]
