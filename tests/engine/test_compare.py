"""Two runs gave the same when their tables hold the same values, whatever the files look like."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.compare import compare_runs, content_hash
from engine.errors import InputError
from engine.lake import Lake, write_json

TABLE = pa.table(
    {
        "id": pa.array([1, 2, 3, 4], pa.int64()),
        "name": pa.array(["a", None, "c", "d"]),
        "kind": pa.array(["x", "y", "x", None]).dictionary_encode(),
        "risk": pa.array([0.5, None, 0.25, 1.0], pa.float32()),
    }
)


def saved(folder: Path, table: pa.Table, name: str = "t.parquet", **options: int) -> Path:
    pq.write_table(table, folder / name, **options)
    return folder / name


def test_the_layout_of_the_file_does_not_matter(tmp_path: Path) -> None:
    whole = content_hash(saved(tmp_path, TABLE))
    assert content_hash(saved(tmp_path, TABLE, "b", row_group_size=1)) == whole
    assert content_hash(saved(tmp_path, TABLE, "c", row_group_size=3)) == whole
    chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    assert content_hash(saved(tmp_path, chunked, "d")) == whole


def test_how_a_dictionary_is_numbered_does_not_matter(tmp_path: Path) -> None:
    other = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, None]), pa.array(["y", "x"]))
    turned = TABLE.set_column(2, "kind", other)
    assert content_hash(saved(tmp_path, turned, "b")) == content_hash(saved(tmp_path, TABLE))


def test_what_lies_under_a_null_does_not_matter(tmp_path: Path) -> None:
    values = pa.array([0.5, 7.0, 0.25, 1.0], pa.float32())
    mask = pa.py_buffer(bytes([0b1101]))
    hidden = pa.Array.from_buffers(pa.float32(), 4, [mask, values.buffers()[1]])
    table = TABLE.set_column(3, "risk", hidden)
    assert table.equals(TABLE)
    assert content_hash(saved(tmp_path, table, "b")) == content_hash(saved(tmp_path, TABLE))


@pytest.mark.parametrize(
    "other",
    [
        TABLE.slice(0, 3),
        TABLE.take([1, 0, 2, 3]),
        TABLE.rename_columns(["id", "name", "kind", "score"]),
        TABLE.set_column(0, "id", pa.array([1, 2, 3, 5], pa.int64())),
        TABLE.set_column(0, "id", pa.array([1, 2, 3, 4], pa.int32())),
        TABLE.set_column(3, "risk", pa.array([0.5, 0.0, 0.25, 1.0], pa.float32())),
        TABLE.select(["id", "name", "kind"]),
    ],
    ids=["rows", "order", "names", "values", "types", "nulls", "columns"],
)
def test_another_content_has_another_hash(tmp_path: Path, other: pa.Table) -> None:
    assert content_hash(saved(tmp_path, other, "b")) != content_hash(saved(tmp_path, TABLE))


def test_an_empty_table_has_a_hash_of_its_own(tmp_path: Path) -> None:
    empty = TABLE.slice(0, 0)
    assert content_hash(saved(tmp_path, empty, "b")) == content_hash(saved(tmp_path, empty, "c"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with two equal runs, a and b."""
    lake = Lake.open(tmp_path)
    for run_id in ("a", "b"):
        paths = lake.run(run_id)
        write_json(paths.manifest, {"run_id": run_id, "status": "done"})
        for path in (paths.augmented, paths.alerts):
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(TABLE, path)
    return lake


def test_equal_runs_are_the_same(lake: Lake) -> None:
    report = compare_runs(lake, "a", "b")
    assert report["same"]
    assert report["tables"] == {
        name: {"same": True, "rows_a": 4, "rows_b": 4, "differ": []}
        for name in ("augmented", "alerts")
    }


def test_the_columns_that_differ_are_named(lake: Lake) -> None:
    changed = TABLE.set_column(3, "risk", pa.array([0.0] * 4, pa.float32())).drop(["name"])
    pq.write_table(changed, lake.run("b").alerts)
    report = compare_runs(lake, "a", "b")
    assert not report["same"]
    assert report["tables"]["alerts"]["differ"] == ["name", "risk"]
    assert report["tables"]["augmented"]["same"]


def test_a_table_that_one_run_lacks_is_a_difference(lake: Lake) -> None:
    lake.run("b").alerts.unlink()
    report = compare_runs(lake, "a", "b")
    assert report["tables"]["alerts"] == {"same": False, "missing_in": "run_b"}
    assert compare_runs(lake, "b", "a")["tables"]["alerts"]["missing_in"] == "run_a"


def test_only_finished_runs_are_compared(lake: Lake) -> None:
    write_json(lake.run("b").manifest, {"run_id": "b", "status": "failed"})
    with pytest.raises(InputError, match="run b is failed; only finished runs"):
        compare_runs(lake, "a", "b")
    with pytest.raises(InputError, match="no run 'c'"):
        compare_runs(lake, "a", "c")


def test_what_became_of_the_rings_is_counted(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for run_id, rings in (("a", {"R1": "abc", "R2": "xyz"}), ("b", {"R1": "abcd"})):
        paths = lake.run(run_id)
        source = {"name": "t.csv", "sha256": run_id}
        write_json(paths.manifest, {"run_id": run_id, "status": "done", "input": source})
        paths.rings.parent.mkdir(parents=True)
        ids = list(rings)
        pq.write_table(
            pa.table(
                {"ring_id": ids, "fingerprint": list(rings.values()), "score": [0.9] * len(ids)}
            ),
            paths.rings,
        )
        members = [(ring, account) for ring, accounts in rings.items() for account in accounts]
        pq.write_table(
            pa.table({"ring_id": [m[0] for m in members], "account": [m[1] for m in members]}),
            paths.ring_accounts,
        )
    states = {"born": 0, "same": 0, "grew": 1, "shrank": 0, "merged": 0, "split": 0, "dormant": 1}
    assert compare_runs(lake, "a", "b")["lineage"] == states
    assert compare_runs(lake, "b", "a")["lineage"] == states | {
        "grew": 0, "shrank": 1, "dormant": 0, "born": 1,
    }  # fmt: skip


def test_runs_without_rings_have_no_lineage(lake: Lake) -> None:
    assert compare_runs(lake, "a", "b")["lineage"] is None
