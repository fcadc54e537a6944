"""Communities of the risky subgraph: accounts tied together by the riskiest transactions.

The original design takes communities with more than three transactions and a mean risk above 0.5
as rings. Here the graph holds the riskiest transactions only; communities of the whole graph match
no true ring.
"""

from __future__ import annotations

import numpy as np

from engine.config import GraphConfig, RingConfig
from engine.graph.build import fold_edges
from engine.graph.communities import find_communities
from engine.rings.candidates import Candidate, Transfers, members

_WITHOUT_MODEL = 0.45


def find_clusters(transfers: Transfers, config: RingConfig, graph: GraphConfig) -> list[Candidate]:
    """Find communities of the riskiest ``risky_share`` of the transactions.

    Returns
    -------
    list of Candidate
        With ``min_accounts`` to ``max_accounts`` accounts and a mean risk above one half, scored
        by mean risk, less for few transactions: ``mean risk * (1 - 1 / transactions)``. Where no
        model gives risk the meaning of a probability the score is lowered below every alert
        threshold in use: such a community is context, not a verdict.
    """
    risky = riskiest(transfers, config.risky_share)
    if len(risky) == 0:
        return []
    nodes = members(transfers, risky)
    source = np.searchsorted(nodes, transfers.sender[risky]).astype(np.int32)
    target = np.searchsorted(nodes, transfers.receiver[risky]).astype(np.int32)
    edges = fold_edges(source, target, transfers.minor_units[risky])
    weight = edges.count.astype(np.float64)
    label = find_communities(edges.source, edges.target, weight, len(nodes), graph)
    inside = label[source] == label[target]
    rows, group = risky[inside], label[source][inside]
    order = np.argsort(group, kind="stable")
    parts = np.split(rows[order], np.flatnonzero(np.diff(group[order])) + 1)
    return [found for part in parts if (found := _candidate(transfers, part, config)) is not None]


def riskiest(transfers: Transfers, share: float) -> np.ndarray:
    """Return the rows of the riskiest share of the transactions, ascending; ties are kept."""
    n = len(transfers.risk)
    if n == 0:
        return np.empty(0, np.int64)
    take = max(1, int(n * share))
    limit = np.partition(transfers.risk, n - take)[n - take]
    return np.flatnonzero((transfers.risk >= limit) & (transfers.sender != transfers.receiver))


def _candidate(transfers: Transfers, rows: np.ndarray, config: RingConfig) -> Candidate | None:
    if len(rows) < config.min_accounts - 1:
        return None
    size = len(members(transfers, rows))
    risk = float(transfers.risk[rows].mean())
    if not config.min_accounts <= size <= config.max_accounts or risk <= 0.5:
        return None
    trust = 1.0 if transfers.has_model else _WITHOUT_MODEL
    return Candidate("community", rows, -1, 0.0, 0.0, trust * risk * (1 - 1 / len(rows)))
