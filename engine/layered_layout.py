"""Accounts in layers from left to right, in the direction of the money, with few crossings.

Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
1981: turn cycles open, give each account a layer by the longest way to it, and order every layer
by the mean place of its neighbours. igraph's own version (1.0.0) reads memory it did not write and
crashes the process now and then, so it cannot be used.
"""

from __future__ import annotations

import igraph
import numpy as np
import numpy.typing as npt

_SWEEPS = 8

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


def layered(graph: igraph.Graph) -> tuple[Int64, Float64]:
    """Lay a directed graph out in layers.

    Parameters
    ----------
    graph
        Without loops.

    Returns
    -------
    level
        int64, shape (n,): layer of each vertex, from 0. An edge that closes no cycle leads to a
        higher one.
    place
        float64, shape (n,): place in the layer, one apart, around 0.
    """
    forward = graph.copy()
    forward.delete_edges(list(graph.feedback_arc_set(method="eades")))
    level = _levels(forward)
    return level, places(forward, level)


def _levels(forward: igraph.Graph) -> Int64:
    level = np.zeros(forward.vcount(), np.int64)
    order = forward.topological_sorting()
    for vertex in order:
        for above in forward.predecessors(vertex):
            level[vertex] = max(level[vertex], level[above] + 1)
    for vertex in order:
        # A source stands next to the first account it pays, not at the far left.
        paid = forward.successors(vertex)
        if paid and not forward.predecessors(vertex):
            level[vertex] = min(level[account] for account in paid) - 1
    return level


def places(forward: igraph.Graph, level: Int64) -> Float64:
    """Return the place of each vertex in its layer, one apart, around 0, with few crossings."""
    place = np.zeros(forward.vcount())
    layers = [np.flatnonzero(level == number) for number in range(int(level.max(initial=0)) + 1)]
    for members in layers:
        place[members] = _spread(len(members))
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        mode = "in" if downwards else "out"
        for members in layers if downwards else layers[::-1]:
            wished = [_mean_place(place, forward.neighbors(v, mode), place[v]) for v in members]
            ordered = members[np.argsort(wished, kind="stable")]
            place[ordered] = _spread(len(members))
    return place


def _mean_place(place: Float64, neighbours: list[int], own: float) -> float:
    return float(place[neighbours].mean()) if neighbours else float(own)


def _spread(count: int) -> Float64:
    return np.asarray(np.arange(count) - (count - 1) / 2, np.float64)
