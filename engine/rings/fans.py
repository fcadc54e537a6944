"""Fans and gather-scatter: many new counterparties of one account within a short time.

fan_in: at least ``min_counterparties`` distinct senders to one account; fan_out: one sender to as
many receivers; gather_scatter: a fan-in followed by a fan-out of the same account. A fan alone is
ordinary; what is rare is many *new* counterparties at once against the account's own rate. The
account's rare transfers are cut into bursts, and a burst is measured by what the account did
outside of it (``engine.rings.surprise``). An account that bursts all along, such as a shop with
sales, is allowed for: the variance of its counts in other spells of the same length, over their
mean, widens what chance may do (quasi-likelihood: McCullagh and Nelder, "Generalized linear
models", 1989, section 9.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import Float64, Int32, Int64
from engine.rings.links import Links
from engine.rings.motifs import Motif
from engine.rings.rare import RareGraph
from engine.rings.surprise import Rates, tail

#: A pause longer than this share of the window ends a fan; in a gather-scatter a shorter one does.
_FAN_PAUSE = 2 / 7
_GATHER_WINDOW, _GATHER_PAUSE = 4 / 7, 5 / 21
#: Surprise added when what is paid out is about what came in (0.7 to 1.2 times), taken off if not.
_CONSERVED = 0.5
_RETENTION = (0.7, 1.2)
#: Fewer other spells, or transfers in them, say nothing of an account's habits.
_LEAST_SPELLS, _LEAST_OTHERS = 4, 5


@dataclass(frozen=True, slots=True)
class _Bursts:
    """Bursts of one side: positions ``order[first:last]``, the hub, and what to expect."""

    order: Int64
    first: Int64
    last: Int64
    hub: Int32
    expected: Float64
    surprise: Float64


def find_fans(graph: RareGraph, links: Links, config: RingConfig) -> list[Motif]:
    """Find fan-in and fan-out bursts with a surprise above ``min_surprise``; O(n log n)."""
    found = []
    for typology, inwards in (("fan_in", True), ("fan_out", False)):
        bursts = _bursts_of(
            graph, inwards, graph.window, int(graph.window * _FAN_PAUSE), config.min_counterparties
        )
        surprise = bursts.surprise - np.log10(max(graph.size, 1))
        small = bursts.last - bursts.first < config.max_accounts
        for i in np.flatnonzero(small & (surprise >= config.min_surprise)):
            edges = np.sort(bursts.order[bursts.first[i] : bursts.last[i]])
            found.append(
                Motif(
                    typology, edges, float(surprise[i]), int(bursts.hub[i]),
                    float(bursts.expected[i]),
                )
            )  # fmt: skip
    return found


def find_gather_scatter(graph: RareGraph, links: Links, config: RingConfig) -> list[Motif]:
    """Find a fan-in burst of at least three followed by a fan-out burst of the same account.

    The median moment of the payments out lies after that of the payments in, they begin at most
    two pauses after the last payment in, and both together last at most twice a burst's window.
    """
    window, pause = int(graph.window * _GATHER_WINDOW), int(graph.window * _GATHER_PAUSE)
    least = config.min_gather
    gather = _bursts_of(graph, True, window, pause, least)
    scatter = _bursts_of(graph, False, window, pause, least)
    first = np.searchsorted(scatter.hub, gather.hub, "left")
    last = np.searchsorted(scatter.hub, gather.hub, "right")
    found = []
    for i in np.flatnonzero(last > first):
        paid_in = gather.order[gather.first[i] : gather.last[i]]
        for j in range(first[i], last[i]):
            paid_out = scatter.order[scatter.first[j] : scatter.last[j]]
            if len(paid_in) + len(paid_out) >= config.max_accounts:
                continue
            surprise = float(gather.surprise[i] + scatter.surprise[j]) - np.log10(graph.size)
            if surprise + _CONSERVED < config.min_surprise:
                continue
            if not _in_order(graph, paid_in, paid_out, window, pause):
                continue
            kept = graph.minor_units[paid_out].sum() / max(graph.minor_units[paid_in].sum(), 1)
            surprise += _CONSERVED if _RETENTION[0] < kept < _RETENTION[1] else -_CONSERVED
            if surprise >= config.min_surprise:
                edges = np.sort(np.concatenate([paid_in, paid_out]))
                expected = float(gather.expected[i] + scatter.expected[j])
                found.append(Motif("gather_scatter", edges, surprise, int(gather.hub[i]), expected))
    return found


def _in_order(graph: RareGraph, paid_in: Int64, paid_out: Int64, window: int, pause: int) -> bool:
    came, went = graph.seconds[paid_in], graph.seconds[paid_out]
    return bool(
        came[0] <= went[0] <= came[-1] + 2 * pause
        and went[-1] - came[0] <= 2 * window
        and np.median(went) >= np.median(came)
    )


def _bursts_of(graph: RareGraph, inwards: bool, window: int, pause: int, least: int) -> _Bursts:
    hub, other = (graph.receiver, graph.sender) if inwards else (graph.sender, graph.receiver)
    side: Rates = graph.into if inwards else graph.out
    order = np.argsort(hub, kind="stable")
    first, last, distinct, outside = _cut(
        hub[order], other[order], graph.seconds[order], window, pause, least
    )
    if len(first) == 0:
        none = np.empty(0, np.int64)
        return _Bursts(order, none, none, none.astype(np.int32), np.empty(0), np.empty(0))
    share = (graph.end[order[last - 1]] - graph.begin[order[first]]) / graph.size
    size = side.shape + outside
    expected = size * share / (side.rate + 1 - share)
    habit = _habit(hub[order], graph.begin[order], graph.end[order], first, last, graph.size)
    size = 1 / (1 / size + (habit - 1) / expected)
    return _Bursts(order, first, last, hub[order[first]], expected, tail(distinct, expected, size))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cut(
    hub: Int32, other: Int32, seconds: Int64, window: int, pause: int, least: int
) -> tuple[Int64, Int64, Int64, Int64]:
    """Cut each hub's transfers, in time order, at pauses and where a burst outlasts the window.

    Returns first and past-the-last position, distinct counterparties, and the hub's transfers
    outside the burst, for each burst with ``least`` counterparties.
    """
    n = len(hub)
    out = np.empty((4, n // least + 1), np.int64)
    count = 0
    start = 0
    while start < n:
        end = start
        while end < n and hub[end] == hub[start]:
            end += 1
        first = start
        for i in range(start + 1, end + 1):
            ends = (
                i == end
                or seconds[i] - seconds[i - 1] > pause
                or seconds[i] - seconds[first] > window
            )
            if ends:
                if i - first >= least:
                    distinct = len(np.unique(other[first:i]))
                    if distinct >= least:
                        out[0, count] = first
                        out[1, count] = i
                        out[2, count] = distinct
                        out[3, count] = (end - start) - (i - first)
                        count += 1
                first = i
        start = end
    return out[0, :count], out[1, :count], out[2, :count], out[3, :count]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _habit(hub: Int32, begin: Int64, end: Int64, first: Int64, last: Int64, size: int) -> Float64:
    """Return variance over mean of the hub's counts in other spells as long as the burst.

    Spells are counted in transfers of the whole input. 1 where the mean is too small to tell.
    """
    out = np.ones(len(first))
    low = 0
    for b in range(len(first)):
        while hub[low] != hub[first[b]]:
            low += 1
        high = last[b]
        while high < len(hub) and hub[high] == hub[low]:
            high += 1
        start, stop = begin[first[b]], end[last[b] - 1]
        length = max(stop - start, 1)
        before, after = start // length, (size - stop) // length
        spells = before + after
        others = (first[b] - low) + (high - last[b])
        if spells < _LEAST_SPELLS or others < _LEAST_OTHERS:
            continue
        counts = np.zeros(spells)
        for i in range(low, high):
            if begin[i] < start:
                spell = (start - 1 - begin[i]) // length
                if spell < before:
                    counts[spell] += 1
            elif begin[i] >= stop:
                spell = (begin[i] - stop) // length
                if spell < after:
                    counts[before + spell] += 1
        mean = counts.mean()
        if mean > 0:
            out[b] = max(counts.var() / mean * spells / (spells - 1), 1.0)
    return out
