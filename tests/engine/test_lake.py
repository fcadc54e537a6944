"""Where the files of a run lie, and that none is ever half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import InputError, RunError
from engine.lake import Lake, read_json, replacing, write_json


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


def write_run(lake: Lake, run_id: str, started: str) -> None:
    write_json(lake.run(run_id).manifest, {"run_id": run_id, "started": started})


def test_the_files_of_a_run_lie_where_the_contract_says(lake: Lake) -> None:
    run = lake.run("r1")
    expected = {
        "prepped": "prepped/r1/transactions.parquet",
        "rejects": "prepped/r1/rejects.parquet",
        "augmented": "augmented/r1/transactions.parquet",
        "accounts": "graphs/r1/accounts.parquet",
        "rings": "graphs/r1/rings.parquet",
        "ring_accounts": "graphs/r1/ring_accounts.parquet",
        "ring_transactions": "graphs/r1/ring_transactions.parquet",
        "alerts": "alerts/r1/alerts.parquet",
    }
    assert {k: str(v.relative_to(lake.root)) for k, v in run.outputs().items()} == expected
    assert run.manifest.relative_to(lake.root) == Path("runs/r1/run.json")
    assert run.progress.relative_to(lake.root) == Path("runs/r1/progress.json")
    assert run.model.relative_to(lake.root) == Path("runs/r1/model.json")
    assert lake.raw == lake.root / "raw"


def test_opening_makes_the_folder(tmp_path: Path) -> None:
    assert Lake.open(tmp_path / "a" / "b").root.is_dir()


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("x")
    with pytest.raises(InputError, match="must be a folder, and this is a file"):
        Lake.open(tmp_path / "lake")


def test_an_address_of_an_unknown_kind_says_which_are_known() -> None:
    with pytest.raises(InputError, match="addresses start with s3://; a folder needs none"):
        Lake.open("gs://bucket/prefix")


@pytest.mark.parametrize("run_id", ["a", "2026-01.x_Y", "a" * 100])
def test_names_of_folders_are_run_ids(lake: Lake, run_id: str) -> None:
    assert lake.run(run_id).run_id == run_id


@pytest.mark.parametrize(
    "run_id", ["", ".", "..", "-x", "_x", "a/b", "../x", "a b", "ä", "a\n", "a" * 101]
)
def test_what_could_leave_the_lake_is_no_run_id(lake: Lake, run_id: str) -> None:
    with pytest.raises(InputError, match="run id"):
        lake.run(run_id)


def test_runs_are_listed_newest_first(lake: Lake) -> None:
    write_run(lake, "old", "2026-01-01")
    write_run(lake, "new", "2026-01-03")
    write_run(lake, "middle", "2026-01-02")
    assert [run["run_id"] for run in lake.manifests()] == ["new", "middle", "old"]


def test_an_unknown_run_names_the_ones_there_are(lake: Lake) -> None:
    with pytest.raises(InputError, match=r"no run 'x' in .*runs there: none"):
        lake.read_manifest("x")
    write_run(lake, "r1", "2026-01-01")
    with pytest.raises(InputError, match="runs there: r1"):
        lake.read_manifest("x")
    assert lake.read_manifest("r1")["started"] == "2026-01-01"


def test_deleting_a_run_leaves_nothing_of_it_and_all_of_the_others(lake: Lake) -> None:
    for run_id in ("r1", "r2"):
        write_run(lake, run_id, "2026-01-01")
        for path in lake.run(run_id).outputs().values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(run_id)
    lake.delete_run("r1")
    assert not [path for path in lake.root.rglob("*") if "r1" in path.parts]
    assert all(path.exists() for path in lake.run("r2").outputs().values())


def test_json_reads_back_as_written(tmp_path: Path) -> None:
    write_json(tmp_path / "new" / "a.json", {"a": 1.5, "b": [None, "ä"]})
    assert read_json(tmp_path / "new" / "a.json") == {"a": 1.5, "b": [None, "ä"]}


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", "\x00"])
def test_a_damaged_json_file_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunError, match="delete the run and start it again"):
        read_json(tmp_path / "run.json")


def test_a_file_is_replaced_only_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as part:
            part.write_text("half")
            raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk is full"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_is_text_for_people(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1, "b": tmp_path})
    text = (tmp_path / "a.json").read_text()
    assert text.endswith("}\n")
    assert "\n" in text.strip()
    assert json.loads(text)["b"] == str(tmp_path)


@pytest.mark.parametrize("address", ["s3://bucket/raw/../../x.csv", "s3://bucket/.."])
def test_an_address_leads_nowhere_else(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="may hold no"):
        Lake.open(tmp_path).fetch_input(address)
