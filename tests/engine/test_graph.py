"""The account graph against hand-computed answers, igraph and networkx."""

from __future__ import annotations

import random
from datetime import datetime

import igraph
import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backend import CPU
from engine.config import GraphConfig
from engine.features.build import minor_units
from engine.graph import account_table, fold_edges
from engine.graph.build import Edges, pair_totals
from engine.graph.communities import find_communities, find_components
from engine.graph.pagerank import rank_pages
from tests.engine.rows import accounts_of, transactions

Int32 = npt.NDArray[np.int32]
CONFIG = GraphConfig()

#: Few accounts, so that loops, opposite edges and repeated pairs abound.
transfers = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 100_000)),
    min_size=1,
    max_size=24,
)
Transfer = tuple[int, int, int]
ACCOUNTS = 8


def codes(values: list[int]) -> Int32:
    return np.array(values, np.int32)


def edges_of(rows: list[Transfer]) -> Edges:
    sender, receiver, cents = zip(*rows, strict=True)
    return fold_edges(codes(list(sender)), codes(list(receiver)), np.array(cents, np.int64))


def communities(rows: list[Transfer], n: int, config: GraphConfig = CONFIG) -> list[int]:
    edges = edges_of(rows)
    label = find_communities(edges.source, edges.target, edges.amount, n, config)
    return [int(community) for community in label]


def test_parallel_transactions_fold_to_one_edge_a_pair_and_direction() -> None:
    edges = edges_of([(1, 0, 10), (0, 1, 20), (1, 0, 5), (0, 2, 7)])
    assert edges.source.tolist() == [0, 0, 1]
    assert edges.target.tolist() == [1, 2, 0]
    assert edges.count.tolist() == [1, 1, 2]
    assert edges.amount.tolist() == [0.20, 0.07, 0.15]


def test_edge_sums_are_exact_in_cents() -> None:
    assert edges_of([(0, 1, 10)] * 3).amount.tolist() == [0.30]
    assert edges_of([(0, 1, 10**15), (0, 1, 1)]).amount.tolist() == [10_000_000_000_000.01]


@given(transfers)
def test_folding_loses_no_transaction_and_no_cent(rows: list[Transfer]) -> None:
    edges = edges_of(rows)
    assert edges.count.sum() == len(rows)
    assert np.rint(edges.amount * 100).sum() == sum(cents for *_, cents in rows)
    pairs = list(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    assert pairs == sorted({(a, b) for a, b, _ in rows})


@given(transfers)
def test_each_transaction_knows_how_many_its_pair_has(rows: list[Transfer]) -> None:
    pairs = [(a, b) for a, b, _ in rows]
    sender, receiver = codes([a for a, _ in pairs]), codes([b for _, b in pairs])
    assert pair_totals(sender, receiver).tolist() == [pairs.count(pair) for pair in pairs]


def test_no_transactions_make_no_edges() -> None:
    nothing = codes([])
    assert len(fold_edges(nothing, nothing, np.empty(0, np.int64)).source) == 0
    assert len(pair_totals(nothing, nothing)) == 0


def test_pagerank_of_a_circle_is_even() -> None:
    rank = rank_pages(codes([0, 1, 2]), codes([1, 2, 0]), np.ones(3), 3, 0.85)
    assert rank == pytest.approx([1 / 3] * 3)


def test_pagerank_of_two_accounts_by_hand() -> None:
    # A pays B, who pays nobody: a = 0.075 + 0.425 b, b = 1 - a, so a = 0.5 / 1.425.
    rank = rank_pages(codes([0]), codes([1]), np.ones(1), 2, 0.85)
    assert rank == pytest.approx([0.5 / 1.425, 1 - 0.5 / 1.425], abs=1e-6)


def test_money_draws_rank() -> None:
    rank = rank_pages(codes([0, 0]), codes([1, 2]), np.array([90.0, 10.0]), 3, 0.85)
    assert rank[1] > rank[2]


@settings(max_examples=50, deadline=None)
@given(transfers)
def test_pagerank_equals_networkx(rows: list[Transfer]) -> None:
    edges = edges_of(rows)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(ACCOUNTS))
    graph.add_weighted_edges_from(
        zip(edges.source.tolist(), edges.target.tolist(), edges.amount.tolist(), strict=True)
    )
    expected = nx.pagerank(graph, alpha=0.85, tol=1e-10, max_iter=1000)
    rank = rank_pages(edges.source, edges.target, edges.amount, ACCOUNTS, 0.85)
    assert rank.sum() == pytest.approx(1.0)
    # Steps end when the changes sum to 1e-6; what is left shrinks by 0.85 a step.
    assert rank == pytest.approx([expected[i] for i in range(ACCOUNTS)], abs=1e-5)


