"""Typology detectors: planted examples are found, their innocent or chance neighbours are not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.config import RingConfig
from engine.rings.chains import find_chains
from engine.rings.cycles import find_cycles
from engine.rings.fans import find_fans, find_gather_scatter
from engine.rings.layers import find_layers
from engine.rings.links import Links, find_links
from engine.rings.motifs import Motif
from engine.rings.rare import RareGraph, rare_graph
from engine.rings.scatter_gather import find_scatter_gather
from engine.rings.search import DETECTORS, Detector
from engine.rings.surprise import expected_count
from tests.engine.rows import Row, transactions, transfers_of
from tests.engine.test_fans import background

DAY = 24.0
START = 100 * DAY
#: Only what chance makes in fewer than one in a hundred such inputs.
STRICT = RingConfig(min_surprise=2.0)
#: Every match, however ordinary.
ALL = RingConfig(min_surprise=-1e9, min_link=-1.0, cycle_budget=10**9, max_hub_scan=10**6)

Names = frozenset[str]


def path(*names: str, amount: float = 777.0, gap: float = 6.0, start: float = START) -> list[Row]:
    """Return transfers of one amount from each name to the next, some hours apart."""
    return [(start + i * gap, a, b, amount) for i, (a, b) in enumerate(pairwise(names))]


CYCLE = path("A", "B", "C", "D", "A")
CHAIN = path("A", "B", "C", "D", "E")
SCATTER_GATHER = [row for i in range(4) for row in path("S", f"M{i}", "T", start=START + i)]
GATHER_SCATTER = [
    *((START + i, f"P{i}", "H", 500.0) for i in range(6)),
    *((START + 24 + i, "H", f"Q{i}", 490.0) for i in range(6)),
]
BIPARTITE = [(START + 3 * i + j, f"S{i}", f"T{j}", 100.0 + i + 7 * j) for i in range(3)
             for j in range(3)]  # fmt: skip
SECOND_LAYER = [(START + 24 + 3 * i + j, f"T{i}", f"U{j}", 99.0 + i + 7 * j) for i in range(3)
                for j in range(3)]  # fmt: skip


def search(rows: list[Row], config: RingConfig) -> tuple[RareGraph, Links, list[str]]:
    transfers, accounts = transfers_of(transactions(sorted(rows, key=lambda row: row[0])))
    graph = rare_graph(transfers, config)
    return graph, find_links(graph, config), accounts.names.to_pylist()


def named(graph: RareGraph, names: list[str], motif: Motif) -> Names:
    codes = {*graph.sender[motif.edges].tolist(), *graph.receiver[motif.edges].tolist()}
    return frozenset(names[code] for code in codes)


def found(detect: Detector, rows: list[Row], config: RingConfig = STRICT) -> set[tuple[str, Names]]:
    graph, links, names = search(rows, config)
    return {(m.typology, named(graph, names, m)) for m in detect(graph, links, config)}


def names_in(rows: list[Row]) -> Names:
    return frozenset(name for _, sender, receiver, _ in rows for name in (sender, receiver))


@pytest.mark.parametrize(
    ("typology", "detect", "scheme"),
    [
        ("cycle", find_cycles, CYCLE),
        ("chain", find_chains, CHAIN),
        ("scatter_gather", find_scatter_gather, SCATTER_GATHER),
        ("gather_scatter", find_gather_scatter, GATHER_SCATTER),
        ("bipartite", find_layers, BIPARTITE),
        ("stack", find_layers, BIPARTITE + SECOND_LAYER),
    ],
)
def test_a_planted_scheme_is_found_whole(
    typology: str, detect: Detector, scheme: list[Row]
) -> None:
    assert (typology, names_in(scheme)) in found(detect, background() + scheme)


@pytest.mark.parametrize("name", list(DETECTORS))
def test_ordinary_payments_hold_no_scheme(name: str) -> None:
    assert found(DETECTORS[name], background()) == set()


@pytest.mark.parametrize(
    ("detect", "scheme"),
    [(find_cycles, CYCLE), (find_chains, CHAIN), (find_scatter_gather, SCATTER_GATHER)],
)
def test_money_that_left_before_it_came_is_no_scheme(detect: Detector, scheme: list[Row]) -> None:
    """The same transfers in the opposite order of time."""
    backwards = [(2 * START + 48 - hour, s, r, amount) for hour, s, r, amount in scheme]
    assert found(detect, background() + backwards) == set()


@pytest.mark.parametrize("name", list(DETECTORS))
def test_pairs_that_keep_paying_hold_no_scheme(name: str) -> None:
    """Rent, salaries and supply: every transfer of the schemes, month after month."""
    schemes = [*CYCLE, *SCATTER_GATHER, *GATHER_SCATTER, *BIPARTITE, *SECOND_LAYER]
    monthly = [
        (hour + 30 * DAY * month, s, r, a) for month in range(-2, 3) for hour, s, r, a in schemes
    ]
    assert found(DETECTORS[name], background() + monthly) == set()


def test_going_back_and_forth_between_two_accounts_is_no_cycle() -> None:
    assert found(find_cycles, path("A", "B", "A"), ALL) == set()


def test_a_chain_that_comes_back_is_a_cycle() -> None:
    around = background() + path("A", "B", "C", "D", "A")
    assert ("cycle", frozenset("ABCD")) in found(find_chains, around)
    twice = background() + path("A", "B", "C", "A", "D", "A")
    assert "cycle" not in {typology for typology, _ in found(find_chains, twice)}


def test_money_slower_than_the_window_is_no_cycle() -> None:
    slow = path("A", "B", "C", "D", "A", gap=2 * DAY)
    assert found(find_cycles, background() + slow) == set()


def test_a_gather_after_the_scatter_is_none() -> None:
    turned = [(hour - 48 if s == "H" else hour, s, r, a) for hour, s, r, a in GATHER_SCATTER]
    assert found(find_gather_scatter, background() + turned) == set()


def test_two_mules_are_no_scatter_gather() -> None:
    assert found(find_scatter_gather, background() + SCATTER_GATHER[:4]) == set()


def test_suppliers_with_one_common_customer_are_no_layer() -> None:
    rows = [(START + i, f"S{i}", "T0", 100.0 + i) for i in range(3)]
    rows += [(START + i, f"S{i}", f"T{i + 1}", 100.0 + i) for i in range(3)]
    assert found(find_layers, background() + rows, ALL) & {("bipartite", names_in(rows))} == set()


#: Few accounts, few moments, distinct amounts: ties in time, none in time and amount.
graphs = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF")),
    min_size=1, max_size=14,
).map(lambda edges: [(24.0 * day + 1, a, b, 10.0 + i) for i, (day, a, b) in enumerate(edges)
                     if a != b])  # fmt: skip


def link_pairs(graph: RareGraph) -> set[tuple[int, int]]:
    """Return every pair of transfers that money could take, by looking at all pairs."""
    return {
        (e, f)
        for e in range(graph.size)
        for f in range(graph.size)
        if graph.receiver[e] == graph.sender[f]
        and graph.receiver[f] != graph.sender[e]
        and 0 <= graph.seconds[f] - graph.seconds[e] <= graph.window
    }


@given(graphs)
@settings(max_examples=60, deadline=None)
def test_links_are_all_the_pairs_that_money_could_take(rows: list[Row]) -> None:
    graph, links, _ = search(rows, ALL)
    assert set(zip(links.first.tolist(), links.second.tolist(), strict=True)) == link_pairs(graph)


@given(graphs)
@settings(max_examples=60, deadline=None)
def test_cycles_are_those_that_looking_everywhere_finds(rows: list[Row]) -> None:
    graph, links, _ = search(rows, ALL)
    onward = defaultdict(list)
    for e, f in link_pairs(graph):
        onward[e].append(f)

    def walks(walk: list[int]) -> set[tuple[int, ...]]:
        home, closed = graph.sender[walk[0]], set()
        for f in onward[walk[-1]]:
            inside = graph.seconds[f] <= graph.seconds[walk[0]] + graph.window
            if not inside or len(walk) >= ALL.max_cycle:
                continue
            if graph.receiver[f] == home:
                closed |= {tuple(sorted([*walk, f]))} if len(walk) >= 2 else set()
            elif graph.receiver[f] not in {graph.receiver[e] for e in walk}:
                closed |= walks([*walk, f])
        return closed

    expected = set().union(*(walks([e]) for e in range(graph.size)))
    motifs = find_cycles(graph, links, replace(ALL, min_link=-1e9))
    assert {tuple(m.edges.tolist()) for m in motifs} == expected


@given(graphs)
@settings(max_examples=60, deadline=None)
def test_sources_and_collectors_are_those_that_counting_mules_finds(rows: list[Row]) -> None:
    graph, links, _ = search(rows, ALL)
    mules = defaultdict(set)
    for e, f in link_pairs(graph):
        if graph.sender[e] != graph.receiver[f]:
            mules[graph.sender[e], graph.receiver[f]].add(graph.receiver[e])
    expected = {pair for pair, middles in mules.items() if len(middles) >= ALL.min_middles}
    motifs = find_scatter_gather(graph, links, ALL)
    assert len(motifs) == len(expected)
    assert {m.hub for m in motifs} == {collector for _, collector in expected}


#: Longer than the window, so that bursts and layers are cut, and no pair meets twice.
long_graphs = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF")),
    min_size=1, max_size=24, unique_by=lambda edge: edge[1:],
).map(lambda edges: [(24.0 * day + 1, a, b, 10.0 + i) for i, (day, a, b) in enumerate(edges)
                     if a != b])  # fmt: skip


@given(long_graphs)
@settings(max_examples=60, deadline=None)
def test_fans_are_those_that_walking_along_each_account_finds(rows: list[Row]) -> None:
    graph, links, _ = search(rows, ALL)
    expected = set()
    for typology, hub, other in (("fan_in", graph.receiver, graph.sender),
                                 ("fan_out", graph.sender, graph.receiver)):  # fmt: skip
        for account in set(hub.tolist()):
            burst: list[int] = []
            for edge in [*np.flatnonzero(hub == account).tolist(), -1]:
                if burst and (
                    edge < 0
                    or graph.seconds[edge] - graph.seconds[burst[-1]] > graph.window * 2 / 7
                    or graph.seconds[edge] - graph.seconds[burst[0]] > graph.window
                ):
                    if len(set(other[burst].tolist())) >= ALL.min_counterparties:
                        expected.add((typology, tuple(burst)))
                    burst = []
                burst.append(edge)
    motifs = find_fans(graph, links, ALL)
    assert {(m.typology, tuple(m.edges.tolist())) for m in motifs} == expected


@given(graphs)
@settings(max_examples=60, deadline=None)
def test_the_best_chain_is_the_one_that_trying_all_paths_finds(rows: list[Row]) -> None:
    graph, links, _ = search(rows, ALL)
    onward = defaultdict(list)
    for e, f, strength in zip(links.first, links.second, links.strength.astype(float), strict=True):
        if strength >= 0.2:
            onward[int(e)].append((int(f), strength))

    def best(edge: int, hops: int, total: float) -> float:
        ends = [best(f, hops + 1, total + s) for f, s in onward[edge] if hops < ALL.max_cycle - 1]
        return max([*ends, total if hops >= 2 else -np.inf])

    expected = max((best(edge, 0, 0.0) for edge in range(graph.size)), default=-np.inf)
    motifs = find_chains(graph, links, replace(ALL, min_chain_link=0.2))
    if np.isinf(expected):
        assert motifs == []
    else:
        top = max(motif.surprise for motif in motifs)
        assert top == pytest.approx(expected - np.log10(graph.size), abs=1e-5)


@given(long_graphs)
@settings(max_examples=60, deadline=None)
def test_layers_are_the_squares_that_trying_all_senders_finds(rows: list[Row]) -> None:
    graph, links, _ = search(rows, ALL)
    window = int(graph.window * 4 / 7)
    edge_of = {(int(graph.sender[e]), int(graph.receiver[e])): e for e in range(graph.size)}

    def meet(a: int, b: int, receiver: int) -> tuple[int, int] | None:
        """Return the payments of two senders to a receiver, where they say something."""
        e, f = sorted((edge_of.get((a, receiver), -1), edge_of.get((b, receiver), -1)))
        if e < 0 or graph.seconds[f] - graph.seconds[e] > window:
            return None
        share = (graph.end[f] - graph.begin[e]) / graph.size
        rates = graph.into
        usual = expected_count(rates.total[receiver] - 1.0, share, rates.shape, rates.rate)
        return None if -np.log10(1 - np.exp(-usual)) < 0.2 else (e, f)

    joined = coo_array((graph.size, graph.size), dtype=np.int8).todok()
    accounts = range(graph.n_accounts)
    for a, b in combinations(accounts, 2):
        for x, y in combinations(accounts, 2):
            one, other = meet(a, b, x), meet(a, b, y)
            if one and other and abs(graph.seconds[one[0]] - graph.seconds[other[0]]) <= window:
                for edge in (one[1], *other):
                    joined[one[0], edge] = 1
    label = connected_components(joined, directed=False)[1]
    groups = [tuple(np.flatnonzero(label == k).tolist()) for k in set(label.tolist())]
    expected = {group for group in groups if len(group) > 1}
    motifs = find_layers(graph, links, ALL)
    assert {tuple(m.edges.tolist()) for m in motifs if m.typology == "bipartite"} == expected


@given(graphs)
@settings(max_examples=40, deadline=None)
def test_neither_names_nor_the_order_of_equal_times_matter(rows: list[Row]) -> None:
    if not rows:
        return
    order = np.random.default_rng(0).permutation(len(rows))
    new = {name: f"{chr(91 - ord(name) + 64)}{name}" for name in "ABCDEF"}
    renamed = [(h, new[s], new[r], a) for h, s, r, a in (rows[i] for i in order)]
    for detect in DETECTORS.values():
        expected = {
            (typology, frozenset(new[name] for name in ring))
            for typology, ring in found(detect, rows, replace(ALL, min_surprise=-3.0))
        }
        assert found(detect, renamed, replace(ALL, min_surprise=-3.0)) == expected
