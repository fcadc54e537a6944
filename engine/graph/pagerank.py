"""PageRank of accounts by the money they receive.

Page, Brin, Motwani and Winograd, "The PageRank citation ranking", 1999. igraph's PRPACK solves it
directly; the solver is exact and repeats itself.
"""

from __future__ import annotations

import igraph
import numpy as np
import numpy.typing as npt


def rank_pages(
    source: npt.NDArray[np.int32],
    target: npt.NDArray[np.int32],
    amount: npt.NDArray[np.float64],
    n: int,
    damping: float,
) -> npt.NDArray[np.float64]:
    """Return the PageRank of each account, float64, shape (n,), summing to one.

    Edges are weighted by amount; an edge of amount zero counts as one minor unit.
    """
    graph = igraph.Graph(n=n, edges=np.stack([source, target], axis=1), directed=True)
    weights = np.maximum(amount, 0.01).tolist()  # igraph takes no array here
    return np.asarray(graph.pagerank(damping=damping, weights=weights))
