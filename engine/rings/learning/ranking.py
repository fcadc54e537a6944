"""Proposals of rings -> the chance that each is one, learned from the rings of the past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from engine.rings.candidates import Float32, Float64, Int64
from engine.rings.learning.boosting import Recipe, cross_fit
from engine.rings.learning.clustering import Proposals
from engine.rings.learning.pairs import Column, Pairs, Suspects, row_sums, symmetric
from engine.rings.overlap import SAME_RING, Owners

Bools = npt.NDArray[np.bool_]

_RANK = Recipe(trees=120, depth=4, rate=0.06, subsample=0.7, ridge=3.0)


def rank(
    suspects: Suspects, pairs: Pairs, proposals: Proposals, overlap: Float64, seed: int
) -> Float32:
    """Return the expected overlap of each proposal with a true ring, in [0, 1].

    Parameters
    ----------
    overlap
        float64, shape (n_proposals,): best Jaccard overlap of accounts with a ring of the past.
    """
    first = proposals.members[proposals.starts[:-1]]
    last = np.maximum.reduceat(proposals.members, proposals.starts[:-1])
    return cross_fit(
        ring_columns(suspects, pairs, proposals), overlap,
        suspects.block[first], suspects.block[last], _RANK, seed,
    )  # fmt: skip


class _Segments:
    """Sums, means and extremes over the members of each proposal."""

    def __init__(self, proposals: Proposals) -> None:
        self._starts = proposals.starts[:-1]
        self.size = np.diff(proposals.starts)
        self.number = np.repeat(np.arange(len(self.size)), self.size)

    def sum(self, value: Column) -> Column:
        return np.add.reduceat(np.asarray(value, np.float64), self._starts)

    def mean(self, value: Column) -> Column:
        return self.sum(value) / self.size

    def least(self, value: Column) -> Column:
        return np.minimum.reduceat(value, self._starts)

    def most(self, value: Column) -> Column:
        return np.maximum.reduceat(value, self._starts)


def ring_columns(suspects: Suspects, pairs: Pairs, proposals: Proposals) -> Float32:
    """Return the features of each proposal, float32, shape (n_proposals, n_features)."""
    over = _Segments(proposals)
    columns: list[Column] = [
        *_scores(suspects, proposals, over), *_cohesion(suspects, pairs, proposals, over),
        *_timing(suspects, proposals, over), *_shape(suspects, proposals, over),
        *_agreement(proposals, over), *_candidates(suspects, proposals, over),
    ]  # fmt: skip
    columns += [over.mean(column) for column in suspects.patterns[proposals.members].T]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _scores(suspects: Suspects, proposals: Proposals, over: _Segments) -> list[Column]:
    score = suspects.score[proposals.members]
    middle = np.lexsort((score, over.number))[proposals.starts[:-1] + over.size // 2]
    return [
        over.size, over.mean(score), over.least(score), over.most(score), over.sum(score),
        score[middle],
    ]  # fmt: skip


def _cohesion(
    suspects: Suspects, pairs: Pairs, proposals: Proposals, over: _Segments
) -> list[Column]:
    """Compare the links inside of a proposal with those that lead out of it."""
    links = symmetric(pairs.first, pairs.second, pairs.chance, len(suspects.edges))
    belongs = _membership(proposals, len(suspects.edges))
    inside = links[proposals.members].multiply(belongs[over.number])
    within = row_sums(inside)
    strongest = np.asarray(inside.max(axis=1).todense()).ravel()
    leaving = row_sums(links)[proposals.members] - within
    return [
        over.mean(within), over.mean(within) / np.maximum(over.size - 1, 1),
        over.least(strongest), over.mean(strongest), over.most(leaving),
        over.sum(leaving) / np.maximum(over.sum(leaving + within), 1e-9),
    ]  # fmt: skip


def _timing(suspects: Suspects, proposals: Proposals, over: _Segments) -> list[Column]:
    seconds = suspects.seconds[proposals.members]
    pause = np.diff(seconds, prepend=seconds[:1]) / suspects.window
    pause[proposals.starts[:-1]] = 0.0
    span = (over.most(seconds) - over.least(seconds)) / suspects.window
    return [span, over.most(pause), span / np.maximum(over.size - 1, 1)]


def _shape(suspects: Suspects, proposals: Proposals, over: _Segments) -> list[Column]:
    """Count accounts by what they do, how concentrated sending and receiving are, and repeats."""
    at = proposals.members
    width = np.int64(suspects.accounts)
    sends, receives = (
        np.unique(over.number * width + code[at], return_counts=True)
        for code in (suspects.sender, suspects.receiver)
    )
    accounts = np.unique(np.concatenate([sends[0], receives[0]]))
    n = np.bincount(accounts // width, minlength=len(proposals))
    mules = np.intersect1d(sends[0], receives[0])
    passing = np.bincount(mules // width, minlength=len(proposals)) / n
    pair = (over.number * width + suspects.sender[at]) * width + suspects.receiver[at]
    back = (over.number * width + suspects.receiver[at]) * width + suspects.sender[at]
    known, first = np.unique(pair, return_index=True)
    distinct = np.bincount(over.number[first], minlength=len(proposals))
    amount = suspects.log_amount[at].astype(np.float64)
    spread = np.sqrt(np.maximum(over.mean(amount**2) - over.mean(amount) ** 2, 0.0))
    return [
        n, *(_largest(part, width, len(proposals)) / over.size for part in (sends, receives)),
        passing, np.bincount(sends[0] // width, minlength=len(proposals)) / n,
        np.bincount(receives[0] // width, minlength=len(proposals)) / n,
        over.mean(np.isin(back, known)), distinct / over.size, over.size / n, spread,
    ]  # fmt: skip


def _largest(counted: tuple[Int64, Int64], width: np.int64, n: int) -> Int64:
    """Return the largest count of each proposal among keys ``proposal * width + account``."""
    most = np.zeros(n, np.int64)
    np.maximum.at(most, counted[0] // width, counted[1])
    return most


def _agreement(proposals: Proposals, over: _Segments) -> list[Column]:
    """Measure how far the ways to cut agree: the best Jaccard overlap with a cluster of each."""
    found: list[Column] = []
    for label in proposals.labels:
        size = np.bincount(label)
        key, shared = np.unique(
            over.number * np.int64(len(size)) + label[proposals.members], return_counts=True
        )
        number, cluster = key // len(size), key % len(size)
        best = np.zeros(len(proposals))
        np.maximum.at(best, number, shared / (over.size[number] + size[cluster] - shared))
        found.append(best)
    return [*found, np.mean(found, axis=0), np.min(found, axis=0)]


def _candidates(suspects: Suspects, proposals: Proposals, over: _Segments) -> list[Column]:
    """Compare with the matches of the detectors: the best Jaccard overlap, and its surprise."""
    if suspects.covered.nnz == 0:
        return [np.zeros(len(proposals))] * 3
    plain = suspects.covered.copy()
    plain.data[:] = 1.0
    shared = (_membership(proposals, len(suspects.edges)) @ plain).tocoo()
    size = np.asarray(plain.sum(axis=0)).ravel()
    overlap = shared.data / (over.size[shared.row] + size[shared.col] - shared.data)
    surprise = np.asarray(suspects.covered.max(axis=0).todense()).ravel()
    best, of_best = np.zeros(len(proposals)), np.zeros(len(proposals))
    np.maximum.at(best, shared.row, overlap)
    top = overlap >= best[shared.row]
    np.maximum.at(of_best, shared.row[top], surprise[shared.col[top]])
    return [best, of_best, over.mean(row_sums(plain)[proposals.members])]


def _membership(proposals: Proposals, n: int) -> csr_matrix:
    """Return 1.0 at (proposal, suspect) for each member."""
    number = np.repeat(np.arange(len(proposals)), np.diff(proposals.starts))
    place = (number, proposals.members)
    return csr_matrix((np.ones(len(number)), place), shape=(len(proposals), n))


def select(proposals: Proposals, accounts: Sequence[frozenset[int]], score: Float32) -> Int64:
    """Keep proposals, the best first, that are not the same ring as a better one.

    Two are the same when they share half of the smaller one's transfers, or have a Jaccard overlap
    of accounts of one half.
    """
    kept: list[int] = []
    with_account = Owners()
    with_member = Owners()
    for number in np.argsort(-score, kind="stable").tolist():
        members = proposals.of(number).tolist()
        twin = any(
            n / (len(accounts[number]) + len(accounts[other]) - n) >= SAME_RING
            for other, n in with_account.shared(accounts[number]).items()
        ) or any(
            n > SAME_RING * min(len(members), len(proposals.of(other)))
            for other, n in with_member.shared(members).items()
        )
        if not twin:
            kept.append(number)
            with_account.add(number, accounts[number])
            with_member.add(number, members)
    return np.array(kept, np.int64)


def best_cut(score: Float32, correct: Bools, true_rings: int) -> float:
    """Return the score at which the F1 of rings is best.

    Parameters
    ----------
    score, correct
        Of proposals that are no doubles: so each correct one finds a ring of its own.
    """
    order = np.argsort(-score, kind="stable")
    right = np.cumsum(correct[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + true_rings)
    return float(score[order[int(np.argmax(f1))]])
