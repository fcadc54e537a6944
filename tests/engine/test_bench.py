"""The bench times a run in a process of its own and prints JSON and a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.bench import bench, to_markdown
from engine.errors import RunError


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
