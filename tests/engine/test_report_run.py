"""The summary of a run as PDF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.lake import Lake
from engine.report.run_evidence import collect_run
from tests.small_run import write_small_run


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with the small run, finished at a known moment."""
    paths = write_small_run(tmp_path)
    manifest = json.loads(paths.manifest.read_text())
    manifest["finished"] = "2026-02-01T10:00:00+00:00"
    paths.manifest.write_text(json.dumps(manifest))
    return tmp_path


def test_alerts_are_counted_by_range_of_score(lake: Path) -> None:
    found = collect_run(Lake.open(lake).run("small"))
    assert found.bands["band"].tolist() == ["Critical", "High", "Medium", "Low"]
    assert found.bands["alerts"].tolist() == [1, 1, 1, 0]
    assert found.alerts["alert_id"].tolist() == ["A000001", "A000002", "A000003"]


def test_the_summary_is_written_by_a_command_and_repeats_to_the_byte(lake: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        assert main(["report", "small", str(lake / name), "--lake", str(lake)]) == 0
    one, two = ((lake / name).read_bytes() for name in ("one.pdf", "two.pdf"))
    assert one == two
    assert one.startswith(b"%PDF")


def test_a_run_that_is_missing_is_a_clear_error(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "none", str(lake / "x.pdf"), "--lake", str(lake)]) == 2
    assert "no run 'none'" in capsys.readouterr().err
