"""Cycles: money that comes back to where it started, in order of time, over 3 to 10 accounts.

A depth-first search over links from every transfer, as in the time-respecting cycle enumeration
of Blanusa et al. ("Fast parallel algorithms for enumeration of simple, temporal, and
hop-constrained cycles", 2023), but only along links that are surprising enough on average, with a
budget of steps for each start: rare graphs branch less than once a hop, so the budget is seldom
reached, and when it is the count is reported.
"""

from __future__ import annotations

import numba
import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import Float32, Float64, Int32, Int64
from engine.rings.links import Links
from engine.rings.motifs import Motif
from engine.rings.rare import RareGraph


def find_cycles(graph: RareGraph, links: Links, config: RingConfig) -> list[Motif]:
    """Find time-ordered cycles of 3 to ``max_cycle`` accounts within the window.

    The surprise adds the links' strengths and the closure: the last transfer must go to the very
    account where the money began.
    """
    if len(links.first) == 0:
        return []
    paths, length, surprise, _ = _search(
        graph.sender, graph.receiver, graph.seconds, links.start, links.second, links.strength,
        graph.into.total, graph.into.shape, graph.window, config.max_cycle, config.min_link,
        config.cycle_budget, config.min_surprise,
    )  # fmt: skip
    return [
        Motif("cycle", np.sort(paths[i, : length[i]]).astype(np.int64), float(surprise[i]))
        for i in range(len(length))
    ]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _search(
    sender: Int32, receiver: Int32, seconds: Int64, start: Int64, second: Int32,
    strength: Float32, into: Int64, shape: float, window: int, longest: int, least: float,
    budget: int, floor: float,
) -> tuple[Int32, Int64, Float64, int]:  # fmt: skip
    n = len(sender)
    places = np.log10(n)
    room, count, bounded = 1024, 0, 0
    paths = np.empty((room, longest), np.int32)
    lengths, surprises = np.empty(room, np.int64), np.empty(room, np.float64)
    path, at = np.empty(longest, np.int32), np.empty(longest, np.int64)
    total = np.zeros(longest)
    for begin in range(n):
        home = sender[begin]
        closure = -np.log10(min((shape + into[home] - 1) / n, 1.0)) - places
        depth, steps = 0, 0
        path[0], at[0] = begin, start[begin]
        while depth >= 0:
            edge = path[depth]
            if at[depth] >= start[edge + 1] or steps > budget:
                depth -= 1
                continue
            link = at[depth]
            at[depth] += 1
            onward = second[link]
            if seconds[onward] > seconds[begin] + window:
                continue
            value = total[depth] + strength[link]
            hops = depth + 2
            if receiver[onward] == home:
                if hops >= 3 and value + closure >= floor:
                    if count == room:
                        room *= 2
                        wider = np.empty((room, longest), np.int32)
                        wider[:count] = paths
                        paths = wider
                        lengths = np.append(lengths, np.empty(count, np.int64))
                        surprises = np.append(surprises, np.empty(count, np.float64))
                    paths[count, : depth + 1] = path[: depth + 1]
                    paths[count, depth + 1] = onward
                    lengths[count], surprises[count] = hops, value + closure
                    count += 1
                continue
            if hops >= longest or value < least * (depth + 1):
                continue
            seen = False
            for i in range(depth + 1):
                seen = seen or receiver[path[i]] == receiver[onward]
            if seen:
                continue
            steps += 1
            depth += 1
            path[depth], at[depth], total[depth] = onward, start[onward], value
        if steps > budget:
            bounded += 1
    return paths[:count], lengths[:count], surprises[:count], bounded
