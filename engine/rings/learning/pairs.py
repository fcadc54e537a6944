"""Pairs of suspicious transfers that share an account: do both prove the same ring?

Rings overlap in accounts, so cutting the account graph cannot part them; pairs of transfers can
tell them apart. A model that learned from past rings gives each pair its chance to belong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix

from engine.rings.candidates import Float32, Int64
from engine.rings.learning.boosting import Recipe, cross_fit
from engine.rings.learning.graph import TransferGraph
from engine.rings.learning.meetings import Meetings, meetings
from engine.rings.learning.patterns import PATTERNS

Column = npt.NDArray[Any]

#: Pattern columns whose lower and higher value of a pair are read.
_PATTERNS = (
    "middles", "shared", "cycle_length", "cycle_gap", "sent_n", "got_n", "next_n", "prev_n",
)  # fmt: skip
_LINK = Recipe(trees=150, depth=4, rate=0.08)


@dataclass(frozen=True, slots=True)
class Suspects:
    """Suspicious transfers, in time order.

    Attributes
    ----------
    edges
        int64 positions in the transfer graph, ascending, shape (n,).
    sender, receiver
        int32 account codes of the graph.
    seconds, log_amount, score, block
        As in the graph, and as scored.
    patterns
        float32, shape (n, n_patterns).
    covered
        Sparse, shape (n, n_candidates): the surprise, at least one, of each candidate that covers
        a transfer.
    window
        Longest time in seconds that transfers of one ring lie apart at an account.
    """

    edges: Int64
    sender: Int64
    receiver: Int64
    seconds: Int64
    log_amount: Float32
    score: Float32
    block: Int64
    patterns: Float32
    covered: csr_matrix
    window: int

    @classmethod
    def choose(
        cls, graph: TransferGraph, score: Float32, block: Int64, patterns: Float32,
        covered: csr_matrix, least: float, window: int,
    ) -> Suspects:  # fmt: skip
        """Take the transfers with at least some score."""
        edges = np.flatnonzero(score >= least)
        return cls(
            edges, graph.sender[edges].astype(np.int64), graph.receiver[edges].astype(np.int64),
            graph.seconds[edges], graph.log_amount[edges], score[edges], block[edges],
            patterns[edges], covered[edges], window,
        )  # fmt: skip

    def matched(self) -> list[Int64]:
        """Return the suspects that each candidate covers, ascending."""
        columns = self.covered.tocsc()
        columns.sort_indices()
        return np.split(columns.indices.astype(np.int64), columns.indptr[1:-1])

    @property
    def accounts(self) -> int:
        """One more than the largest account code."""
        return 1 + int(max(self.sender.max(initial=-1), self.receiver.max(initial=-1)))


class Pairs(NamedTuple):
    """Pairs of suspects (positions), the earlier first; ``chance`` that they share a ring."""

    first: Int64
    second: Int64
    chance: Float32


def link_suspects(suspects: Suspects, ring: Int64, seed: int) -> Pairs:
    """Pair suspects up and give each pair its chance to belong to one ring.

    Parameters
    ----------
    ring
        int64, shape (n,): true ring of each suspect of the past, -1 for none and for later ones.

    Returns
    -------
    Pairs
        Distinct pairs; one that shares two accounts keeps the better chance.
    """
    met = meetings(suspects.sender, suspects.receiver, suspects.seconds, suspects.window)
    if len(met.first) == 0:
        return Pairs(met.first, met.second, np.empty(0, np.float32))
    same = ((ring[met.first] == ring[met.second]) & (ring[met.first] >= 0)).astype(np.float32)
    block = suspects.block
    chance = cross_fit(
        _columns(suspects, met), same, block[met.first], block[met.second], _LINK, seed
    )
    key, place = np.unique(met.first * len(block) + met.second, return_inverse=True)
    best = np.zeros(len(key), np.float32)
    np.maximum.at(best, place, chance)
    return Pairs(key // len(block), key % len(block), best)


def _columns(suspects: Suspects, met: Meetings) -> Float32:
    """Return the features of each meeting, float32, shape (n_meetings, n_features)."""
    columns: list[Column] = [
        *_at_hand(suspects, met), *_bursts(suspects, met), *_surroundings(suspects, met),
        *_shared_candidates(suspects, met),
    ]  # fmt: skip
    for name in _PATTERNS:
        value = suspects.patterns[:, PATTERNS.index(f"batch_pattern_{name}")]
        columns += _low_high(value[met.first], value[met.second])
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _low_high(one: Column, other: Column) -> list[Column]:
    return [np.minimum(one, other), np.maximum(one, other)]


def _others(suspects: Suspects, met: Meetings) -> tuple[Int64, Int64]:
    """Return the far end of both transfers, seen from the shared account."""
    a, b = met.first, met.second
    return (
        np.where(met.first_sends, suspects.receiver[a], suspects.sender[a]),
        np.where(met.second_sends, suspects.receiver[b], suspects.sender[b]),
    )


def _at_hand(suspects: Suspects, met: Meetings) -> list[Column]:
    a, b = met.first, met.second
    apart = suspects.log_amount[b] - suspects.log_amount[a]
    one, other = _others(suspects, met)
    return [
        *_low_high(suspects.score[a], suspects.score[b]),
        (suspects.seconds[b] - suspects.seconds[a]) / suspects.window,
        met.rank, apart, np.abs(apart), 2 * met.first_sends + met.second_sends, one == other,
    ]  # fmt: skip


def _bursts(suspects: Suspects, met: Meetings) -> list[Column]:
    """Count suspects at the shared account and at both far ends, close by and in the whole run."""
    begin, end = suspects.seconds[met.first], suspects.seconds[met.second]
    one, other = _others(suspects, met)
    half, week = suspects.window // 2, suspects.window // 7
    columns: list[Column] = []
    for code in (suspects.sender, suspects.receiver):
        count = _Counter(code, suspects.seconds)
        columns += [
            count(met.account, begin - half, end + half),
            count(met.account, begin - week, end + week),
            count(met.account, begin, end),
            count(one, begin - half, end + half),
            count(other, begin - half, end + half),
        ]
    out = np.bincount(suspects.sender, minlength=suspects.accounts)
    into = np.bincount(suspects.receiver, minlength=suspects.accounts)
    both = out + into
    return [*columns, out[met.account], into[met.account], both[one], both[other]]


class _Counter:
    """Counts the suspects of an account between two times."""

    def __init__(self, code: Int64, seconds: Int64) -> None:
        self._origin = int(seconds.min())
        self._bits = int(seconds.max() - self._origin + 1).bit_length() + 1
        self._keys = np.sort((code << self._bits) + (seconds - self._origin))

    def __call__(self, account: Int64, begin: Int64, end: Int64) -> Int64:
        last = (1 << self._bits) - 1
        low = (account << self._bits) + np.clip(begin - self._origin, 0, last)
        high = (account << self._bits) + np.clip(end - self._origin, 0, last)
        return np.searchsorted(self._keys, high, side="right") - np.searchsorted(self._keys, low)


def _surroundings(suspects: Suspects, met: Meetings) -> list[Column]:
    """Compare whom both transfers meet, and whether their far ends know each other."""
    n = len(suspects.edges)
    key = np.unique(met.first * n + met.second)
    a, b = key // n, key % n
    apart = (suspects.seconds[b] - suspects.seconds[a]) / suspects.window
    weight = np.sqrt(suspects.score[a] * suspects.score[b]) * (1 - apart)
    weighted = symmetric(a, b, weight, n)
    plain = symmetric(a, b, np.ones(len(a)), n)
    degree = row_sums(plain)
    one, other = _others(suspects, met)
    size = suspects.accounts
    ends = np.unique(
        np.minimum(suspects.sender, suspects.receiver) * size
        + np.maximum(suspects.sender, suspects.receiver)
    )
    knows = symmetric(ends // size, ends % size, np.ones(len(ends)), size)
    far = np.minimum(one, other) * size + np.maximum(one, other)
    return [
        row_sums(plain[met.first].multiply(plain[met.second])),
        row_sums(weighted[met.first].multiply(weighted[met.second])),
        *_low_high(degree[met.first], degree[met.second]),
        np.isin(far, ends),
        row_sums(knows[one].multiply(knows[other])) - 1,
    ]


def _shared_candidates(suspects: Suspects, met: Meetings) -> list[Column]:
    """Count the candidates that cover either and both transfers, and the best of the latter."""
    one, other = suspects.covered[met.first], suspects.covered[met.second]
    both = one.minimum(other)
    shared = both.getnnz(axis=1)
    either = one.getnnz(axis=1) + other.getnnz(axis=1) - shared
    best = np.asarray(both.max(axis=1).todense()).ravel() if both.shape[1] else shared
    return [shared, shared / np.maximum(either, 1), best]


def symmetric(a: Int64, b: Int64, weight: Column, n: int) -> csr_matrix:
    """Return the weights of undirected pairs as a matrix of shape (n, n)."""
    half = coo_matrix((weight, (a, b)), shape=(n, n)).tocsr()
    return half + half.T


def row_sums(matrix: csr_matrix) -> Column:
    """Return the sum of each row, shape (n,)."""
    return np.asarray(matrix.sum(axis=1)).ravel()
