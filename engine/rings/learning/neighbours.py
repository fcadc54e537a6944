"""Suspicion next door: what a first model thinks of the transfers round a transfer.

Ring transfers come together, so the scores of the neighbours say more than the transfer itself:
the second model reads these sums and maxima. They hold scores, never labels.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from engine.backend import threads
from engine.rings.candidates import Float32, Int64
from engine.rings.learning.graph import TransferGraph, between

#: Most neighbours read on each side of the moment, in each list.
_NEAR = 32
_LISTS = ("sent", "got", "into_before", "onward_after", "into_after", "onward_before")
_FIGURES = ("max", "sum", "soon", "second", "alike")
#: Columns of ``neighbour_columns``.
NEIGHBOURS = (
    *(f"batch_near_{place}_{figure}" for place in _LISTS for figure in _FIGURES),
    "batch_near_sender_out", "batch_near_sender_in", "batch_near_receiver_out",
    "batch_near_receiver_in", "batch_near_own",
)  # fmt: skip


def neighbour_columns(graph: TransferGraph, score: Float32, asked: Int64, window: int) -> Float32:
    """Return what the scores round each asked edge are like, shape (n_asked, n_neighbours).

    Parameters
    ----------
    score
        float32, shape (n_edges,), in [0, 1]: the first model's, honest for every edge.

    Notes
    -----
    Within the window, for the sender's other payments, the receiver's other receipts, and what
    came into the sender and went on from the receiver before and after: largest and second largest
    score, sum, sum faded by distance in time, and largest faded by distance in amount. Then the
    sums of both accounts over the whole run, and the score itself. O(n).
    """
    bounds = np.linspace(0, len(asked), threads() + 1).astype(np.int64)

    def part(number: int) -> Float32:
        found: Float32 = _near_scores(
            graph, score, asked[bounds[number] : bounds[number + 1]], window
        )
        return found

    with ThreadPoolExecutor(threads()) as pool:
        near = np.concatenate(list(pool.map(part, range(threads()))))
    sent = np.bincount(graph.sender, score, graph.accounts)
    got = np.bincount(graph.receiver, score, graph.accounts)
    own, u, v = score[asked], graph.sender[asked], graph.receiver[asked]
    whole = np.stack([sent[u] - own, got[u], sent[v], got[v] - own, own], axis=1)
    return np.concatenate([near, whole.astype(np.float32)], axis=1)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _near_scores(graph: Any, score: Float32, asked: Int64, window: int) -> Float32:
    out = np.zeros((len(asked), 30), np.float32)
    outs, out_lists, ins, in_lists = (
        graph.out_start, graph.out_edges, graph.in_start, graph.in_edges,
    )  # fmt: skip
    for i in range(len(asked)):
        e = asked[i]
        u, v, t = graph.sender[e], graph.receiver[e], graph.seconds[e]
        low, high = t - window, t + window
        _figures(out[i, 0:5], graph, score, e, outs, out_lists, u, low, high, window)
        _figures(out[i, 5:10], graph, score, e, ins, in_lists, v, low, high, window)
        _figures(out[i, 10:15], graph, score, e, ins, in_lists, u, low, t, window)
        _figures(out[i, 15:20], graph, score, e, outs, out_lists, v, t, high, window)
        _figures(out[i, 20:25], graph, score, e, ins, in_lists, u, t, high, window)
        _figures(out[i, 25:30], graph, score, e, outs, out_lists, v, low, t, window)
    return out


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _figures(
    out: Any, graph: Any, score: Float32, e: int, start: Any, edges: Any, account: int,
    low: int, high: int, window: int,
) -> None:  # fmt: skip
    first, past = between(start, edges, graph.seconds, account, low, high)
    if past - first > 2 * _NEAR:
        here = first
        while here < past and graph.seconds[edges[here]] < graph.seconds[e]:
            here += 1
        first, past = max(first, here - _NEAR), min(past, here + _NEAR)
    for f in edges[first:past]:
        if f == e or score[f] == 0:
            continue
        value = score[f]
        out[1] += value
        out[2] += value * np.exp(-5.0 * abs(graph.seconds[f] - graph.seconds[e]) / window)
        alike = value * np.exp(-5.0 * abs(graph.log_amount[f] - graph.log_amount[e]))
        out[4] = max(out[4], alike)
        if value > out[0]:
            out[3] = out[0]
            out[0] = value
        else:
            out[3] = max(out[3], value)
