"""The comparison of feature sets as a process of its own, which outlives the page that began it."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import RunError
from engine.evaluation.leaks import read_comparison, record_path
from engine.job_state import active_run, read_if_there
from engine.lake import Lake, RunPaths, write_json
from engine.processes import identity, living

_REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class ComparisonState:
    """Where the comparison of a run is; ``message`` is the last that it said."""

    state: Literal["none", "running", "failed", "done"]
    message: str = ""


def comparison_state(paths: RunPaths) -> ComparisonState:
    """Tell where the comparison of a run is."""
    job = read_if_there(_job_file(paths))
    if job is not None and living(job) is not None:
        return ComparisonState("running", _last_line(paths))
    if read_comparison(paths) is not None:
        return ComparisonState("done")
    return ComparisonState("none") if job is None else ComparisonState("failed", _last_line(paths))


def start_comparison(lake: Lake, run_id: str) -> None:
    """Start the comparison of a run in a process of its own; one at work goes on.

    Raises
    ------
    RunError
        If a run of this lake is at work: both would take all cores.
    """
    paths = lake.run(run_id)
    folder = record_path(paths).parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "feature_sets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if comparison_state(paths).state == "running":
            return
        busy = active_run(lake)
        if busy is not None:
            raise RunError(f"run {busy.run_id} is at work; wait for it, then compare the columns")
        with _log(paths).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "engine.evaluation.leaks", run_id, "--lake", str(lake.root)],
                cwd=_REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        write_json(_job_file(paths), identity(process.pid))
    # An ended child stays a zombie until somebody waits for it.
    threading.Thread(target=process.wait, name=f"reap-sets-{run_id}", daemon=True).start()


def _job_file(paths: RunPaths) -> Path:
    return record_path(paths).with_name("feature_sets.job.json")


def _log(paths: RunPaths) -> Path:
    return record_path(paths).with_name("feature_sets.log")


def _last_line(paths: RunPaths) -> str:
    log = _log(paths)
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
