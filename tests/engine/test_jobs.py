"""Runs in worker processes: a stub stands in for the engine where only the process matters."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from engine import jobs
from engine.errors import InputError, RunError
from engine.job_state import active_run, run_state
from engine.jobs import cancel_run, delete_run, resume_run, start_run
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.pipeline import run
from engine.plan import plan
from tests.small_run import RUN_ID, write_small_run

REPOSITORY = Path(__file__).parents[2]
SAMPLE = REPOSITORY / "tests" / "data" / "paysim_sample.csv"

#: Behaves as the value of --schema says: works on and on, refuses its input, or finishes.
STUB = dedent(
    """
    import signal, sys, time
    sys.path.insert(0, {repository!r})
    from engine.lake import Lake, write_json
    from engine.progress import ProgressFile
    given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
    paths = Lake.open(given["--lake"]).run(given["--run-id"])
    progress = ProgressFile(paths.progress, paths.run_id)
    if given["--schema"] == "refuse":
        print("reading", flush=True)
        sys.exit("input.csv: column 'amount' is missing")
    progress.write("running", "scores", 0.5, 0.55, "forest")
    if given["--schema"] == "finish":
        write_json(paths.manifest, {{"run_id": paths.run_id, "status": "done", "seconds": 7.5}})
        progress.write("done", "alerts", 1.0, 1.0, "done")
    elif given["--schema"] in ("tell", "stubborn", "done-late"):
        def stopped(*_):
            if given["--schema"] == "stubborn":
                return
            said = {{"tell": "cancelled", "done-late": "done"}}[given["--schema"]]
            write_json(paths.manifest, {{"run_id": paths.run_id, "status": said, "seconds": 1.0}})
            progress.write(said, "", 0.0, 0.0, "said so itself")
            sys.exit()
        signal.signal(signal.SIGTERM, stopped)
        write_json(paths.manifest, {{"run_id": paths.run_id, "status": "running"}})
        progress.write("running", "scores", 0.5, 0.56, "listening")
        while True:
            time.sleep(0.05)
    else:
        time.sleep(60)
    """
)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    stub = tmp_path / "stub.py"
    stub.write_text(STUB.format(repository=str(REPOSITORY)), encoding="utf-8")
    monkeypatch.setattr(jobs, "_ENGINE", (sys.executable, str(stub)))
    (tmp_path / "input.csv").write_text("step,amount\n1,2\n", encoding="utf-8")
    lake = Lake.open(tmp_path / "lake")
    yield lake
    for job in lake.root.glob("runs/*/job.json"):
        pid = json.loads(job.read_text("utf-8"))["pid"]
        if pid is not None and psutil.pid_exists(pid):
            os.killpg(pid, signal.SIGKILL)


def start(lake: Lake, run_id: str = "first", behaviour: str = "work") -> RunPaths:
    start_run(lake, lake.root.parent / "input.csv", run_id=run_id, schema=behaviour)
    return lake.run(run_id)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "the process did not get there in 20 seconds"
        time.sleep(0.05)


def working(lake: Lake, behaviour: str = "work") -> RunPaths:
    paths = start(lake, behaviour=behaviour)
    share = 0.55 if behaviour == "work" else 0.56
    until(lambda: run_state(paths).share == share)
    return paths


def test_a_new_run_is_active_at_once(lake: Lake) -> None:
    start(lake)
    active = active_run(lake)
    assert active is not None
    assert active.run_id == "first"


def test_progress_of_the_process_is_told(lake: Lake) -> None:
    state = run_state(working(lake))
    assert (state.stage, state.share, state.message) == ("scores", 0.55, "forest")


def test_only_one_run_of_a_lake_works_at_a_time(lake: Lake) -> None:
    working(lake)
    with pytest.raises(RunError, match=r"first is still at work \(55%\)"):
        start(lake, "second")
    assert not lake.run("second").progress.exists()


def test_a_cancelled_run_has_no_process_and_keeps_its_share(lake: Lake) -> None:
    paths = working(lake)
    pid = read_json(paths.progress)["pid"]
    cancel_run(paths)
    until(lambda: not psutil.pid_exists(pid))
    state = run_state(paths)
    assert (state.state, state.share, state.error) == ("cancelled", 0.55, "")
    assert active_run(lake) is None


def test_what_a_run_says_of_its_own_end_stands(lake: Lake) -> None:
    paths = working(lake, "tell")
    cancel_run(paths)
    assert run_state(paths).state == "cancelled"
    assert read_json(paths.progress)["message"] == "said so itself"


def test_a_run_that_finished_before_the_cancel_took_hold_is_done(lake: Lake) -> None:
    paths = working(lake, "done-late")
    cancel_run(paths)
    assert run_state(paths).state == "done"
    assert read_json(paths.manifest)["status"] == "done"


@pytest.mark.slow
def test_a_run_that_had_to_be_killed_is_cancelled_in_all_its_files(lake: Lake) -> None:
    paths = working(lake, "stubborn")
    cancel_run(paths)
    assert run_state(paths).state == "cancelled"
    assert read_json(paths.manifest)["status"] == "cancelled"


@pytest.mark.parametrize(("status", "state"), [("cancelled", "cancelled"), ("failed", "failed"),
                                               ("running", "interrupted")])  # fmt: skip
def test_of_a_dead_run_the_manifest_says_how_it_ended(lake: Lake, status: str, state: str) -> None:
    paths = lake.run("dead")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(
        paths.progress,
        {"pid": None, "process_started": None, "state": "running", "started": now, "updated": now},
    )
    write_json(paths.manifest, {"run_id": "dead", "status": status})
    assert run_state(paths).state == state


def test_a_run_that_is_not_at_work_cannot_be_cancelled(lake: Lake) -> None:
    paths = write_small_run(lake.root)
    with pytest.raises(RunError, match="not running"):
        cancel_run(paths)


def test_a_run_whose_process_vanished_is_interrupted(lake: Lake) -> None:
    paths = working(lake)
    os.kill(read_json(paths.progress)["pid"], signal.SIGKILL)
    until(lambda: run_state(paths).state == "interrupted")
    assert "process ended" in run_state(paths).error


def test_another_process_under_the_same_id_is_not_taken_for_the_run(lake: Lake) -> None:
    paths = lake.run("old")
    begun = psutil.Process().create_time() - 1000
    write_json(
        paths.progress,
        {"pid": os.getpid(), "process_started": begun, "state": "running", "share": 0.2,
         "stage": "rings", "message": "", "started": "2026-01-01T00:00:00+00:00",
         "updated": "2026-01-01T00:00:09+00:00"},
    )  # fmt: skip
    state = run_state(paths)
    assert (state.state, state.elapsed) == ("interrupted", 9.0)


def test_a_process_that_dies_before_it_reports_failed_with_its_last_words(lake: Lake) -> None:
    paths = start(lake, behaviour="refuse")
    until(lambda: not run_state(paths).is_active)
    state = run_state(paths)
    assert (state.state, state.error) == ("failed", "input.csv: column 'amount' is missing")


def test_a_finished_run_tells_the_seconds_of_its_manifest(lake: Lake) -> None:
    paths = start(lake, behaviour="finish")
    until(lambda: not run_state(paths).is_active)
    state = run_state(paths)
    assert (state.state, state.share, state.elapsed) == ("done", 1.0, 7.5)


def test_a_done_run_is_not_started_again(lake: Lake) -> None:
    write_small_run(lake.root)
    with pytest.raises(RunError, match="done already"):
        start(lake, RUN_ID)


def test_a_cancelled_run_resumes_with_its_own_arguments(lake: Lake) -> None:
    paths = working(lake)
    first = read_json(paths.folder / "job.json")
    cancel_run(paths)
    resume_run(lake, "first")
    again = read_json(paths.folder / "job.json")
    assert run_state(paths).is_active
    assert again["arguments"] == first["arguments"]
    assert again["pid"] != first["pid"]


def test_a_run_begun_elsewhere_goes_on_by_its_manifest(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_ENGINE", (sys.executable, "-m", "engine"))
    run(lake, plan(lake, SAMPLE, run_id="typed"), until="scores")
    resume_run(lake, "typed")
    until(lambda: run_state(lake.run("typed")).state == "done")
    assert lake.read_manifest("typed")["counts"]["alerts"] > 0


def test_a_run_that_left_nothing_is_started_with_its_input(lake: Lake) -> None:
    with pytest.raises(RunError, match="python -m engine run INPUT"):
        resume_run(lake, "never")


def test_a_missing_input_starts_nothing(lake: Lake) -> None:
    with pytest.raises(InputError, match="no such file"):
        start_run(lake, lake.root / "absent.csv", run_id="first")
    assert not (lake.root / "runs").exists()


def test_an_unreadable_run_holds_up_no_other(lake: Lake) -> None:
    broken = lake.run("broken").progress
    broken.parent.mkdir(parents=True)
    broken.write_text("{", encoding="utf-8")
    assert run_state(start(lake)).is_active


def test_a_run_at_work_is_not_deleted(lake: Lake) -> None:
    paths = working(lake)
    with pytest.raises(RunError, match="cancel it"):
        delete_run(lake, "first")
    assert paths.progress.exists()


def test_deleting_a_run_leaves_the_raw_input(lake: Lake) -> None:
    paths = write_small_run(lake.root)
    lake.raw.mkdir()
    (lake.raw / "small.csv").write_text("x", encoding="utf-8")
    delete_run(lake, RUN_ID)
    assert not any(path.exists() for path in (*paths.outputs().values(), paths.folder))
    assert (lake.raw / "small.csv").exists()


def test_an_unknown_run_has_no_state(lake: Lake) -> None:
    with pytest.raises(InputError, match="no run 'absent'"):
        run_state(lake.run("absent"))


@pytest.mark.slow
def test_the_real_engine_runs_to_the_end(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    start_run(lake, SAMPLE, run_id="real", engine="cpu")
    paths = lake.run("real")
    deadline = time.monotonic() + 120
    while run_state(paths).is_active:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    state = run_state(paths)
    assert (state.state, state.error) == ("done", "")
    assert read_json(paths.manifest)["counts"]["transactions"] == 4000
