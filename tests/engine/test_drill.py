"""A drill: what it caught agrees with ``evaluate``, and nothing of it gets into the lake."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engine.cli import main
from engine.drill import work
from engine.drill.order import Order, Planting
from engine.errors import InputError, RunError
from engine.evaluate import evaluate_run
from engine.generate import write_rings
from engine.job_state import active_run, run_state
from engine.jobs import start_run
from engine.lake import Lake
from engine.query.runs import list_runs

PLANTINGS = (Planting("fan_in", 2, 9, 14), Planting("cycle", 2, 3, 10), Planting("stack", 1, 9, 15))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with one run of 4,000 innocent transfers, and a drill on it."""
    root = tmp_path_factory.mktemp("drill")
    source = root / "transfers.parquet"
    write_rings(4000, 3, source, rings=0)
    arguments = ["run", str(source), "--lake", str(root / "lake"), "--run-id", "base",
                 "--labels", "ignore"]  # fmt: skip
    assert main(arguments) == 0
    made = Lake.open(root / "lake")
    work.begin(made, Order("base", PLANTINGS, seed=4), "first")
    work.carry_out(made, "first")
    return made


def test_the_figures_are_those_of_evaluate_on_the_planted_truth(lake: Lake) -> None:
    result = work.read_drill(lake, "first").result
    assert result is not None
    own = Lake.open(lake.root / "drills" / "first")
    report = evaluate_run(own, "first", str(own.raw / "planted.rings.parquet"))
    assert result["recall"] == report["ring_recall"]
    for name, figures in result["by_typology"].items():
        assert figures["recall"] == report["by_typology"]["0.5"][name]["ring_recall"]
        rings = [ring for ring in result["rings"] if ring["typology"] == name]
        assert figures["found"] == sum(ring["is_found"] for ring in rings)
        assert figures["planted"] == len(rings)


def test_a_ring_that_was_found_names_its_alert_and_one_that_was_missed_says_why(
    lake: Lake,
) -> None:
    result = work.read_drill(lake, "first").result
    assert result is not None
    own = work.drill_paths(lake, "first")
    alerts = pq.read_table(own.alerts).to_pylist()
    assert any(ring["is_found"] for ring in result["rings"])
    for ring in result["rings"]:
        if not ring["is_found"]:
            assert ring["why"].endswith(".")
            continue
        assert ring["why"] == ""
        assert ring["overlap"] >= 0.5
        assert ring["score"] >= result["threshold"]
        assert alerts[ring["rank"] - 1]["ring_id"] == ring["found_as"]


def test_the_copy_is_searched_with_the_settings_of_the_run(tmp_path: Path, lake: Lake) -> None:
    base = lake.read_manifest("base")
    copied = Lake.open(lake.root / "drills" / "first").read_manifest("first")
    assert copied["config"] == base["config"]
    planted = sum(ring["n_transactions"] for ring in
                  work.read_drill(lake, "first").result["rings"])  # type: ignore[index]  # fmt: skip
    assert copied["input"]["rows"] == base["counts"]["transactions"] + planted
    assert copied["input"]["rejected"] == 0


def test_a_drill_is_no_run_of_the_lake(lake: Lake) -> None:
    assert [manifest["run_id"] for manifest in lake.manifests()] == ["base"]
    assert list_runs(lake)["run_id"].tolist() == ["base"]


def test_drills_are_listed_the_newest_first_and_deleted_whole(lake: Lake) -> None:
    work.begin(lake, Order("base", PLANTINGS), "second")
    assert [drill.drill_id for drill in work.drills(lake)] == ["second", "first"]
    assert work.read_drill(lake, "second").state is None
    work.delete(lake, "second")
    assert [drill.drill_id for drill in work.drills(lake)] == ["first"]
    with pytest.raises(InputError, match="no drill 'second'"):
        work.read_drill(lake, "second")


def test_a_name_is_given_once(lake: Lake) -> None:
    with pytest.raises(InputError, match="there is a drill first already"):
        work.begin(lake, Order("base", PLANTINGS), "first")


def test_what_is_no_run_and_no_file_is_refused(lake: Lake) -> None:
    with pytest.raises(InputError, match="no finished run of this lake and no file"):
        work.begin(lake, Order("gone", PLANTINGS))


def test_a_drill_that_cannot_be_planted_says_so_where_it_is_followed(lake: Lake) -> None:
    work.begin(lake, Order("base", PLANTINGS, start="2031-01-01"), "late")
    with pytest.raises(InputError, match="no ring can be planted in that period"):
        work.carry_out(lake, "late")
    state = run_state(work.drill_paths(lake, "late"))
    assert state.state == "failed"
    assert "no ring can be planted" in state.error
    work.delete(lake, "late")


def test_a_drill_at_work_keeps_runs_waiting_and_cannot_be_deleted(lake: Lake) -> None:
    work.begin(lake, Order("base", PLANTINGS, seed=9), "busy")
    work.start(lake, "busy")
    active = active_run(lake)
    assert active is not None
    assert active.run_id == "busy"
    with pytest.raises(RunError, match="run busy is still at work"):
        start_run(lake, lake.root.parent / "transfers.parquet", run_id="other")
    with pytest.raises(RunError, match="cancel it"):
        work.delete(lake, "busy")
    end = time.monotonic() + 120
    while work.read_drill(lake, "busy").is_active and time.monotonic() < end:
        time.sleep(0.2)
    assert work.read_drill(lake, "busy").result is not None


def test_the_command_plants_into_a_file_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "transfers.csv"
    write_rings(2000, 5, source, rings=0)
    arguments = ["drill", str(source), "--lake", str(tmp_path / "lake"), "--plant", "fan_in=1",
                 "--json", "--drill-id", "mine"]  # fmt: skip
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["drill_id"] == "mine"
    assert told["by_typology"]["fan_in"]["planted"] == 1
    assert main(["drill", "--lake", str(tmp_path / "lake"), "--delete", "mine"]) == 0
    assert not (tmp_path / "lake" / "drills" / "mine").exists()