def test_an_account_that_receives_nothing_of_worth_still_has_edges() -> None:
    rank = rank_pages(codes([0]), codes([1]), np.zeros(1), 2, 0.85)
    assert rank == pytest.approx([0.5 / 1.425, 1 - 0.5 / 1.425], abs=1e-6)


def test_two_cliques_with_one_link_are_two_communities() -> None:
    cliques = [(first + i, first + j, 100) for first in (0, 4) for i in range(4) for j in range(i)]
    assert communities([*cliques, (0, 4, 1)], 8) == [0, 0, 0, 0, 1, 1, 1, 1]


def test_leaves_join_the_community_of_their_only_neighbour() -> None:
    star = [(leaf, 0, 10) for leaf in (1, 2, 3)]
    assert communities([*star, (4, 5, 10)], 6) == [0, 0, 0, 0, 1, 1]


def test_payments_to_and_fro_are_one_neighbour() -> None:
    triangle = [(1, 2, 500), (2, 3, 500), (3, 1, 500)]
    assert communities([(0, 1, 1), (1, 0, 1), *triangle], 4) == [0, 0, 0, 0]


def test_an_account_without_a_neighbour_is_alone() -> None:
    assert communities([(0, 0, 10), (1, 2, 10)], 4) == [0, 1, 1, 2]


def test_a_higher_resolution_gives_smaller_communities() -> None:
    chain = [(i, i + 1, 100) for i in range(11)]
    coarse = communities(chain, 12, GraphConfig(resolution=0.2))
    fine = communities(chain, 12, GraphConfig(resolution=3.0))
    assert max(fine) > max(coarse)


def test_communities_are_the_same_every_time() -> None:
    rng = np.random.default_rng(1)
    rows = [(int(a), int(b), 100) for a, b in rng.integers(0, 40, (120, 2))]
    assert communities(rows, 40) == communities(rows, 40)


@settings(max_examples=50, deadline=None)
@given(transfers)
def test_disconnected_accounts_never_share_a_community(rows: list[Transfer]) -> None:
    edges = edges_of(rows)
    component = find_components(edges.source, edges.target, ACCOUNTS)
    label = np.array(communities(rows, ACCOUNTS))
    for community in np.unique(label):
        assert len(np.unique(component[label == community])) == 1


@given(transfers)
def test_communities_are_numbered_by_their_first_account(rows: list[Transfer]) -> None:
    label = communities(rows, ACCOUNTS)
    firsts = [label.index(number) for number in range(max(label) + 1)]
    assert firsts == sorted(firsts)


def modularity(rows: list[Transfer], n: int, label: list[int]) -> float:
    graph = igraph.Graph(n=n, edges=[(a, b) for a, b, _ in rows])
    return float(graph.modularity(label, weights=[cents for *_, cents in rows]))


def louvain(rows: list[Transfer], n: int) -> list[int]:
    graph = igraph.Graph(n=n, edges=[(a, b) for a, b, _ in rows])
    igraph.set_random_number_generator(random.Random(7))
    return list(graph.community_multilevel(weights=[cents for *_, cents in rows]).membership)


