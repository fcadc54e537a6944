"""Runs in worker processes: start one, see where it is, cancel it.

A run is a process of its own, so it outlives the page, the browser, and the app that started it,
and never holds up the app. What is known about it lies in the run's folder: ``progress.json``
(written by the run), ``run.json`` (the manifest), and ``job.json`` (how it was started).
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil

from engine.errors import InputError, RunError
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.processes import identity, living, stop

JobState = Literal["starting", "running", "done", "failed", "cancelled", "interrupted"]
ACTIVE: tuple[JobState, ...] = ("starting", "running")

_ENGINE = (sys.executable, "-m", "engine")
_REPOSITORY = Path(__file__).resolve().parents[1]
_LAUNCH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run is.

    Attributes
    ----------
    state
        ``interrupted`` means that its process is gone although the run did not end.
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


def start_run(
    lake: Lake,
    input_path: Path,
    *,
    run_id: str,
    schema: str = "auto",
    labels: str = "auto",
    engine: str = "auto",
    config: Path | None = None,
) -> int:
    """Start a run in a process of its own, or resume one that did not end.

    Parameters
    ----------
    lake
        The lake the run writes to.
    input_path
        The file of transactions.
    run_id
        Id of the run; the id of a run that failed or was cancelled resumes it.
    schema, labels, engine, config
        As the options of ``python -m engine run``.

    Returns
    -------
    int
        The process id.

    Raises
    ------
    InputError
        If the input does not exist.
    RunError
        If the run is done already, or another run of this lake is at work: runs take all cores,
        so they go one at a time.
    """
    if not input_path.exists():
        raise InputError(f"{input_path}: no such file; choose another input")
    options = ["--schema", schema, "--labels", labels, "--engine", engine, "--run-id", run_id]
    if config is not None:
        options += ["--config", str(config.resolve())]
    arguments = ["run", str(input_path.resolve()), "--lake", str(lake.root.resolve()), *options]
    return _launch(lake, run_id, arguments)


def resume_run(lake: Lake, run_id: str) -> int:
    """Start a run again with its own arguments; stages that finished are not redone.

    Raises
    ------
    RunError
        If the run was not started by :func:`start_run`, or another run is at work.
    """
    job = _read(_job_file(lake.run(run_id)))
    if job is None:
        raise RunError(
            f"run {run_id} was started on the command line; resume it there: "
            f"python -m engine run INPUT --lake {lake.root} --run-id {run_id}"
        )
    return _launch(lake, run_id, list(job["arguments"]))


def run_state(paths: RunPaths) -> RunState:
    """Tell where a run is.

    Raises
    ------
    InputError
        If the lake has no such run.
    RunError
        If one of its files cannot be read.
    """
    progress, manifest = _read(paths.progress), _read(paths.manifest)
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
    job = _read(_job_file(paths))
    return Path(job["arguments"][1]).name if job else None


def active_run(lake: Lake) -> RunState | None:
    """Return the run of this lake that is at work, if any."""
    for progress in sorted((lake.root / "runs").glob("*/progress.json")):
        try:
            state = run_state(lake.run(progress.parent.name))
        except RunError:  # an unreadable run holds up no other; the table of runs shows it
            continue
        if state.is_active:
            return state
    return None


def cancel_run(paths: RunPaths) -> None:
    """Stop a run and all its processes; what it has written so far stays for a resume.

    Raises
    ------
    RunError
        If the run is not at work.
    """
    state = run_state(paths)
    processes = _processes(paths)
    if not state.is_active or not processes:
        raise RunError(f"run {paths.run_id} is not running (it is {state.state})")
    for process in processes:
        stop(process)
    told = _read(paths.progress) or {}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(paths.progress, {**told, "state": "cancelled", "updated": now})


def delete_run(lake: Lake, run_id: str) -> None:
    """Delete every file of a run; its input in ``raw/`` stays.

    Raises
    ------
    RunError
        If the run is at work.
    """
    paths = lake.run(run_id)
    if _processes(paths):
        raise RunError(f"run {run_id} is at work; cancel it, then delete it")
    lake.delete_run(run_id)


def _launch(lake: Lake, run_id: str, arguments: list[str]) -> int:
    paths = lake.run(run_id)
    paths.folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(lake):
        busy = active_run(lake)
        if busy is not None:
            raise RunError(
                f"run {busy.run_id} is still at work ({busy.share:.0%}); wait for it or cancel it, "
                "then start this one"
            )
        if paths.manifest.exists() and run_state(paths).state == "done":
            raise RunError(f"run {run_id} is done already; delete it to run it anew")
        _write_starting(paths)
        with paths.log.open("wb") as log:
            process = subprocess.Popen(
                [*_ENGINE, *arguments],
                cwd=_REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        job = {"arguments": arguments, **identity(process.pid)}
        write_json(_job_file(paths), job)
    # An ended child stays a zombie until somebody waits for it.
    threading.Thread(target=process.wait, name=f"reap-{run_id}", daemon=True).start()
    return process.pid


@contextmanager
def _one_at_a_time(lake: Lake) -> Iterator[None]:
    with (lake.root / ".start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_starting(paths: RunPaths) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(
        paths.progress,
        {
            "run_id": paths.run_id,
            "pid": None,
            "process_started": None,
            "state": "starting",
            "stage": "",
            "stage_share": 0.0,
            "share": 0.0,
            "message": "starting the engine",
            "started": now,
            "updated": now,
        },
    )
    _job_file(paths).unlink(missing_ok=True)


def _job_file(paths: RunPaths) -> Path:
    return paths.folder / "job.json"


def _read(path: Path) -> dict[str, Any] | None:
    return read_json(path) if path.exists() else None


def _processes(paths: RunPaths) -> list[psutil.Process]:
    """Return the run's living processes: the one that reports and the one that was started."""
    found: dict[int, psutil.Process] = {}
    for told in (_read(paths.progress), _read(_job_file(paths))):
        process = living(told or {})
        if process is not None:
            found[process.pid] = process
    return list(found.values())


def _state(
    paths: RunPaths, progress: dict[str, Any] | None, manifest: dict[str, Any] | None
) -> JobState:
    ended = str((manifest or {}).get("status", ""))
    if progress is None:
        return _ended(ended) or "interrupted"
    told = str(progress["state"])
    if told not in ACTIVE:
        return _ended(told) or "interrupted"
    if _processes(paths) or _just_launched(paths, progress):
        return "starting" if told == "starting" else "running"
    if ended == "done":
        return "done"
    return "failed" if told == "starting" else "interrupted"


def _ended(state: str) -> JobState | None:
    known: dict[str, JobState] = {"done": "done", "failed": "failed", "cancelled": "cancelled"}
    return known.get(state)


def _just_launched(paths: RunPaths, progress: dict[str, Any]) -> bool:
    """Whether the process is being made right now: told to start, its id not yet written."""
    if progress["state"] != "starting" or _job_file(paths).exists():
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
