"""Processes known by their id and start: told apart from later ones of the same id, and stopped."""

from __future__ import annotations

import os
import platform
import resource
import signal
from collections.abc import Mapping
from typing import Any

import psutil

_GRACE_SECONDS = 5.0

#: How the names of machines that run AWS Batch jobs begin.
BATCH_JOB = "AWS Batch job"


def identity(pid: int) -> dict[str, Any]:
    """Return ``pid`` and ``process_started`` (seconds since the epoch); both ``None`` if it ended.

    Ids are used again, so an id alone does not name a process.
    """
    try:
        return {"pid": pid, "process_started": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return {"pid": None, "process_started": None}


def this_machine() -> str:
    """Return what tells this machine from others; a Batch job is a machine of its own."""
    job = os.environ.get("AWS_BATCH_JOB_ID")
    return f"{BATCH_JOB} {job}" if job else platform.node()


def living(told: Mapping[str, Any]) -> psutil.Process | None:
    """Return the process that an identity names, or ``None`` if it ended."""
    pid, started = told.get("pid"), told.get("process_started")
    if pid is None or started is None:
        return None
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < 0.05
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def stop(process: psutil.Process) -> None:
    """End a process, and its group if it leads one; kill what does not end in five seconds."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, sign)
            else:
                process.send_signal(sign)
            process.wait(timeout=_GRACE_SECONDS)
        except psutil.TimeoutExpired:
            continue
        except (ProcessLookupError, psutil.NoSuchProcess):
            return
        return


def peak_rss_mb() -> float:
    """Return the highest resident memory of this process so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
