"""Where a run is, read from its folder: at work, ended, or left behind by a dead process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil

from engine.errors import InputError, RunError
from engine.lake import Lake, RunPaths, read_json
from engine.processes import living, this_machine

JobState = Literal[
    "starting", "running", "elsewhere", "waiting", "done", "failed", "cancelled", "interrupted"
]
ACTIVE: tuple[JobState, ...] = ("starting", "running")

_LAUNCH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run is.

    Attributes
    ----------
    state
        ``interrupted`` means that its process is gone although the run did not end; ``waiting``
        that its next stages are left for later; ``elsewhere`` that another machine is at work.
    share
        Done part of the whole run, 0 to 1.
    stage, message
        What it does now, or did last.
    elapsed
        Seconds since it was started; of an ended run, the seconds it took.
    error
        What went wrong, for ``failed`` and ``interrupted``; else empty.
    """

    run_id: str
    state: JobState
    share: float
    stage: str
    message: str
    elapsed: float
    error: str = ""

    @property
    def is_active(self) -> bool:
        """Whether its process is at work."""
        return self.state in ACTIVE


def run_state(paths: RunPaths) -> RunState:
    """Tell where a run is.

    Raises
    ------
    InputError
        If the lake has no such run.
    RunError
        If one of its files cannot be read.
    """
    progress, manifest = read_if_there(paths.progress), read_if_there(paths.manifest)
    if progress is None and manifest is None:
        raise InputError(f"no run {paths.run_id!r} in {paths.root}")
    state = _state(paths, progress, manifest)
    told = progress or {}
    return RunState(
        run_id=paths.run_id,
        state=state,
        share=1.0 if state == "done" else float(told.get("share", 0.0)),
        stage=str(told.get("stage", "")),
        message=str(told.get("message", "")),
        elapsed=_elapsed(state, told, manifest or {}),
        error=_error(state, paths, told, manifest or {}),
    )


def started_input(paths: RunPaths) -> str | None:
    """Return the file name of the input :func:`start_run` was given, if it started this run."""
    job = read_if_there(job_file(paths))
    return Path(job["arguments"][1]).name if job else None


def active_run(lake: Lake) -> RunState | None:
    """Return the run, or the drill, of this lake that is at work, if any."""
    for progress in sorted([*(lake.root / "runs").glob("*/progress.json"), *_of_drills(lake)]):
        try:
            state = run_state(RunPaths(progress.parents[2], progress.parent.name))
        except RunError:  # an unreadable run holds up no other; the table of runs shows it
            continue
        if state.is_active:
            return state
    return None


def _of_drills(lake: Lake) -> list[Path]:
    """Return the progress of drills: each is a run in a lake of its own (:mod:`engine.drill`)."""
    return list((lake.root / "drills").glob("*/runs/*/progress.json"))


def run_processes(paths: RunPaths) -> list[psutil.Process]:
    """Return the run's living processes: the one that reports and the one that was started."""
    found: dict[int, psutil.Process] = {}
    for told in (read_if_there(paths.progress), read_if_there(job_file(paths))):
        process = living(told or {})
        if process is not None:
            found[process.pid] = process
    return list(found.values())


def job_file(paths: RunPaths) -> Path:
    """Return the file that says how a run was started: its arguments and its process."""
    return paths.folder / "job.json"


def read_if_there(path: Path) -> dict[str, Any] | None:
    """Read a JSON object, ``None`` while there is no such file."""
    return read_json(path) if path.exists() else None


def _state(
    paths: RunPaths, progress: dict[str, Any] | None, manifest: dict[str, Any] | None
) -> JobState:
    ended = str((manifest or {}).get("status", ""))
    if progress is None:
        there = (manifest or {}).get("machine")
        if ended == "running" and there is not None and there != this_machine():
            return "elsewhere"
        return _ended(ended) or "interrupted"
    told = str(progress["state"])
    if told not in ACTIVE:
        return _ended(told) or "interrupted"
    if run_processes(paths) or _just_launched(paths, progress):
        return "starting" if told == "starting" else "running"
    if told == "starting":  # then the manifest, if any, speaks of an earlier attempt
        return "done" if ended == "done" else "failed"
    return _ended(ended) or "interrupted"


def _ended(state: str) -> JobState | None:
    ended: tuple[JobState, ...] = ("waiting", "done", "failed", "cancelled")
    return next((known for known in ended if known == state), None)


def _just_launched(paths: RunPaths, progress: dict[str, Any]) -> bool:
    """Whether the process is being made right now: told to start, its id not yet written."""
    if progress["state"] != "starting" or job_file(paths).exists():
        return False
    return time.time() - datetime.fromisoformat(progress["started"]).timestamp() < _LAUNCH_SECONDS


def _elapsed(state: JobState, told: dict[str, Any], manifest: dict[str, Any]) -> float:
    if state == "done" and manifest.get("seconds") is not None:
        return float(manifest["seconds"])
    if "started" not in told:
        return 0.0
    end = datetime.now(UTC) if state in ACTIVE else datetime.fromisoformat(told["updated"])
    return max((end - datetime.fromisoformat(told["started"])).total_seconds(), 0.0)


def _error(state: JobState, paths: RunPaths, told: dict[str, Any], manifest: dict[str, Any]) -> str:
    if state == "interrupted":
        return "Its process ended before the run did (the machine stopped, or memory ran out)."
    if state != "failed":
        return ""
    if told.get("state") == "starting":  # it died before it could report
        return _last_line(paths.log) or "The engine did not start and left no message."
    return str(manifest.get("error") or told.get("message") or _last_line(paths.log))


def _last_line(log: Path) -> str:
    if not log.exists():
        return ""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")
