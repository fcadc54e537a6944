"""Transactions -> the chance that each is part of a ring, honest for every row.

First a quick model on a few columns leaves out transfers that cannot matter; then a model reads
window, pattern and candidate features; then a second one reads the first one's scores of the
neighbours as well. All are cross-fitted over blocks of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.features import FeatureMatrix
from engine.features.batch import batch_columns, quick_columns
from engine.progress import Progress
from engine.rings.candidates import Candidate, Float32, Int64, Transfers
from engine.rings.learning.boosting import Recipe, cross_fit, time_blocks
from engine.rings.learning.coverage import coverage_columns
from engine.rings.learning.graph import TransferGraph, transfer_graph
from engine.rings.learning.neighbours import neighbour_columns
from engine.rings.learning.patterns import pattern_columns
from engine.rings.learning.truth import Labels

#: Pairs that meet more often are left out as far as this share of the labelled ones stays.
_KEPT_PAIRS = 0.98
#: Share of the labelled transfers that must pass the quick model.
_KEPT_QUICK = 0.99
#: Transfers that pass in any case: where there are so few, all are looked at in full.
_FEW = 60_000
#: Most transfers in the graph; a larger input is cut to the pairs that meet least.
_MOST = 4_000_000
_QUICK = Recipe(trees=40, depth=5, rate=0.2, colsample=1.0, max_negatives=40_000)
_FIRST = Recipe(trees=80, depth=6, rate=0.15)
_SECOND = Recipe(trees=80, depth=6, rate=0.15)
#: Columns of the feature matrix that tell of the transaction alone, not of its history.
_OWN = ("amount", "log_amount", "is_round", "type_code")


@dataclass(frozen=True, slots=True)
class ScoredEdges:
    """The transfers looked at, and what was found.

    Attributes
    ----------
    graph
        Transfers between pairs that seldom meet.
    score
        float32, shape (n_edges,): chance to be part of a ring, 0 where the quick model said no.
    block
        int64, shape (n_edges,): block of time of each edge.
    patterns
        float32, shape (n_edges, n_patterns): pattern features, 0 where they were not computed.
    """

    graph: TransferGraph
    score: Float32
    block: Int64
    patterns: Float32


def score_edges(
    transfers: Transfers,
    features: FeatureMatrix,
    label: Labels,
    candidates: Sequence[Candidate],
    past_end: int,
    window: int,
    seed: int,
    progress: Progress,
) -> ScoredEdges:
    """Score the transfers between pairs that seldom meet.

    Parameters
    ----------
    past_end
        Labels of this and later rows are not read.
    """
    rare = _rare_rows(transfers, label[:past_end])
    graph = transfer_graph(transfers, rare)
    past = graph.rows < past_end
    target = np.zeros(len(graph.rows), np.float32)
    target[past] = label[graph.rows[past]] == 1
    block = time_blocks(graph.rows, past_end)
    asked = _worth_a_look(transfers, graph, target, block, window, seed)
    progress(0.2, f"{len(asked):,} of {len(graph.rows):,} rare transfers looked at")
    patterns = pattern_columns(graph, asked, window)
    progress(0.3, "patterns")
    values = _table(transfers, features, candidates, graph, asked, patterns, window)
    progress(0.4, f"{values.shape[1]} features")

    def fitted(columns: Float32, recipe: Recipe) -> Float32:
        score = np.zeros(len(graph.rows), np.float32)
        blocks = block[asked]
        score[asked] = cross_fit(columns, target[asked], blocks, blocks, recipe, seed)
        return score

    first = fitted(values, _FIRST)
    progress(0.7, "first scores")
    near = neighbour_columns(graph, first, asked, window)
    score = fitted(np.concatenate([values, near], axis=1), _SECOND)
    progress(1.0, "second scores")
    every = np.zeros((len(graph.rows), patterns.shape[1]), np.float32)
    every[asked] = patterns
    return ScoredEdges(graph, score, block, every)


def _rare_rows(transfers: Transfers, past_label: Labels) -> Int64:
    """Return the rows of pairs that meet no more often than labelled pairs do."""
    other = transfers.sender != transfers.receiver
    meets = np.sort(transfers.pair_total[: len(past_label)][past_label == 1])
    most = int(meets[min(int(len(meets) * _KEPT_PAIRS), len(meets) - 1)])
    if int(((transfers.pair_total <= most) & other).sum()) > _MOST:
        most = int(np.sort(transfers.pair_total[other])[_MOST]) - 1
    return np.flatnonzero((transfers.pair_total <= most) & other)


def _worth_a_look(
    transfers: Transfers, graph: TransferGraph, target: Float32, block: Int64, window: int,
    seed: int,
) -> Int64:  # fmt: skip
    """Return the edges that pass the quick model, ascending."""
    if len(graph.rows) <= _FEW:
        return np.arange(len(graph.rows))
    values = quick_columns(
        np, graph.sender, graph.receiver, graph.seconds, transfers.minor_units[graph.rows],
        transfers.pair_total[graph.rows], window,
    )  # fmt: skip
    table = np.stack(list(values.values()), axis=1)
    score = cross_fit(table, target, block, block, _QUICK, seed)
    marked = np.sort(score[target > 0])
    cut = marked[int(len(marked) * (1 - _KEPT_QUICK))] if len(marked) else 0.0
    cut = min(cut, np.partition(score, len(score) - _FEW)[len(score) - _FEW])
    return np.flatnonzero(score >= cut)


def _table(
    transfers: Transfers, features: FeatureMatrix, candidates: Sequence[Candidate],
    graph: TransferGraph, asked: Int64, patterns: Float32, window: int,
) -> Float32:  # fmt: skip
    rows = graph.rows[asked]
    rare = np.zeros(len(transfers.sender), bool)
    rare[graph.rows] = True
    windows = batch_columns(
        np, transfers.sender, transfers.receiver, transfers.seconds, transfers.minor_units,
        rare, rows, window,
    )  # fmt: skip
    own = [name for name in features.names if name in _OWN or name.startswith("x_")]
    return np.concatenate(
        [
            patterns,
            np.stack(list(windows.values()), axis=1),
            coverage_columns(candidates, graph, len(transfers.sender))[asked],
            features.rows(rows, own),
            transfers.pair_total[rows, None].astype(np.float32),
        ],
        axis=1,
    )
