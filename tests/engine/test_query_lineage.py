"""Two runs of a lake and what became of the rings of the earlier one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.errors import InputError, RunError
from engine.lake import Lake, RunPaths, write_json
from engine.query.lineage import LINEAGE_COLUMNS, lineage, previous_run, read_rings

#: Rings by id: their accounts, transactions and score.
Rings = dict[str, tuple[str, list[int], float]]


def write_run(lake: Lake, run_id: str, rings: Rings | None, **manifest: Any) -> RunPaths:
    """Write a run with one-letter accounts; ``None`` leaves the rings out."""
    paths = lake.run(run_id)
    told: dict[str, Any] = {
        "status": "done",
        "started": "2026-01-01T00:00:00+00:00",
        "name": "a.csv",
        "hash": "1",
    }
    told |= manifest
    source = {"name": told.pop("name"), "sha256": told.pop("hash")}
    told["outputs"] = {} if rings is None else {"rings": f"graphs/{run_id}/rings.parquet"}
    write_json(paths.manifest, {"run_id": run_id, "input": source, **told})
    if rings is None:
        return paths
    tables: dict[Path, list[dict[str, Any]]] = {
        paths.rings: [
            {"ring_id": ring, "fingerprint": "".join(sorted(accounts)), "score": score}
            for ring, (accounts, _, score) in rings.items()
        ],
        paths.ring_accounts: [
            {"ring_id": ring, "account": account, "role": "mule"}
            for ring, (accounts, _, _) in rings.items()
            for account in accounts
        ],
        paths.ring_transactions: [
            {"ring_id": ring, "tx_id": tx_id}
            for ring, (_, tx_ids, _) in rings.items()
            for tx_id in tx_ids
        ],
    }
    for path, rows in tables.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows, columns=list(rows[0]) if rows else ["ring_id", "fingerprint", "score",
                     "account", "tx_id"]).to_parquet(path, index=False)  # fmt: skip
    return paths


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path)


def test_the_table_has_a_row_for_each_ring_and_each_dormant_one(lake: Lake) -> None:
    write_run(lake, "old", {"R1": ("abc", [1, 2], 0.8), "R2": ("xyz", [7, 8], 0.6)})
    write_run(lake, "new", {"R1": ("abcd", [1, 2, 3], 0.9), "R2": ("mn", [9], 0.7)})
    table = lineage(lake, "new", "old")
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == LINEAGE_COLUMNS
    assert table["state"].tolist() == ["grew", "born", "dormant"]
    assert table["ring_id"].tolist()[:2] == ["R1", "R2"]
    assert table["ring_id"].isna().tolist() == [False, False, True]
    assert table["previous"].tolist() == [["R1"], [], ["R2"]]
    assert table["gained"].tolist() == [["d"], ["m", "n"], []]
    assert table["lost"].tolist() == [[], [], ["x", "y", "z"]]
    assert table["jaccard"].tolist() == [0.75, 0.0, 0.0]
    assert table["previous_score"].isna().tolist() == [False, True, False]


def test_two_runs_without_rings_give_an_empty_table(lake: Lake) -> None:
    write_run(lake, "old", {})
    write_run(lake, "new", {})
    table = lineage(lake, "new", "old")
    assert table.empty
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == LINEAGE_COLUMNS


@pytest.mark.parametrize(("hash_now", "states"), [("1", ["shrank"]), ("2", ["born", "dormant"])])
def test_transactions_are_compared_where_both_runs_read_the_same_bytes(
    lake: Lake, hash_now: str, states: list[str]
) -> None:
    write_run(lake, "old", {"R1": ("abcdefghij", [1, 2, 3], 0.8)}, hash="1")
    write_run(lake, "new", {"R1": ("abcd", [1, 2, 3], 0.9)}, hash=hash_now)
    assert lineage(lake, "new", "old")["state"].tolist() == states


def test_rings_are_read_with_their_accounts_and_transactions(lake: Lake) -> None:
    paths = write_run(lake, "old", {"R1": ("abc", [5, 2], 0.8)})
    (ring,) = read_rings(paths, with_transactions=True)
    assert (ring.members, ring.tx_ids, ring.score) == (frozenset("abc"), frozenset({2, 5}), 0.8)
    (ring,) = read_rings(paths, with_transactions=False)
    assert ring.tx_ids is None


def test_a_run_without_rings_or_a_manifest_says_so(lake: Lake) -> None:
    write_run(lake, "old", None)
    write_run(lake, "new", {})
    with pytest.raises(RunError, match="is missing"):
        lineage(lake, "new", "old")
    with pytest.raises(InputError, match="no run 'never'"):
        lineage(lake, "new", "never")


def test_the_previous_run_is_the_latest_finished_one_of_the_same_input_name(lake: Lake) -> None:
    def at(hour: int) -> str:
        return f"2026-01-01T{hour:02}:00:00+00:00"

    write_run(lake, "first", {}, started=at(1))
    write_run(lake, "second", {}, started=at(2), hash="2")
    write_run(lake, "other", {}, started=at(3), name="b.csv")
    write_run(lake, "failed", {}, started=at(4), status="failed")
    write_run(lake, "no_graph", None, started=at(5))
    write_run(lake, "this", {}, started=at(6))
    write_run(lake, "later", {}, started=at(7))
    assert previous_run(lake, "this") == "second"
    assert previous_run(lake, "second") == "first"
    assert previous_run(lake, "first") is None
    assert previous_run(lake, "other") is None
    with pytest.raises(InputError, match="no run 'never'"):
        previous_run(lake, "never")
