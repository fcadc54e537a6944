"""How unlikely a set of transfers is at its accounts' own rates.

The number behind every score is ``-log10`` of the number of such sets one would expect by chance,
as in the E-values of sequence search (Karlin and Altschul, PNAS 1990): the places it could begin,
times the chance of each further transfer. Accounts have rates of their own, spread over the input
like a gamma distribution; what an account did outside of the set sharpens its rate, so counts
follow a negative binomial distribution (empirical Bayes: Robbins 1956; Gelman et al., "Bayesian
data analysis", 2013, section 2.6).
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
from scipy.stats import nbinom

from engine.rings.candidates import Float64, Int64

if TYPE_CHECKING:
    from engine.rings.rare import RareGraph

#: Beyond this the tail underflows; more says nothing more.
MAX_SURPRISE = 300.0
#: The busiest accounts are left out when the spread of rates is fitted: they are merchants.
_USUAL = 0.995
#: Variance over the mean below which rates are taken as equal.
_LEAST_EXCESS = 1e-3
#: Odds of a single transfer are not trusted below this.
_LEAST_CHANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Rates:
    """Transfers of each account on one side, and the gamma distribution of their rates.

    ``shape / rate`` is the mean number of transfers a period.
    """

    total: Int64
    shape: float
    rate: float


def rates_of(total: Int64) -> Rates:
    """Fit the spread of the rates of the accounts that have any transfer."""
    active = total[total > 0]
    return Rates(total, *spread_of_rates(active)) if len(active) else Rates(total, 1.0, 1.0)


def spread_of_rates(totals: Int64) -> tuple[float, float]:
    """Fit a gamma distribution to the accounts' rates, by the method of moments.

    Parameters
    ----------
    totals
        int64: transfers of each account in the whole period, at least 1.

    Returns
    -------
    shape, rate
        A rate has the mean ``shape / rate`` transactions a period.
    """
    usual = np.sort(totals)[: max(int(len(totals) * _USUAL), 1)]
    mean, variance = float(usual.mean()), float(usual.var())
    excess = max((variance - mean) / mean**2, _LEAST_EXCESS)
    return 1 / excess, 1 / (excess * mean)


def tail(distinct: Int64 | int, expected: Float64 | float, size: Float64 | float) -> Float64:
    """Return ``-log10`` of the chance that a negative binomial reaches ``distinct``.

    Parameters
    ----------
    expected
        Its mean.
    size
        Its size: the larger, the closer to a Poisson distribution.
    """
    with np.errstate(divide="ignore"):
        logs = -nbinom.logsf(distinct - 1, size, size / (size + expected)) / np.log(10)
    return np.asarray(np.minimum(logs, MAX_SURPRISE))


@numba.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def expected_count(outside: float, share: float, shape: float, rate: float) -> float:
    """Return how many transfers to expect in a ``share`` of the period, given those outside it."""
    return (shape + outside) * share / (rate + 1.0 - share)


def set_surprise(graph: RareGraph, edges: Int64) -> float:
    """Return the surprise of a connected set of rare transfers of any shape.

    A spanning tree is laid from the busiest account, which explains as much as can be explained:
    each account's branches are a burst at its own rate. A transfer between two accounts already
    in the tree must hit just this counterparty, which chance does with its share of all transfers.

    Parameters
    ----------
    edges
        int64 positions in ``graph``.
    """
    share = float(graph.end[edges].max() - graph.begin[edges].min()) / graph.size
    pairs = Counter(zip(graph.sender[edges].tolist(), graph.receiver[edges].tolist(), strict=True))
    sends, receives = Counter[int](), Counter[int]()
    for (source, target), count in pairs.items():
        sends[source] += count
        receives[target] += count
    branches, tree = _spanning_tree(graph, pairs, sends, receives)
    surprise = -np.log10(graph.size)
    for (account, outgoing), count in branches.items():
        side, own = (graph.out, sends) if outgoing else (graph.into, receives)
        outside = float(side.total[account] - own[account])
        expected = expected_count(outside, share, side.shape, side.rate)
        surprise += float(tail(count, expected, side.shape + outside))
    for (source, target), count in pairs.items():
        closing = count - ((source, target) in tree)
        if closing:
            outside = float(graph.out.total[source] - sends[source])
            expected = expected_count(outside, share, graph.out.shape, graph.out.rate)
            hits = (graph.into.shape + graph.into.total[target] - receives[target]) / graph.size
            surprise -= closing * np.log10(min(max(expected * hits, _LEAST_CHANCE), 1.0))
    return float(surprise)


def _spanning_tree(
    graph: RareGraph,
    pairs: Counter[tuple[int, int]],
    sends: Counter[int],
    receives: Counter[int],
) -> tuple[Counter[tuple[int, bool]], set[tuple[int, int]]]:
    """Count each account's branches by direction, the first branch of all left out."""
    near: dict[int, list[tuple[int, bool]]] = {}
    for source, target in pairs:
        near.setdefault(source, []).append((target, True))
        near.setdefault(target, []).append((source, False))

    def busy(account: int, outgoing: bool) -> int:
        side, own = (graph.out, sends) if outgoing else (graph.into, receives)
        return int(side.total[account]) - own[account]

    left = set(near)
    branches: Counter[tuple[int, bool]] = Counter()
    tree: set[tuple[int, int]] = set()
    root = max(left, key=lambda a: (max(busy(a, True), busy(a, False)), len(near[a])))
    heap: list[tuple[int, int, int, bool]] = []
    reached: int | None = root
    while left:
        if reached is None:
            if not heap:
                break
            _, parent, reached, outgoing = heapq.heappop(heap)
            if reached not in left:
                reached = None
                continue
            tree.add((parent, reached) if outgoing else (reached, parent))
            if len(tree) > 1:
                branches[parent, outgoing] += 1
        left.discard(reached)
        for other, outgoing in near[reached]:
            if other in left:
                heapq.heappush(heap, (-busy(reached, outgoing), reached, other, outgoing))
        reached = None
    return branches, tree
