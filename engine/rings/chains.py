"""Chains: the same money passed on hop by hop (pass-through mules, layering walks).

The best path that ends in each transfer, by dynamic programming over the links, as in local
sequence alignment (Smith and Waterman, 1981): strong links add up, chance links do not pay for
the number of places a path could begin.
"""

from __future__ import annotations

import numba
import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import Float32, Int32, Int64
from engine.rings.links import Links
from engine.rings.motifs import Motif, members
from engine.rings.rare import RareGraph


def find_chains(graph: RareGraph, links: Links, config: RingConfig) -> list[Motif]:
    """Find paths of 3 to ``max_cycle`` transfers whose every link is at least ``min_chain_link``.

    A path that ends where it began is a cycle. Paths that share half of their transfers with a
    more surprising one are left out.
    O(links * max_cycle).
    """
    strong = np.flatnonzero(links.strength >= config.min_chain_link)
    if len(strong) == 0:
        return []
    best, previous = _best_paths(
        graph.size, links.first[strong], links.second[strong], links.strength[strong],
        config.max_cycle - 1,
    )  # fmt: skip
    longer = best[2:]
    top = longer.max(axis=0)
    hops = longer.argmax(axis=0) + 2
    surprise = top - np.log10(graph.size)
    taken = np.zeros(graph.size, bool)
    found = []
    ends = np.flatnonzero((top >= 0) & (surprise >= config.min_surprise))
    for end in ends[np.argsort(-surprise[ends], kind="stable")]:
        path = np.unique(_walk_back(previous, int(end), int(hops[end])))
        if taken[path].mean() > 0.5:
            continue
        taken[path] = True
        if len(path) >= config.min_accounts <= len(members(graph, path)):
            typology = "cycle" if _comes_back(graph, path) else "chain"
            found.append(Motif(typology, path, float(surprise[end])))
    return found


def _comes_back(graph: RareGraph, path: Int64) -> bool:
    """Tell whether the money ends where it began, having passed each account once."""
    home = graph.sender[path[0]] == graph.receiver[path[-1]]
    return bool(home) and len(members(graph, path)) == len(path)


def _walk_back(previous: Int32, end: int, hops: int) -> Int64:
    path = [end]
    for step in range(hops, 0, -1):
        path.append(int(previous[step, path[-1]]))
    return np.array(path, np.int64)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best_paths(
    n: int, first: Int32, second: Int32, strength: Float32, most: int
) -> tuple[Float32, Int32]:
    """Return, by number of links and last transfer, the best sum and the transfer before."""
    best = np.full((most + 1, n), -1.0, np.float32)
    previous = np.full((most + 1, n), -1, np.int32)
    best[0] = 0.0
    for step in range(1, most + 1):
        for k in range(len(first)):
            before = best[step - 1, first[k]]
            if before >= 0 and before + strength[k] > best[step, second[k]]:
                best[step, second[k]] = before + strength[k]
                previous[step, second[k]] = first[k]
    return best, previous
