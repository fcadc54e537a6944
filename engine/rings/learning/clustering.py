"""Linked suspects -> proposals of rings: several ways to cut the same links.

Where rings do not overlap, connected components part them best; where they share accounts, the
constant Potts model does (Traag, Van Dooren and Nesterov, "Narrow scope for resolution-limit-free
community detection", 2011; Leiden by Traag, Waltman and van Eck, 2019). Which way is right differs
from ring to ring, so all are proposed and a ranker chooses.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import igraph
import numpy as np
import numpy.typing as npt

from engine.rings.candidates import Int64
from engine.rings.learning.pairs import Pairs

#: Resolutions of the Potts model: least mean chance inside of a cluster.
_RESOLUTIONS = (0.02, 0.05, 0.1, 0.2)
#: Least chances of the links whose connected components are proposed.
_CUTS = (0.4, 0.6, 0.8)
#: Below this a link only keeps clusters connected.
_LEAST = 1e-4
_ROUNDS = 10


class Proposals(NamedTuple):
    """Distinct sets of suspects.

    Attributes
    ----------
    members, starts
        Positions of the suspects, ascending within a proposal; proposal ``i`` owns
        ``members[starts[i]:starts[i + 1]]``.
    labels
        int64, shape (n_ways, n_suspects): the cluster of each suspect by each way to cut.
    """

    members: Int64
    starts: Int64
    labels: Int64

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, number: int) -> Int64:
        """Return the members of one proposal."""
        return self.members[self.starts[number] : self.starts[number + 1]]


def propose(
    pairs: Pairs, n: int, further: Sequence[Int64], accounts: Int64, seed: int
) -> Proposals:
    """Cut the links in every way.

    Parameters
    ----------
    n
        Number of suspects.
    further
        More proposals: the suspects that a detector's match covers, ascending.
    accounts
        int64, shape (n, 2): both ends of each suspect. A ring has at least three accounts.
    """
    first, second, chance = pairs
    ways = [potts(first, second, chance, n, resolution, seed) for resolution in _RESOLUTIONS]
    ways += [_components(pairs, n, cut) for cut in _CUTS]
    found: dict[bytes, Int64] = {}
    for label in ways:
        order = np.argsort(label, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
            found.setdefault(part.tobytes(), part)
    for part in further:
        found.setdefault(part.tobytes(), part)
    kept = [
        part for part in found.values() if len(part) > 1 and len(np.unique(accounts[part])) >= 3
    ]
    starts = np.zeros(len(kept) + 1, np.int64)
    np.cumsum([len(part) for part in kept], out=starts[1:])
    members = np.concatenate(kept) if kept else np.empty(0, np.int64)
    return Proposals(members, starts, np.array(ways))


def potts(
    first: Int64, second: Int64, weight: npt.NDArray[Any], n: int, resolution: float, seed: int
) -> Int64:
    """Return the cluster of each of ``n`` items by the constant Potts model.

    Parameters
    ----------
    first, second, weight
        Links between items.
    resolution
        Least mean weight over all pairs inside of a cluster.
    """
    graph = igraph.Graph(n=n, edges=np.stack([first, second], axis=1))
    igraph.set_random_number_generator(random.Random(seed))
    clusters = graph.community_leiden(
        objective_function="CPM", weights=np.maximum(weight, _LEAST).tolist(),
        resolution=resolution, n_iterations=_ROUNDS,
    )  # fmt: skip
    return np.array(clusters.membership, np.int64)


def _components(pairs: Pairs, n: int, cut: float) -> Int64:
    strong = pairs.chance >= cut
    graph = igraph.Graph(n=n, edges=np.stack([pairs.first, pairs.second], axis=1)[strong])
    return np.array(graph.connected_components().membership, np.int64)
