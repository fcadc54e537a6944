"""Where the accounts of a ring stand in its picture: a layout that suits the typology."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable

import igraph
import numpy as np
import pandas as pd

from engine.layered_layout import layered

_LEFT_TO_RIGHT = frozenset({"scatter_gather", "gather_scatter", "bipartite", "stack", "chain"})
_STARS = frozenset({"fan_in", "fan_out"})
_SPACING = 95.0
#: Width of a picture of layers over its height: frames are about as wide as high, or wider.
_WIDE = 1.1
_SEED = 7
#: igraph has one generator for the whole process, and frees it when another thread sets the next.
_RANDOM_NUMBERS = threading.Lock()


def graph_of(accounts: list[str], edges: pd.DataFrame) -> igraph.Graph:
    """Return the directed graph of ``sender, receiver`` pairs, vertices in the order given."""
    index = {account: position for position, account in enumerate(accounts)}
    pairs = zip(edges["sender"].map(str), edges["receiver"].map(str), strict=True)
    # A transfer to oneself has no say in where an account stands.
    between = [(index[a], index[b]) for a, b in pairs if a != b]
    return igraph.Graph(n=len(accounts), edges=between, directed=True)


def positions(graph: igraph.Graph, typology: str) -> list[tuple[float, float]]:
    """Return where each account of a graph stands, in pixels, by the layout of a typology."""
    n = graph.vcount()
    if n < 2:
        return [(0.0, 0.0)] * n
    points = _layout_for(typology)(graph)
    points -= points.mean(axis=0)
    # As much room an account in every layout: the mean distance to the middle grows with √n.
    radius = float(np.hypot(points[:, 0], points[:, 1]).mean()) or 1.0
    points *= _SPACING * math.sqrt(n) * 0.75 / radius
    return [(round(float(x), 1), round(float(y), 1)) for x, y in points]


def _layout_for(typology: str) -> Callable[[igraph.Graph], np.ndarray]:
    if typology == "cycle":
        return _circle
    if typology in _STARS:
        return _star
    if typology in _LEFT_TO_RIGHT:
        return _layers
    return _forces


def _circle(graph: igraph.Graph) -> np.ndarray:
    """Place the accounts round a circle in the order in which the money passes them."""
    order = dict.fromkeys(v for root in range(graph.vcount()) for v in graph.dfs(root)[0])
    return _points(graph.layout_circle(order=list(order)))


def _star(graph: igraph.Graph) -> np.ndarray:
    return _points(graph.layout_star(center=int(np.argmax(graph.degree()))))


def _layers(graph: igraph.Graph) -> np.ndarray:
    level, place = layered(graph)
    height = max(float(np.ptp(place)), 1.0)
    across = max(_WIDE * height / max(int(level.max()), 1), 1.0)
    return np.column_stack([level * across, place])


def _forces(graph: igraph.Graph) -> np.ndarray:
    """Spread by forces, from a circle and with the same random numbers: the picture repeats."""
    flat = graph.as_undirected(mode="collapse")
    start = flat.layout_circle()
    with _RANDOM_NUMBERS:
        igraph.set_random_number_generator(random.Random(_SEED))
        return _points(flat.layout_fruchterman_reingold(seed=start, niter=500, grid=False))


def _points(layout: igraph.Layout) -> np.ndarray:
    return np.asarray(layout.coords, dtype="float64")
