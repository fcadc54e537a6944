"""Links: money that comes in and goes out again, the primitive of chains, cycles and layers.

Transfer e links to f when f leaves the account that e reached, not before e and within the window.
Its strength is ``-log10`` of the chance of such a pair: how many transfers the account sends in
that time at its own rate, times how often two amounts of this input come as close by accident. No
amount is required to match: a link with equal amounts is strong, one with any amounts at a quiet
account is fair, one at a busy account is nothing and is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import Float32, Float64, Int32, Int64
from engine.rings.motifs import by_account
from engine.rings.rare import RareGraph
from engine.rings.surprise import expected_count

_SAMPLE = 200_000
#: Amounts further apart than this ratio say nothing.
_FAR = 4.0
#: The chance of two equal amounts is not trusted below one in this sample.
_LEAST_CHANCE = 1.0 / _SAMPLE
_LEAST_STRENGTH = 1e-12


@dataclass(frozen=True, slots=True)
class Links:
    """Links grouped by their first transfer.

    Attributes
    ----------
    first, second
        int32 positions in the rare graph, ordered by ``first``.
    strength
        float32, ``-log10`` of the chance of the link.
    start
        int64, shape (size + 1,): where the links of each transfer begin.
    bounded
        Transfers whose search was cut because the account sends too much.
    """

    first: Int32
    second: Int32
    strength: Float32
    start: Int64
    bounded: int


def find_links(graph: RareGraph, config: RingConfig) -> Links:
    """Find links of at least ``min_link`` strength; O(n log n + links).

    At most ``max_hub_scan`` transfers are looked at after each transfer; where that cut the search
    the count is in ``bounded``.
    """
    if graph.size == 0:
        none = np.empty(0, np.int32)
        return Links(none, none, np.empty(0, np.float32), np.zeros(1, np.int64), 0)
    order, start = by_account(graph.sender, graph.n_accounts)
    ratio, chance = amount_chances(graph.minor_units)
    first, second, strength, bounded = _scan(
        graph.sender, graph.receiver, graph.seconds, graph.minor_units, graph.begin, graph.end,
        order, start, graph.out.total, graph.out.shape, graph.out.rate, ratio, chance,
        graph.window, config.max_hub_scan, config.min_link,
    )  # fmt: skip
    begins = np.zeros(graph.size + 1, np.int64)
    np.cumsum(np.bincount(first, minlength=graph.size), out=begins[1:])
    return Links(first, second, strength, begins, bounded)


def amount_chances(minor_units: Int64) -> tuple[Float64, Float64]:
    """Return how often two amounts of this input differ by at most a given log ratio.

    Returns
    -------
    ratio, chance
        float64: a grid of absolute log ratios from 0, and the share of a sample of pairs of
        amounts that are at least as close.
    """
    rng = np.random.default_rng(0)
    pick = rng.integers(0, len(minor_units), (2, _SAMPLE))
    logs = np.log(minor_units + 1.0)
    apart = np.sort(np.abs(logs[pick[0]] - logs[pick[1]]))
    grid = np.concatenate([[0.0], np.geomspace(1e-4, np.log(_FAR), 60)])
    chance = np.searchsorted(apart, grid, side="right") / _SAMPLE
    return grid, np.maximum(chance, _LEAST_CHANCE)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _scan(
    sender: Int32, receiver: Int32, seconds: Int64, amount: Int64, begin: Int64, end: Int64,
    order: Int64, start: Int64, total: Int64, shape: float, rate: float,
    ratio: Float64, chance: Float64, window: int, most: int, least: float,
) -> tuple[Int32, Int32, Float32, int]:  # fmt: skip
    n = len(sender)
    room = max(n, 16)
    first, second = np.empty(room, np.int32), np.empty(room, np.int32)
    strength = np.empty(room, np.float32)
    count, bounded = 0, 0
    for e in range(n):
        middle = receiver[e]
        low, high = start[middle], start[middle + 1]
        last = high
        while low < high:
            half = (low + high) // 2
            if seconds[order[half]] < seconds[e]:
                low = half + 1
            else:
                high = half
        for k in range(low, last):
            f = order[k]
            if seconds[f] > seconds[e] + window:
                break
            if k - low >= most:
                bounded += 1
                break
            if receiver[f] == sender[e]:
                continue
            apart = abs(np.log((amount[f] + 1.0) / (amount[e] + 1.0)))
            close = 1.0
            if apart <= ratio[-1]:
                close = chance[np.searchsorted(ratio, apart)]
            share = (end[f] - begin[e]) / n
            expected = expected_count(total[middle] - 1.0, share, shape, rate)
            value = -np.log10(max(1.0 - np.exp(-expected * close), _LEAST_STRENGTH))
            if value < least:
                continue
            if count == room:
                room *= 2
                wider_first, wider_second = np.empty(room, np.int32), np.empty(room, np.int32)
                wider = np.empty(room, np.float32)
                wider_first[:count], wider_second[:count] = first, second
                wider[:count] = strength
                first, second, strength = wider_first, wider_second, wider
            first[count], second[count], strength[count] = e, f, value
            count += 1
    return first[:count].copy(), second[:count].copy(), strength[:count].copy(), bounded
