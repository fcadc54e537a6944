"""Pattern features of a transfer: the small shapes that it is part of.

They follow the idea of Blanuša et al., "Graph Feature Preprocessor: real-time subgraph-based
feature extraction for financial crime detection" (ICAIF 2024): hops, siblings, parallel paths,
shared counterparties and cycles, all within the window. Each account offers at most ``_NEAR``
transfers, the nearest in time, and a search for cycles takes at most ``_STEPS`` steps, so a hub
costs no more than any other account: O(n) in all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from engine.backend import threads
from engine.rings.candidates import Float32, Int64
from engine.rings.learning.graph import TransferGraph, between

#: Most transfers that an account offers to a search.
_NEAR = 24
#: Most steps of one search for cycles.
_STEPS = 300
#: Longest cycle looked for (median of the simulators and of HI-Small: 5 to 7).
_LONGEST = 7
#: Amounts this close on a log scale are kept amounts: 97 % of genuine hops lie within 15 %.
_KEPT = np.float32(np.log(1.15))
#: Distances where there is nothing to be near to.
_NO_GAP, _NO_DAYS = np.float32(9.0), np.float32(2.0)

_OWN = (
    "next_gap", "next_days", "next_kept", "next_n",
    "prev_gap", "prev_days", "prev_kept", "prev_n",
    "sent_gap", "sent_days", "sent_kept", "sent_n", "sent_spread",
    "got_gap", "got_days", "got_kept", "got_n", "got_spread",
    "shared", "sharers", "back_n",
)  # fmt: skip
_MARKED = ("middles", "middles_kept", "cycle_n", "cycle_length", "cycle_gap")
#: Columns of ``pattern_columns``.
PATTERNS = tuple(f"batch_pattern_{name}" for name in (*_OWN, *_MARKED))


def pattern_columns(graph: TransferGraph, asked: Int64, window: int) -> Float32:
    """Return the pattern features of the asked edges.

    Returns
    -------
    float32, shape (n_asked, n_patterns)
        Columns as in ``PATTERNS``. ``gap`` is the least distance of log amounts (9 = none),
        ``days`` the distance in time of the nearest as a share of the window (2 = none), ``kept``
        counts amounts within 15 %, ``spread`` is the standard deviation of log amounts. ``next``
        looks at what the receiver sends later, ``prev`` at what the sender got before, ``sent``
        and ``got`` at the sender's other payments and the receiver's other receipts. ``shared``
        is the largest number of receivers that the sender shares with another sender of this
        receiver, ``middles`` the most accounts that carry money in parallel from one sender to
        one receiver.
    """
    bounds = np.linspace(0, len(asked), threads() + 1).astype(np.int64)

    def part(number: int) -> tuple[Float32, Float32]:
        own, marked = _patterns(graph, asked[bounds[number] : bounds[number + 1]], window)
        return own, marked

    with ThreadPoolExecutor(threads()) as pool:
        parts = list(pool.map(part, range(threads())))
    marked = parts[0][1]
    for _, other in parts[1:]:
        np.maximum(marked[:, :2], other[:, :2], out=marked[:, :2])
        marked[:, 2] += other[:, 2]
        np.minimum(marked[:, 3:], other[:, 3:], out=marked[:, 3:])
    return np.concatenate([np.concatenate([own for own, _ in parts]), marked[asked]], axis=1)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _patterns(graph: Any, asked: Int64, window: int) -> tuple[Float32, Float32]:
    own = np.zeros((len(asked), 21), np.float32)
    marked = np.zeros((len(graph.sender), 5), np.float32)
    marked[:, 3:] = _NO_GAP
    seconds = graph.seconds
    for i in range(len(asked)):
        e = asked[i]
        u, v, t = graph.sender[e], graph.receiver[e], seconds[e]
        f, p = between(graph.out_start, graph.out_edges, seconds, v, t, t + window)
        _hops(own[i, 0:4], graph, e, graph.out_edges[f : min(p, f + _NEAR)], True, window)
        f, p = between(graph.in_start, graph.in_edges, seconds, u, t - window, t)
        _hops(own[i, 4:8], graph, e, graph.in_edges[max(f, p - _NEAR) : p], False, window)
        f, p = between(graph.out_start, graph.out_edges, seconds, u, t - window, t + window)
        f, p = _nearest(graph.out_edges, seconds, f, p, t)
        sent = graph.out_edges[f:p]
        _siblings(own[i, 8:13], graph, e, sent, True, window)
        f, p = between(graph.in_start, graph.in_edges, seconds, v, t - window, t + window)
        f, p = _nearest(graph.in_edges, seconds, f, p, t)
        got = graph.in_edges[f:p]
        _siblings(own[i, 13:18], graph, e, got, False, window)
        if len(sent) > 1 and len(got) > 1:
            _shared(own[i, 18:20], graph, e, sent, got, window)
        f, p = between(graph.out_start, graph.out_edges, seconds, v, t - window, t + window)
        for back in graph.out_edges[f : min(p, f + _NEAR)]:
            own[i, 20] += graph.receiver[back] == u
        if len(sent) > 1:
            _parallel(marked, graph, e, sent, window)
        _cycles(marked, graph, e, window)
    return own, marked


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _nearest(edges: Any, seconds: Int64, first: int, past: int, moment: int) -> tuple[int, int]:
    """Narrow a part of a list to at most ``_NEAR`` edges on each side of a moment."""
    if past - first <= 2 * _NEAR:
        return first, past
    low, high = first, past
    while low < high:
        middle = (low + high) // 2
        if seconds[edges[middle]] < moment:
            low = middle + 1
        else:
            high = middle
    return max(first, low - _NEAR), min(past, low + _NEAR)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _hops(out: Any, graph: Any, e: int, near: Any, onward: bool, window: int) -> None:
    gap, days = _NO_GAP, _NO_DAYS
    for f in near:
        straight_back = graph.receiver[f] == graph.sender[e]
        if f == e or (straight_back if onward else graph.sender[f] == graph.receiver[e]):
            continue
        apart = abs(graph.log_amount[f] - graph.log_amount[e])
        gap = min(gap, apart)
        days = min(days, np.float32(abs(graph.seconds[f] - graph.seconds[e]) / window))
        out[2] += apart <= _KEPT
        out[3] += 1
    out[0], out[1] = gap, days


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _siblings(out: Any, graph: Any, e: int, near: Any, sent: bool, window: int) -> None:
    gap, days, total, squares, n = _NO_GAP, _NO_DAYS, 0.0, 0.0, 0
    for f in near:
        same = graph.receiver[f] == graph.receiver[e] and graph.sender[f] == graph.sender[e]
        if f == e or same:
            continue
        amount = graph.log_amount[f]
        apart = abs(amount - graph.log_amount[e])
        gap = min(gap, apart)
        days = min(days, np.float32(abs(graph.seconds[f] - graph.seconds[e]) / window))
        out[2] += apart <= _KEPT
        n += 1
        total += amount
        squares += amount * amount
    out[0], out[1], out[3] = gap, days, n
    out[4] = np.sqrt(max(squares / n - (total / n) ** 2, 0.0)) if n > 1 else -1.0


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _shared(out: Any, graph: Any, e: int, sent: Any, got: Any, window: int) -> None:
    """Count the receivers that the sender shares with the receiver's other senders."""
    u, t = graph.sender[e], graph.seconds[e]
    for other in got:
        w = graph.sender[other]
        if w == u:
            continue
        f, p = between(graph.out_start, graph.out_edges, graph.seconds, w, t - window, t + window)
        common = 0
        for theirs in graph.out_edges[f : min(p, f + 2 * _NEAR)]:
            for mine in sent:
                if graph.receiver[mine] == graph.receiver[theirs]:
                    common += 1
                    break
        out[0] = max(out[0], common)
        out[1] += common >= 2


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _parallel(marked: Any, graph: Any, e: int, sent: Any, window: int) -> None:
    """Count the middles between the sender and each account two hops on; mark both hops."""
    u, v, t = graph.sender[e], graph.receiver[e], graph.seconds[e]
    f, p = between(graph.out_start, graph.out_edges, graph.seconds, v, t, t + window)
    for second in graph.out_edges[f : min(p, f + _NEAR)]:
        w = graph.receiver[second]
        if w in (u, v):
            continue
        middles, kept = 0, 0
        for first in sent:
            m, at = graph.receiver[first], graph.seconds[first]
            if m == w:
                continue
            a, b = between(graph.out_start, graph.out_edges, graph.seconds, m, at, at + window)
            for onward in graph.out_edges[a : min(b, a + _NEAR)]:
                if graph.receiver[onward] == w:
                    middles += 1
                    kept += abs(graph.log_amount[onward] - graph.log_amount[first]) <= _KEPT
                    break
        if middles >= 2:
            for hop in (np.int64(e), np.int64(second)):
                marked[hop, 0] = max(marked[hop, 0], middles)
                marked[hop, 1] = max(marked[hop, 1], kept)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cycles(marked: Any, graph: Any, e: int, window: int) -> None:
    """Search cycles in time order that start with ``e``; mark every edge on them."""
    home, last = graph.sender[e], graph.seconds[e] + window
    path = np.empty(_LONGEST, np.int64)
    position = np.empty(_LONGEST, np.int64)
    end = np.empty(_LONGEST, np.int64)
    worst = np.zeros(_LONGEST, np.float32)
    path[0], depth, steps = e, 1, 0
    seconds, starts, lists = graph.seconds, graph.out_start, graph.out_edges
    position[1], past = between(starts, lists, seconds, graph.receiver[e], seconds[e], last)
    end[1] = min(past, position[1] + _NEAR)
    while depth > 0 and steps < _STEPS:
        if position[depth] >= end[depth]:
            depth -= 1
            continue
        f = lists[position[depth]]
        position[depth] += 1
        steps += 1
        to = graph.receiver[f]
        crossed = False
        for k in range(1, depth):
            crossed = crossed or graph.sender[path[k]] == to
        if crossed:
            continue
        apart = abs(graph.log_amount[f] - graph.log_amount[path[depth - 1]])
        path[depth], worst[depth] = f, max(worst[depth - 1], apart)
        if to != home:
            if depth + 1 < _LONGEST:
                depth += 1
                position[depth], past = between(starts, lists, seconds, to, seconds[f], last)
                end[depth] = min(past, position[depth] + _NEAR)
        elif depth > 1:
            for edge in path[: depth + 1]:
                marked[edge, 2] += 1
                marked[edge, 3] = min(marked[edge, 3], depth + 1)
                marked[edge, 4] = min(marked[edge, 4], worst[depth])
