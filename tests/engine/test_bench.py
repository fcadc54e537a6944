"""The bench times a run in a process of its own and prints JSON and a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.bench import bench, side_by_side, to_markdown
from engine.errors import InputError, RunError


def test_the_table_has_a_row_a_stage_and_one_for_the_whole() -> None:
    report = {
        "rows": 1000, "input_mb": 2.4, "engine": {"kind": "cpu"},
        "machine": {"cores": 2, "memory_gb": 16.2, "python": "3.12.1"},
        "stages": [{"name": "intake", "seconds": 0.5, "peak_rss_mb": 123.4}],
        "wall_seconds": 2.0, "peak_rss_mb": 150.0,
    }  # fmt: skip
    assert to_markdown(report).splitlines() == [
        "1,000 rows (2 MB), cpu, 2 cores, 16 GB, Python 3.12.1",
        "",
        "| stage | seconds | rows a second | peak memory MB |",
        "| --- | ---: | ---: | ---: |",
        "| intake | 0.5 | 2,000 | 123 |",
        "| **file to alerts, start to exit** | **2.0** | 500 | 150 |",
    ]


def test_two_engines_stand_in_one_table_with_ratios() -> None:
    def report(seconds: float, wall: float, engine: str, memory: float | None) -> dict[str, Any]:
        stage = {"name": "scores", "seconds": seconds, "engine": engine, "peak_device_mb": memory}
        return {
            "rows": 1000, "input_mb": 2.4, "engine": {"device": "A10G"}, "wall_seconds": wall,
            "machine": {"cores": 2, "memory_gb": 16.2, "python": "3.12.1"}, "stages": [stage],
        }  # fmt: skip

    table = side_by_side(report(20.0, 30.0, "cpu", None), report(0.5, 6.0, "gpu", 2048.4))
    assert table.splitlines() == [
        "1,000 rows (2 MB), 2 cores, 16 GB, Python 3.12.1; GPU: A10G",
        "",
        "| stage | CPU seconds | GPU seconds | CPU / GPU | GPU memory MB |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| scores | 20.00 | 0.50 | 40.0× | 2,048 |",
        "| **file to alerts, start to exit** | **30.0** | **6.0** | 5.0× | |",
    ]
    over = side_by_side(report(20.0, 30.0, "cpu", None), report(10.0, 40.0, "cpu", None))
    assert "| scores | 20.00 | 10.00 (on the CPU) | 2.0× | – |" in over


def test_an_engine_that_is_not_there_is_refused_before_data_are_made() -> None:
    with pytest.raises(InputError, match="--engine gpu cannot run here"):
        bench(rows=10**9, seed=1, engine="both")


@pytest.mark.slow
def test_a_generated_file_is_timed_stage_by_stage(capsys: pytest.CaptureFixture[str]) -> None:
    report = bench(rows=500, seed=1, engine="cpu")
    printed = capsys.readouterr().out
    assert json.loads(printed[: printed.rindex("}") + 1]) == report
    assert printed.rstrip().endswith("|")
    assert report["rows"] == 500
    assert [stage["name"] for stage in report["stages"]] == [
        "intake", "features", "scores", "graph", "rings", "alerts",
    ]  # fmt: skip
    assert report["wall_seconds"] > sum(stage["seconds"] for stage in report["stages"])


@pytest.mark.slow
def test_a_timed_run_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RunError, match="the timed run failed: error: "):
        bench(rows=1, seed=1, engine="cpu", given=str(tmp_path / "bad.csv"))
