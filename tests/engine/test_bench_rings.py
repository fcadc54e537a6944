"""``bench --rings``: every mode of every set, peers beside them, and a table of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from engine import bench_peers
from engine.bench_peers import PeerRuns, cache_folder
from engine.bench_rings import bench_rings, find_sets
from engine.bench_rings_table import to_markdown, transaction_f1
from engine.cli import main
from engine.errors import InputError
from engine.lake import Lake
from tests.engine.test_peers import plain_set


def figures(recall: float | None, precision: float | None, f1: float | None) -> dict[str, Any]:
    """Return the part of a report that the table reads."""
    rates = {"ring_recall": recall, "ring_precision": precision, "ring_f1": f1}
    main = {
        **rates, "true": 4, "predicted": 2,
        "intervals": {name: None if v is None else [0.0, v] for name, v in rates.items()},
    }  # fmt: skip
    return {
        **rates, "rings": {"0.5": main, "0.3": main}, "transactions": {}, "seconds": 3.2,
        "peak_rss_mb": 512.3,
    }  # fmt: skip


@pytest.fixture
def report() -> dict[str, Any]:
    typology = {"true": 2, "found": 1, "ring_recall": 0.5,
                "predicted": 0, "correct": 0, "ring_precision": None}  # fmt: skip
    ours = {"method": "Ringleader", "by_typology": {"0.5": {"cycle": typology}}}
    first = {**ours, **figures(0.5, 1.0, 0.6667), "mode": "no labels", "judged_on": "all rings"}
    second = {**ours, **figures(0.5, 0.5, 0.5), "mode": "labels, late", "judged_on": "late",
              "transactions": {"precision": 0.5, "recall": 1.0}}  # fmt: skip
    third = {**second, **figures(0.25, 0.25, 0.25), "mode": "labels, early",
             "transactions": {"precision": 0.5, "recall": 0.5}}  # fmt: skip
    peers = [
        {"method": "Louvain", "mode": "no labels", **figures(0.0, None, None), "note": ""},
        {"method": "snap_ml", "mode": "labels, late", "note": "did not finish in 30 minutes"},
    ]
    machine = {"cores": 2, "memory_gb": 16.2, "python": "3.11.7"}
    given = {"rows": 12345, "rings": 8, "results": [first, second, third, *peers]}
    return {"machine": machine, "sets": {"tiny": given}}


def test_the_table_puts_peers_beside_ours_mode_by_mode(report: dict[str, Any]) -> None:
    lines = to_markdown(report).splitlines()
    assert "### tiny: 12,345 transactions, 8 rings" in lines
    ours = (
        "| Ringleader | 4/2 | 0.500 (0.00–0.50) | 1.000 (0.00–1.00) | **0.667** (0.00–0.67) "
        "| 0.667 | – | 3 | 512 |"
    )
    at = lines.index(ours)
    assert lines[at + 1] == "| Louvain | 4/2 | 0.000 (0.00–0.00) | – | **–** | – | – | 3 | 512 |"
    assert "| snap_ml | did not finish in 30 minutes | – | – | – | – | – | – | – |" in lines
    assert [line for line in lines if line.startswith("**")] == [
        "**no labels**", "**labels, late**", "**labels, early**",
    ]  # fmt: skip


def test_the_table_gives_both_time_windows_and_their_mean(report: dict[str, Any]) -> None:
    assert (
        "Ringleader, mean of the time windows: recall 0.375 (0.500 and 0.250), precision 0.375 "
        "(0.500 and 0.250), F1 0.375 (0.500 and 0.250), transaction F1 0.583 (0.667 and 0.500)."
    ) in to_markdown(report).splitlines()


def test_the_table_counts_by_typology(report: dict[str, Any]) -> None:
    assert to_markdown(report).splitlines()[-1] == (
        "| cycle | 0.50 (1/2) | – | 0.50 (1/2) | – | 0.50 (1/2) | – |"
    )


def test_transaction_f1_needs_a_model() -> None:
    assert transaction_f1({"transactions": {}}) is None


def test_sets_are_folders_with_transactions_and_rings(tmp_path: Path) -> None:
    for name in ("b", "a", "unlabelled"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "transactions.parquet").touch()
    for name in ("b", "a"):
        (tmp_path / name / "rings.parquet").touch()
    assert [given.folder.name for given in find_sets(tmp_path)] == ["a", "b"]
    assert [given.folder.name for given in find_sets(tmp_path, "b")] == ["b"]
    assert [given.folder.name for given in find_sets(tmp_path / "a")] == ["a"]
    with pytest.raises(InputError, match="there are a, b"):
        find_sets(tmp_path, "c")
    with pytest.raises(InputError, match="no folder in it"):
        find_sets(tmp_path / "unlabelled")


def test_options_of_the_ring_table_go_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--no-peers"]) == 2
    assert "go with bench --rings DIR" in capsys.readouterr().err
    assert main(["bench", "--rings", "nowhere"]) == 2
    assert "no folder in it" in capsys.readouterr().err


@pytest.mark.slow
def test_every_mode_is_run_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = plain_set(tmp_path)
    lake = tmp_path / "lake"
    report = bench_rings(folder, with_peers=False, lake=lake)
    printed = capsys.readouterr().out
    assert json.loads(printed.splitlines()[0]) == report
    results = report["sets"]["small"]["results"]
    assert [result["mode"] for result in results] == [
        "no labels, all rings", "labels, rows 80 % to 100 %", "labels, rows 60 % to 80 %",
    ]  # fmt: skip
    late, early = results[1], results[2]
    assert late["judged_on"] == "rings that start in the last 20 %"
    # The earlier window ends where the later one begins: its run never saw what came after.
    table = Lake.open(lake).run("bench-small-labels-earlier").prepped
    assert pq.read_metadata(table).num_rows == 4800
    assert early["judged_from"] < late["judged_from"]
    days = pq.read_table(folder / "transactions.parquet")["step"].to_numpy()
    rings = pq.read_table(folder / "rings.parquet")
    start, end = rings["start"].to_numpy(), rings["end"].to_numpy()
    assert late["rings"]["0.5"]["true"] == (start >= days[4800]).sum()
    inside = (start >= days[3600]) & (end <= days[4799])
    assert early["rings"]["0.5"]["true"] == inside.sum()


@pytest.mark.slow
def test_a_second_look_at_a_peer_is_read_from_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = plain_set(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(bench_peers, "PEERS", {"components": None})
    runs = PeerRuns(folder, ["no labels", "labels"])
    first = runs.results()
    assert [result["mode"] for result in first] == ["no labels", "labels"]
    assert first[1]["transactions"]["positives"] > 0
    assert len(list(cache_folder().glob("components-*.json"))) == 2
    monkeypatch.setattr("subprocess.run", None)  # nothing may be started again
    assert runs.results() == first


@pytest.mark.slow
def test_a_peer_that_fails_or_takes_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = plain_set(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(bench_peers, "PEERS", {"nobody": None})
    [result] = PeerRuns(folder, ["no labels"]).results()
    assert result["note"].startswith("failed: ")
    monkeypatch.setattr(bench_peers, "LIMIT_SECONDS", 0.01)
    [result] = PeerRuns(folder, ["no labels"]).results()
    assert result["note"].startswith("did not finish")
    assert not cache_folder().exists()
