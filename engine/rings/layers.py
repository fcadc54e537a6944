"""Bipartite and stack: several accounts that all pay the same several accounts; layers of these.

The seed is a square: two senders that both pay the same two receivers within the window. Squares
that share a transfer belong to one layer. Two layers make a stack when the receivers of the first
are the senders of the second, in order of time.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.config import RingConfig
from engine.rings.candidates import Int32, Int64
from engine.rings.links import Links
from engine.rings.motifs import Motif, by_account, members
from engine.rings.rare import RareGraph
from engine.rings.surprise import expected_count, set_surprise

#: A layer is filled faster than a whole ring.
_LAYER_WINDOW = 4 / 7
#: Two payers of an account that gets more than this many payers in that time by itself (63 %
#: chance of one at least) say nothing of each other.
_LEAST_PAIR = 0.2


def find_layers(graph: RareGraph, links: Links, config: RingConfig) -> list[Motif]:
    """Find bipartite layers and stacks of them; O(n log n + pairs of payers)."""
    if graph.size == 0:
        return []
    layers = [
        layer
        for layer in _layers(graph, config)
        if config.min_accounts <= len(members(graph, layer)) <= config.max_accounts
    ]
    found = [Motif("bipartite", layer, set_surprise(graph, layer)) for layer in layers]
    found += [
        Motif("stack", both, set_surprise(graph, both)) for both in _stacks(graph, layers, config)
    ]
    return [motif for motif in found if motif.surprise >= config.min_surprise]


def _layers(graph: RareGraph, config: RingConfig) -> list[Int64]:
    # A square needs senders and receivers that occur twice.
    able = np.flatnonzero(
        (graph.out.total[graph.sender] > 1) & (graph.into.total[graph.receiver] > 1)
    )
    order, start = by_account(graph.receiver[able], graph.n_accounts)
    window = int(graph.window * _LAYER_WINDOW)
    pairs = _pairs_of_payers(
        graph.sender, graph.seconds, graph.begin, graph.end, able[order], start,
        graph.into.total, graph.into.shape, graph.into.rate, window, config.max_hub_scan,
    )  # fmt: skip
    key = pairs[:, 0] * graph.n_accounts + pairs[:, 1]
    began = np.minimum(graph.seconds[pairs[:, 2]], graph.seconds[pairs[:, 3]])
    sort = np.lexsort((began, key))
    pairs, key, began = pairs[sort], key[sort], began[sort]
    again = np.flatnonzero(
        (key[1:] == key[:-1])
        & (began[1:] - began[:-1] <= window)
        & (graph.receiver[pairs[1:, 2]] != graph.receiver[pairs[:-1, 2]])
    )
    corner = pairs[again, 2]
    return _components(
        np.concatenate([corner, corner, corner]),
        np.concatenate([pairs[again, 3], pairs[again + 1, 2], pairs[again + 1, 3]]),
        graph.size,
    )


def _components(source: Int64, target: Int64, size: int) -> list[Int64]:
    if len(source) == 0:
        return []
    joined = coo_array((np.ones(len(source), np.int8), (source, target)), shape=(size, size))
    label = connected_components(joined, directed=False)[1]
    nodes = np.unique(np.concatenate([source, target]))
    nodes = nodes[np.argsort(label[nodes], kind="stable")]
    return [np.sort(x) for x in np.split(nodes, np.flatnonzero(np.diff(label[nodes])) + 1)]


def _stacks(graph: RareGraph, layers: list[Int64], config: RingConfig) -> list[Int64]:
    """Join layers where at least two accounts are paid in one and pay in a later one."""
    payers: dict[int, list[int]] = {}
    for index, layer in enumerate(layers):
        for account in np.unique(graph.sender[layer]).tolist():
            payers.setdefault(account, []).append(index)
    stacks = []
    for index, layer in enumerate(layers):
        shared: dict[int, int] = {}
        for account in np.unique(graph.receiver[layer]).tolist():
            for later in payers.get(account, ()):
                shared[later] = shared.get(later, 0) + 1
        for later, count in shared.items():
            if later == index or count < 2:
                continue
            wait = np.median(graph.seconds[layers[later]]) - np.median(graph.seconds[layer])
            both = np.union1d(layer, layers[later])
            if 0 <= wait <= graph.window and len(members(graph, both)) <= config.max_accounts:
                stacks.append(both)
    return stacks


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _pairs_of_payers(
    sender: Int32, seconds: Int64, begin: Int64, end: Int64, order: Int64, start: Int64,
    total: Int64, shape: float, rate: float, window: int, most: int,
) -> Int64:  # fmt: skip
    """Return smaller and larger payer and their transfers, for payers that come together."""
    room, count, n = 1024, 0, len(sender)
    pairs = np.empty((room, 4), np.int64)
    for account in range(len(start) - 1):
        for i in range(start[account], start[account + 1]):
            e = order[i]
            for j in range(i + 1, min(i + 1 + most, start[account + 1])):
                f = order[j]
                if seconds[f] - seconds[e] > window:
                    break
                share = (end[f] - begin[e]) / n
                expected = expected_count(total[account] - 1.0, share, shape, rate)
                if -np.log10(1.0 - np.exp(-expected)) < _LEAST_PAIR:
                    break
                if sender[e] == sender[f]:
                    continue
                if count == room:
                    room *= 2
                    wider = np.empty((room, 4), np.int64)
                    wider[:count] = pairs
                    pairs = wider
                if sender[e] > sender[f]:
                    e_first, f_first = f, e
                else:
                    e_first, f_first = e, f
                pairs[count, 0], pairs[count, 1] = sender[e_first], sender[f_first]
                pairs[count, 2], pairs[count, 3] = e_first, f_first
                count += 1
    return pairs[:count]
