"""Louvain and Leiden communities of the whole account graph.

Blondel et al., "Fast unfolding of communities in large networks", 2008; Traag, Waltman and van Eck,
"From Louvain to Leiden", 2019; both maximise modularity. The graph holds every judged transaction,
weighted by amount: with labels that is the test period alone, because a community of the whole year
starts with its first day.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import igraph
import numpy as np

from engine.evaluation.peers.components import RISKY_SHARE
from engine.evaluation.peers.data import Int64, PeerInput, PeerResult
from engine.evaluation.peers.grouping import sized, split_by
from engine.features.build import minor_units
from engine.graph.build import fold_edges
from engine.scoring.anomaly import anomaly_scores, percentile
from engine.scoring.blend import base_risk
from engine.scoring.model import train_model
from engine.scoring.rules import apply_rules

Cluster = Callable[[igraph.Graph, list[float], float], Any]

_SEED = 7
#: The original design reports communities with more transactions and a higher mean risk.
_LEAST_TRANSACTIONS, _LEAST_RISK = 3, 0.5
#: At resolution 1 communities hold hundreds of accounts; at this one most are of a ring's size.
_FINE = 500.0


def louvain(given: PeerInput) -> dict[str, PeerResult]:
    """Find Louvain communities of all transactions, and of the risky ones."""

    def cluster(graph: igraph.Graph, weight: list[float], resolution: float) -> Any:
        return graph.community_multilevel(weights=weight, resolution=resolution)

    return _communities(given, "Louvain", cluster)


def leiden(given: PeerInput) -> dict[str, PeerResult]:
    """Find Leiden communities of all transactions, and of the risky ones."""

    def cluster(graph: igraph.Graph, weight: list[float], resolution: float) -> Any:
        return graph.community_leiden(
            objective_function="modularity", weights=weight, resolution=resolution, n_iterations=-1
        )

    return _communities(given, "Leiden", cluster)


def _communities(given: PeerInput, name: str, cluster: Cluster) -> dict[str, PeerResult]:
    sender, receiver = given.accounts.sender, given.accounts.receiver
    judged = np.arange(given.first, given.transactions.num_rows)
    risk = _risk(given)
    whole = community_rows(given, judged, cluster, 1.0)
    fine = community_rows(given, judged, cluster, _FINE)
    risky = np.sort(judged[np.argsort(-risk[judged], kind="stable")[: _risky(len(judged))]])
    found = {
        f"{name} of the whole graph, mean risk above 0.5": [
            rows
            for rows in whole
            if len(rows) > _LEAST_TRANSACTIONS and risk[rows].mean() > _LEAST_RISK
        ],
        f"{name} of the whole graph, 3 to 60 accounts": sized(sender, receiver, whole),
        f"{name} at resolution {_FINE:.0f}, 3 to 60 accounts": sized(sender, receiver, fine),
        f"{name} of the riskiest {RISKY_SHARE:.1%}": sized(
            sender, receiver, community_rows(given, risky, cluster, 1.0)
        ),
    }
    return {name: PeerResult(_by_risk(groups, risk)) for name, groups in found.items()}


def community_rows(
    given: PeerInput, rows: Int64, cluster: Cluster, resolution: float
) -> list[Int64]:
    """Return the transactions inside each community of the graph of some transactions."""
    nodes, ends = np.unique(
        np.stack([given.accounts.sender[rows], given.accounts.receiver[rows]]), return_inverse=True
    )
    sender, receiver = ends.reshape(2, -1).astype(np.int32)
    edges = fold_edges(sender, receiver, minor_units(given.transactions)[rows])
    keep = edges.source != edges.target
    graph = igraph.Graph(n=len(nodes), edges=np.stack([edges.source[keep], edges.target[keep]], 1))
    igraph.set_random_number_generator(random.Random(_SEED))
    weight = np.maximum(edges.amount[keep], 0.01).tolist()
    label = np.asarray(cluster(graph, weight, resolution).membership)
    inside = label[sender] == label[receiver]
    return split_by(label[sender[inside]], rows[inside])


def _risky(rows: int) -> int:
    return max(1, int(rows * RISKY_SHARE))


def _by_risk(groups: list[Int64], risk: np.ndarray) -> list[Int64]:
    return sorted(groups, key=lambda rows: -float(risk[rows].mean()))


def _risk(given: PeerInput) -> np.ndarray:
    """Return the risk of each transaction: the blend of scores, before any ring evidence."""
    features, split, config = given.features, given.split, given.config
    rules = apply_rules(features, split.train, config.rules).score
    anomaly = percentile(anomaly_scores(features, split.train, config.anomaly))
    probability = None
    if given.label is not None:
        model = train_model(features, given.label, split, config.model, {})
        probability = None if model is None else model.probability(features)
    return base_risk(rules, anomaly, probability, config.risk)
