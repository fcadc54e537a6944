"""Layers follow the money, cycles are turned open, and lines cross as little as they need."""

from __future__ import annotations

import igraph
from hypothesis import given
from hypothesis import strategies as st

from engine.layered_layout import layered

Edges = list[tuple[int, int]]


def lay(n: int, edges: Edges) -> tuple[list[int], list[float]]:
    level, place = layered(igraph.Graph(n=n, edges=edges, directed=True))
    return level.tolist(), place.tolist()


def test_a_chain_is_a_line() -> None:
    assert lay(4, [(0, 1), (1, 2), (2, 3)]) == ([0, 1, 2, 3], [0.0, 0.0, 0.0, 0.0])


def test_scatter_gather_has_its_middle_layer_spread_evenly() -> None:
    level, place = lay(5, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)])
    assert level == [0, 1, 1, 1, 2]
    assert sorted(place[1:4]) == [-1.0, 0.0, 1.0]
    assert place[0] == place[4] == 0.0


def test_a_late_source_stands_next_to_the_account_it_pays() -> None:
    level, _ = lay(5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    assert level == [0, 1, 2, 3, 2]


def test_lines_that_need_not_cross_do_not() -> None:
    level, place = lay(6, [(0, 5), (1, 4), (2, 3)])
    assert level == [0, 0, 0, 1, 1, 1]
    assert [place[5], place[4], place[3]] == [place[0], place[1], place[2]]


def test_a_cycle_is_turned_open_at_one_edge() -> None:
    level, _ = lay(4, [(0, 1), (1, 2), (2, 3), (3, 0)])
    assert sorted(level) == [0, 1, 2, 3]


def test_accounts_without_edges_stand_in_one_layer() -> None:
    assert lay(0, []) == ([], [])
    assert lay(2, []) == ([0, 0], [-0.5, 0.5])


graphs = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] != e[1]),
            max_size=30, unique=True,
        ) if n > 1 else st.just([]),
    )
)  # fmt: skip


@given(graphs)
def test_every_vertex_has_a_place_of_its_own(graph: tuple[int, Edges]) -> None:
    level, place = lay(*graph)
    assert len(set(zip(level, place, strict=True))) == graph[0]
    assert min(level) == 0


@given(graphs)
def test_edges_of_a_graph_without_cycles_lead_to_a_higher_layer(graph: tuple[int, Edges]) -> None:
    n, edges = graph[0], [(min(e), max(e)) for e in graph[1]]
    level, _ = lay(n, edges)
    assert all(level[a] < level[b] for a, b in edges)
