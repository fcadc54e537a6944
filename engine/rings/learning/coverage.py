"""Candidates of the typology detectors as features of the transfers that they cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from engine.rings.candidates import Candidate, Float32
from engine.rings.learning.graph import TransferGraph

#: Typologies with columns of their own; others count in the totals only.
_TYPOLOGIES = (
    "fan_in", "fan_out", "gather_scatter", "scatter_gather", "cycle", "bipartite", "stack",
    "chain", "random", "structuring",
)  # fmt: skip


def proven(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates found by shape alone.

    Communities are cut from the scores of a model that has seen the labels of the past: as
    features they would look better in the past than they are in the future.
    """
    return [candidate for candidate in candidates if candidate.typology != "community"]


def coverage_columns(candidates: Sequence[Candidate], graph: TransferGraph, n_rows: int) -> Float32:
    """Return, for every edge, best surprise and its size by typology, and the number of candidates.

    Returns
    -------
    float32, shape (n_edges, 2 * 10 + 2)
        The last two columns are the number of candidates and the best surprise of any. -9 stands
        for no candidate.
    """
    edge = np.full(n_rows, -1, np.int64)
    edge[graph.rows] = np.arange(len(graph.rows))
    columns = np.zeros((len(graph.rows), 2 * len(_TYPOLOGIES) + 2), np.float32)
    columns[:, 0:-2:2], columns[:, -1] = -9.0, -9.0
    # From the least to the most surprising, the larger last: what stays is the best.
    for candidate in sorted(proven(candidates), key=lambda c: (c.surprise, len(c.rows))):
        at = edge[candidate.rows]
        at = at[at >= 0]
        if candidate.typology in _TYPOLOGIES:
            column = 2 * _TYPOLOGIES.index(candidate.typology)
            columns[at, column], columns[at, column + 1] = candidate.surprise, len(candidate.rows)
        columns[at, -2] += 1
        columns[at, -1] = candidate.surprise
    return columns


def coverage_matrix(
    candidates: Sequence[Candidate], graph: TransferGraph, n_rows: int
) -> csr_matrix:
    """Return at (edge, candidate) the surprise of a candidate that covers it, at least one."""
    edge = np.full(n_rows, -1, np.int64)
    edge[graph.rows] = np.arange(len(graph.rows))
    sizes = [len(candidate.rows) for candidate in candidates]
    rows = np.concatenate([c.rows for c in candidates]) if candidates else np.empty(0, np.int64)
    at, number = edge[rows], np.repeat(np.arange(len(candidates)), sizes)
    known = at >= 0
    shape = (len(graph.rows), len(candidates))
    surprise = np.maximum([c.surprise for c in candidates], 1.0)
    return csr_matrix((surprise[number[known]], (at[known], number[known])), shape=shape)
