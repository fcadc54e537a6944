"""Where a run is: one share for the whole, in a small file for other processes."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from engine.lake import read_json
from engine.progress import STAGES, ProgressFile


@pytest.fixture
def progress(tmp_path: Path) -> ProgressFile:
    return ProgressFile(tmp_path / "progress.json", "r1")


def test_the_stages_share_the_whole_run() -> None:
    assert list(STAGES) == ["intake", "features", "scores", "graph", "rings", "alerts"]
    assert sum(STAGES.values()) == pytest.approx(1.0)


def test_the_file_says_where_the_run_is_and_which_process_it_is(progress: ProgressFile) -> None:
    progress.stage("features")(0.0, "reading")
    written = read_json(progress.path)
    assert set(written) == {
        "run_id", "pid", "process_started", "state", "stage", "stage_share", "share", "message",
        "started", "updated",
    }  # fmt: skip
    assert (written["run_id"], written["state"], written["stage"]) == ("r1", "running", "features")
    assert (written["pid"], written["message"]) == (os.getpid(), "reading")
    assert written["process_started"] == psutil.Process().create_time()


def test_the_share_of_the_run_counts_the_stages_before(progress: ProgressFile) -> None:
    shares: list[float] = []
    progress.listener = lambda share, _: shares.append(share)
    for name in STAGES:
        progress.stage(name)(0.5, "half")
    before, expected = 0.0, []
    for part in STAGES.values():
        expected.append(before + part / 2)
        before += part
    assert shares == pytest.approx(expected)


def test_the_listener_hears_the_stage(progress: ProgressFile) -> None:
    heard: list[str] = []
    progress.listener = lambda _, message: heard.append(message)
    progress.stage("graph")(1.0, "PageRank")
    assert heard == ["graph: PageRank"]


def test_the_start_and_end_of_a_stage_are_always_written(progress: ProgressFile) -> None:
    report = progress.stage("alerts")
    report(0.0, "starting")
    report(0.5, "at once after the start")
    assert read_json(progress.path)["message"] == "starting"
    report(1.0, "done")
    assert read_json(progress.path)["message"] == "done"
    assert read_json(progress.path)["share"] == 1.0
