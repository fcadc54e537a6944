"""The peers on graphs small enough to see their answer."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Config
from engine.errors import InputError
from engine.evaluation.peers import PEERS, PeerInput, PeerResult, read_peer_input
from engine.evaluation.peers import __main__ as command
from engine.evaluation.peers import snap_ml as snap
from engine.evaluation.peers.communities import community_rows
from engine.evaluation.peers.data import judge_peer
from engine.evaluation.peers.grouping import sized, split_by, temporal_components
from engine.generate import write_rings
from tests.engine.rows import Row, accounts_of, transactions

#: Two triangles of large payments, joined by one small payment.
TRIANGLES: list[Row] = [
    (0, "A", "B", 100), (1, "B", "C", 100), (2, "C", "A", 100),
    (3, "D", "E", 100), (4, "E", "F", 100), (5, "F", "D", 100),
    (6, "C", "D", 1),
]  # fmt: skip


def peer_input(rows: list[Row], label: list[int] | None = None) -> PeerInput:
    table = transactions(rows)
    return PeerInput(
        table, accounts_of(table), None if label is None else np.array(label, np.int8), Config()
    )


def names(given: PeerInput, rows: np.ndarray) -> str:
    codes = np.unique(np.r_[given.accounts.sender[rows], given.accounts.receiver[rows]])
    return "".join(sorted(given.accounts.names.take(pa.array(codes)).to_pylist()))


def plain_set(tmp_path: Path, rows: int = 6000) -> Path:
    """Write a generated set under the names the benchmark expects."""
    transfers, rings, _ = write_rings(rows, 5, tmp_path / "made.parquet", rows // 200)
    folder = tmp_path / "small"
    folder.mkdir()
    transfers.rename(folder / "transactions.parquet")
    rings.rename(folder / "rings.parquet")
    return folder


@pytest.mark.parametrize("peer", ["louvain", "leiden"])
def test_two_dense_groups_are_two_communities(peer: str) -> None:
    given = peer_input(TRIANGLES)
    found = PEERS[peer](given)
    [name] = [name for name in found if name.endswith("whole graph, 3 to 60 accounts")]
    assert sorted(names(given, rows) for rows in found[name].rows) == ["ABC", "DEF"]
    # The payment between them belongs to neither.
    assert sum(len(rows) for rows in found[name].rows) == 6


def test_with_labels_a_community_is_made_of_the_test_part_alone() -> None:
    early: list[Row] = [(hour / 10, "P", "Q", 5) for hour in range(-280, 0, 10)]
    rows = sorted(early) + TRIANGLES
    given = peer_input(rows, [0] * len(rows))
    assert given.first == len(early)
    found = PEERS["louvain"](given)
    assert all(
        min(part) >= given.first for result in found.values() for part in result.rows
    )  # fmt: skip


def test_communities_of_chosen_rows_use_no_other_row() -> None:
    given = peer_input(TRIANGLES)

    def one_community(graph: Any, _weight: list[float], _resolution: float) -> Any:
        return SimpleNamespace(membership=[0] * graph.vcount())

    [rows] = community_rows(given, np.array([1, 2]), one_community, 1.0)
    assert rows.tolist() == [1, 2]


def test_transactions_join_through_an_account_within_the_window() -> None:
    sender, receiver = np.array([[0, 1, 0, 5, 7], [1, 2, 3, 6, 5]], np.int32)
    seconds = np.array([0, 10, 25, 30, 31])
    rows = np.arange(5)
    parts = temporal_components(sender, receiver, seconds, rows, window=10)
    # 0 and 1 share account 1 ten seconds apart; 0 and 2 share account 0, but 25 seconds apart.
    assert [part.tolist() for part in parts] == [[0, 1], [2], [3, 4]]
    parts = temporal_components(sender, receiver, seconds, rows, window=25)
    assert [part.tolist() for part in parts] == [[0, 1, 2], [3, 4]]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 40)), max_size=12),
    st.integers(0, 15),
)
def test_components_equal_those_of_joining_every_pair(
    edges: list[tuple[int, int, int]], window: int
) -> None:
    edges.sort(key=lambda edge: edge[2])
    sender, receiver, seconds = (np.array([e[i] for e in edges], np.int64) for i in range(3))
    group = list(range(len(edges)))
    for i, (a, b, s) in enumerate(edges):
        for j, (c, d, t) in enumerate(edges[:i]):
            if {a, b} & {c, d} and s - t <= window:
                group = [group[i] if g == group[j] else g for g in group]
    expected = sorted([i for i, g in enumerate(group) if g == label] for label in set(group))
    ends = sender.astype(np.int32), receiver.astype(np.int32)
    parts = temporal_components(*ends, seconds, np.arange(len(edges)), window)
    assert [part.tolist() for part in parts] == expected


def test_groups_are_split_and_sized() -> None:
    parts = split_by(np.array([1, 0, 1]), np.array([4, 5, 6]))
    assert [part.tolist() for part in parts] == [[5], [4, 6]]
    assert split_by(np.array([], int), np.array([], int)) == []
    pair, ends = [np.array([0])], (np.array([1], np.int32), np.array([2], np.int32))
    assert sized(*ends, pair, least=3) == []
    assert sized(*ends, pair, least=2, most=2) == pair


def test_without_labels_the_most_abnormal_share_is_joined() -> None:
    plain: list[Row] = [(hour, f"u{hour}", f"v{hour}", 10 + hour % 17) for hour in range(600)]
    odd: list[Row] = [(200.1, "A", "B", 9e6), (200.2, "B", "C", 8e6), (200.3, "C", "D", 7e6)]
    given = peer_input(sorted(plain + odd))
    [result] = PEERS["components"](given).values()
    assert [names(given, rows) for rows in result.rows] == ["ABCD"]


def test_snap_ml_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    [result] = PEERS["snap_ml"](peer_input(TRIANGLES, [0] * 7)).values()
    assert result.note == "not installed: pip install -r requirements-peers.txt"
    assert PEERS["snap_ml"](peer_input(TRIANGLES)) == {}


class FakePreprocessor:
    """Stands in for the proprietary library: echoes its five columns and adds one feature."""

    batches: list[int]
    given: dict[str, Any]

    def get_params(self) -> dict[str, Any]:
        return {"max_no_edges": -1, "temp-cycle": True}

    def set_params(self, params: dict[str, Any]) -> None:
        FakePreprocessor.given = params
        FakePreprocessor.batches = []

    def transform(self, edges: np.ndarray) -> np.ndarray:
        FakePreprocessor.batches.append(len(edges))
        return np.column_stack([edges, edges[:, 4] * 2])


def test_graph_features_come_in_batches_beside_the_own_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = SimpleNamespace(GraphFeaturePreprocessor=FakePreprocessor)
    monkeypatch.setitem(sys.modules, "snapml", module)
    monkeypatch.setattr(snap, "BATCH", 4)
    matrix = snap.graph_features(peer_input(TRIANGLES), temporal_cycles=False)
    assert FakePreprocessor.batches == [4, 3]
    assert FakePreprocessor.given["max_no_edges"] == -1  # what is not set stays as it was
    assert FakePreprocessor.given["temp-cycle"] is False
    assert matrix.column("graph_0").tolist() == [200, 200, 200, 200, 200, 200, 2]
    assert matrix.column("amount")[6] == 1
    assert not {"pair_n", "sender_gap_hours"} & set(matrix.names)


def test_busy_accounts_leave_temporal_cycles_out() -> None:
    rows: list[Row] = [(day * 24, "A", "B", 1) for day in range(42)]
    # 42 transfers of two accounts in 41 days: 21 an account in all, 10.76 in 21 days.
    assert snap.transfers_per_account(peer_input(rows), 21) == pytest.approx(21 * 21 / 41)


def test_a_peer_is_judged_on_the_future_like_a_run(tmp_path: Path) -> None:
    steps = [0] * 8 + [5, 6]
    sender = list("PPPPPPPPAB")
    path = tmp_path / "transactions.parquet"
    pq.write_table(
        pa.table(
            {
                "step": steps, "type": ["T"] * 10, "amount": [1.0] * 10, "sender": sender,
                "receiver": list("QQQQQQQQBC"), "is_laundering": [0] * 8 + [1, 1],
            }
        ),
        path,
    )  # fmt: skip
    truth = tmp_path / "rings.parquet"
    pq.write_table(
        pa.table(
            {"ring_id": [0, 1], "typology": ["chain", "fan_in"], "members": [["A", "B", "C"],
             ["P", "Q"]], "start": [5, 0], "end": [6, 0]}
        ),
        truth,
    )  # fmt: skip
    given = read_peer_input(path, True, Config())
    result = PeerResult([np.array([8, 9]), np.array([0, 1])], note="by hand")
    figures = judge_peer(given, result, truth, path)
    assert figures["rings"]["0.5"]["true"] == figures["rings"]["0.5"]["predicted"] == 1
    assert figures["ring_f1"] == 1.0
    assert figures["note"] == "by hand"
    whole = judge_peer(read_peer_input(path, False, Config()), result, truth, path)
    assert whole["rings"]["0.5"]["true"] == whole["rings"]["0.5"]["correct"] == 2


def test_what_a_peer_cannot_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "transactions.parquet"
    table = {"step": [0], "type": ["T"], "amount": [1.0], "sender": ["A"], "receiver": ["B"]}
    pq.write_table(pa.table(table), path)
    with pytest.raises(InputError, match="no labels to learn from"):
        read_peer_input(path, True, Config())


@pytest.mark.slow
def test_the_command_prints_the_figures_of_each_variant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = plain_set(tmp_path)
    for peer, labels, variants in (("louvain", [], 4), ("components", ["--labels"], 1)):
        monkeypatch.setattr(sys, "argv", ["peers", peer, str(folder), *labels])
        command.main()
        report = json.loads(capsys.readouterr().out)
        assert len(report) == variants
        for figures in report.values():
            assert figures["rings"]["0.5"]["true"] > 0
            assert figures["peak_rss_mb"] > 0
