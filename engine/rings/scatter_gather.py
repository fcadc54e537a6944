"""Scatter-gather: one account pays several, who all pay on to one other account."""

from __future__ import annotations

import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import Float64, Int64
from engine.rings.links import Links
from engine.rings.motifs import Motif
from engine.rings.rare import RareGraph
from engine.rings.surprise import expected_count, tail


def find_scatter_gather(graph: RareGraph, links: Links, config: RingConfig) -> list[Motif]:
    """Find pairs of a source and a collector joined by ``min_middles`` or more mules in the window.

    Every mule pays on after it was paid (a link). The surprise adds the links, the burst of the
    source, and that each further mule picks this very collector. O(links log links).
    """
    first, second, strength = links.first, links.second, links.strength
    ends_apart = graph.sender[first] != graph.receiver[second]
    first, second, strength = first[ends_apart], second[ends_apart], strength[ends_apart]
    key = graph.sender[first].astype(np.int64) * graph.n_accounts + graph.receiver[second]
    order = np.lexsort((first, key))
    key, first, second, strength = key[order], first[order], second[order], strength[order]
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    sizes = np.diff(begins, append=len(key))
    found = []
    for begin, size in zip(begins, sizes, strict=True):
        if size < config.min_middles:
            continue
        part = slice(begin, min(begin + size, begin + config.max_hub_scan))
        motif = _best_window(graph, first[part], second[part], strength[part], config)
        if motif is not None and motif.surprise >= config.min_surprise:
            found.append(motif)
    return found


def _best_window(
    graph: RareGraph, first: Int64, second: Int64, strength: Float64, config: RingConfig
) -> Motif | None:
    best: Motif | None = None
    for begin in graph.seconds[np.unique(first)]:
        inside = np.flatnonzero(
            (graph.seconds[first] >= begin) & (graph.seconds[second] <= begin + graph.window)
        )
        middle = graph.receiver[first[inside]]
        order = np.lexsort((-strength[inside], middle))
        strongest = inside[order][np.unique(middle[order], return_index=True)[1]]
        if len(strongest) < config.min_middles:
            continue
        found = _motif(graph, first[strongest], second[strongest], strength[strongest])
        if best is None or found.surprise > best.surprise:
            best = found
    return best


def _motif(graph: RareGraph, paid: Int64, passed: Int64, strength: Float64) -> Motif:
    mules = len(paid)
    source, collector = graph.sender[paid[0]], graph.receiver[passed[0]]
    share = float(graph.end[paid].max() - graph.begin[paid].min()) / graph.size
    outside = float(max(graph.out.total[source] - mules, 0))
    expected = expected_count(outside, share, graph.out.shape, graph.out.rate)
    burst = tail(mules - 1, expected, graph.out.shape + outside)
    picks = (graph.into.shape + max(graph.into.total[collector] - mules, 0)) / graph.size
    surprise = float(burst) + float(strength.sum()) - (mules - 1) * np.log10(min(picks, 1.0))
    edges = np.unique(np.concatenate([paid, passed])).astype(np.int64)
    return Motif(
        "scatter_gather", edges, float(surprise - np.log10(graph.size)), int(collector), expected
    )
