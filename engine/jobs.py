"""Runs in worker processes: start one, cancel it, resume it, delete it.

A run is a process of its own, so it outlives the page, the browser, and the app that started it,
and never holds up the app. What is known about it lies in the run's folder: ``progress.json``
(written by the run), ``run.json`` (the manifest), and ``job.json`` (how it was started).
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import InputError, RunError
from engine.job_state import ACTIVE, active_run, job_file, read_if_there, run_processes, run_state
from engine.lake import Lake, RunPaths, write_json
from engine.processes import identity, stop
from engine.storage import is_address

_ENGINE = (sys.executable, "-m", "engine")
_REPOSITORY = Path(__file__).resolve().parents[1]


def start_run(
    lake: Lake,
    input_path: Path | str,
    *,
    run_id: str,
    schema: str = "auto",
    labels: str = "auto",
    engine: str = "auto",
    config: Path | None = None,
    feedback: Path | None = None,
) -> int:
    """Start a run in a process of its own, or resume one that did not end.

    Parameters
    ----------
    lake
        The lake the run writes to.
    input_path
        The file of transactions, or its address in a store.
    run_id
        Id of the run; the id of a run that failed or was cancelled resumes it.
    schema, labels, engine, config, feedback
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
    is_remote = is_address(input_path)
    if not is_remote and not Path(input_path).exists():
        raise InputError(f"{input_path}: no such file; choose another input")
    given = str(input_path) if is_remote else str(Path(input_path).resolve())
    options = ["--schema", schema, "--labels", labels, "--engine", engine, "--run-id", run_id]
    if config is not None:
        options += ["--config", str(config.resolve())]
    if feedback is not None:
        options += ["--feedback", str(feedback.resolve())]
    arguments = ["run", given, "--lake", lake.address, *options]
    return _launch(lake, run_id, arguments)


def resume_run(lake: Lake, run_id: str) -> int:
    """Start a run again with its own settings; stages that finished are not redone.

    A run that was begun elsewhere (on the command line, by a Batch job, by ingestion) goes on by
    what its manifest says.

    Raises
    ------
    RunError
        If the run left no manifest to go on with, or another run is at work.
    """
    paths = lake.run(run_id)
    job = read_if_there(job_file(paths))
    if job is not None:
        return _launch(lake, run_id, list(job["arguments"]))
    if not paths.manifest.exists():
        raise RunError(
            f"run {run_id} left nothing to go on with; start it again with its input: "
            f"python -m engine run INPUT --lake {lake.address} --run-id {run_id}"
        )
    return _launch(lake, run_id, ["run", "--lake", lake.address, "--run-id", run_id])


def cancel_run(paths: RunPaths) -> None:
    """Stop a run and all its processes; what it has written so far stays for a resume.

    The run itself notes that it was cancelled; for one that had to be killed it is noted here. A
    run that ended meanwhile keeps what it said.

    Raises
    ------
    RunError
        If the run is not at work.
    """
    state = run_state(paths)
    processes = run_processes(paths)
    if not state.is_active or not processes:
        raise RunError(f"run {paths.run_id} is not running (it is {state.state})")
    for process in processes:
        stop(process)
    told = read_if_there(paths.progress) or {}
    if told.get("state") in ACTIVE and run_state(paths).state != "done":
        _note_cancelled(paths, told)


def delete_run(lake: Lake, run_id: str) -> None:
    """Delete every file of a run; its input in ``raw/`` stays.

    Raises
    ------
    RunError
        If the run is at work.
    """
    paths = lake.run(run_id)
    if run_processes(paths):
        raise RunError(f"run {run_id} is at work; cancel it, then delete it")
    lake.delete_run(run_id)


def _launch(lake: Lake, run_id: str, arguments: list[str]) -> int:
    return launch(lake, lake.run(run_id), arguments)


def launch(lake: Lake, paths: RunPaths, arguments: list[str]) -> int:
    """Start ``python -m engine`` for a run, or for a drill, in a process of its own.

    Parameters
    ----------
    lake
        The lake in which one of them is at work at a time.
    paths
        Where the run's own files lie; those of a drill lie in a lake of its own.
    arguments
        The command and its options.

    Returns
    -------
    int
        The process id.

    Raises
    ------
    RunError
        If it is done already, or another run or drill of the lake is at work.
    """
    run_id = paths.run_id
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
        write_json(job_file(paths), job)
    # An ended child stays a zombie until somebody waits for it.
    threading.Thread(target=process.wait, name=f"reap-{run_id}", daemon=True).start()
    return process.pid


@contextmanager
def _one_at_a_time(lake: Lake) -> Iterator[None]:
    with (lake.root / ".start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _note_cancelled(paths: RunPaths, told: Mapping[str, Any]) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(paths.progress, {**told, "state": "cancelled", "updated": now})
    manifest = read_if_there(paths.manifest)
    if manifest is not None:
        write_json(paths.manifest, {**manifest, "status": "cancelled"})


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
    job_file(paths).unlink(missing_ok=True)