@pytest.mark.parametrize("seed", range(8))
def test_folding_leaves_costs_no_modularity(seed: int) -> None:
    """Louvain is a heuristic: with and without leaves it may stop at slightly different tops."""
    rng = np.random.default_rng(seed)
    core = [(int(a), int(b), 100) for a, b in rng.integers(0, 12, (30, 2)) if a != b]
    leaves = [(int(rng.integers(0, 12)), leaf, 100) for leaf in range(12, 30)]
    rows = [*core, *leaves]
    whole = modularity(rows, 30, louvain(rows, 30))
    assert modularity(rows, 30, communities(rows, 30)) >= whole - 0.02


@given(transfers)
def test_components_equal_networkx(rows: list[Transfer]) -> None:
    edges = edges_of(rows)
    graph = nx.Graph([(a, b) for a, b, _ in rows])
    graph.add_nodes_from(range(ACCOUNTS))
    component = find_components(edges.source, edges.target, ACCOUNTS)
    expected = sorted(sorted(part) for part in nx.connected_components(graph))
    found = [np.flatnonzero(component == i).tolist() for i in range(int(component.max()) + 1)]
    assert found == expected


def test_the_table_of_accounts_by_hand() -> None:
    table = transactions(
        [(0, "A", "B", 10.10), (1, "A", "B", 0.20), (5, "B", "C", 3.0), (9, "D", "D", 1.0)]
    )
    accounts = accounts_of(table)
    micros = table["time"].to_numpy().astype(np.int64)
    risk = np.array([0.1, 0.9, 0.4, 0.2], np.float32)
    described = account_table(accounts, micros, minor_units(table), risk, CONFIG, CPU)
    assert described.column_names == [
        "account", "in_count", "out_count", "in_amount", "out_amount", "first_time", "last_time",
        "community", "component", "pagerank", "role", "risk",
    ]  # fmt: skip
    rows = {row["account"]: row for row in described.to_pylist()}
    at = {hour: datetime(2026, 1, 5, hour) for hour in (0, 1, 5, 9)}
    expected = {
        "A": (0, 2, 0.0, 10.30, at[0], at[1], "source", 0.9),
        "B": (2, 1, 10.30, 3.0, at[0], at[5], "intermediary", 0.9),
        "C": (1, 0, 3.0, 0.0, at[5], at[5], "sink", 0.4),
        "D": (1, 1, 1.0, 1.0, at[9], at[9], "intermediary", 0.2),
    }
    keys = ("in_count", "out_count", "in_amount", "out_amount", "first_time", "last_time", "role")
    assert {name: tuple(row[key] for key in keys) for name, row in rows.items()} == {
        name: values[:-1] for name, values in expected.items()
    }
    assert [rows[name]["risk"] for name in "ABCD"] == pytest.approx([0.9, 0.9, 0.4, 0.2])
    assert [rows[name]["community"] for name in "ABCD"] == [0, 0, 0, rows["D"]["community"]]
    assert rows["D"]["component"] != rows["A"]["component"]
    assert sum(row["pagerank"] for row in rows.values()) == pytest.approx(1.0)


def test_the_sums_of_an_account_are_exact_in_cents() -> None:
    table = transactions([(0, "A", "B", 1e13), (1, "A", "B", 0.01), (2, "A", "B", 0.02)])
    micros = table["time"].to_numpy().astype(np.int64)
    described = account_table(
        accounts_of(table), micros, minor_units(table), np.zeros(3, np.float32), CONFIG, CPU
    )
    assert described["out_amount"].to_pylist() == [10_000_000_000_000.03, 0.0]


def test_two_stars_with_one_link_are_two_communities() -> None:
    rows = [(leaf, 0, 100) for leaf in range(2, 12)]
    rows += [(leaf, 1, 100) for leaf in range(12, 22)]
    label = communities([*rows, (0, 1, 100)], 22)
    assert len({label[0], *label[2:12]}) == 1
    assert len({label[1], *label[12:22]}) == 1
    assert label[0] != label[1]
