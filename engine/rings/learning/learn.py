"""Labels of the past -> rings of the whole run, and a score for every transaction.

Four models learn one after the other, each cross-fitted over blocks of time: is a transfer part of
a ring (``edges``), do two transfers prove the same ring (``pairs``), and is a cluster of them a
ring (``ranking``). Labels from ``past_end`` on are never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.features import FeatureMatrix
from engine.progress import Progress, silent
from engine.rings.candidates import Candidate, Float32, Int64, Transfers, members
from engine.rings.learning.boosting import BLOCKS
from engine.rings.learning.clustering import Proposals, propose
from engine.rings.learning.coverage import coverage_matrix, proven
from engine.rings.learning.edges import ScoredEdges, score_edges
from engine.rings.learning.pairs import Suspects, link_suspects
from engine.rings.learning.ranking import best_cut, rank, select
from engine.rings.learning.shape import Namer
from engine.rings.learning.truth import Labels, past_rings, ring_accounts, why_not_learn
from engine.rings.overlap import SAME_RING, best_overlaps
from engine.scoring.metrics import best_threshold

Bools = npt.NDArray[np.bool_]

#: Transfers from this share of the threshold on are looked at when rings are pieced together.
_SUSPICIOUS = 0.1
#: Fewer rings of the past than this cannot choose a cut.
_MIN_RINGS = 5
_DEFAULT_CUT = 0.5
_SEED = 7
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Lesson:
    """What may be learned from.

    Attributes
    ----------
    features
        Of which only columns of the transaction itself are read.
    label
        int8, shape (n,), 1 = fraud.
    ring
        int64, shape (n,), the true ring, -1 = none; None where only fraud is labelled.
    past_end
        First row whose label must not be read.
    """

    features: FeatureMatrix
    label: Labels
    ring: Int64 | None
    past_end: int


@dataclass(frozen=True, slots=True)
class LearnedRings:
    """What was learned.

    Attributes
    ----------
    probability
        float32, shape (n,): chance of each transaction to be part of a ring. In the past each is
        scored by a model that did not see its block of time.
    threshold
        The probability at which F1 was best in the past.
    rings
        Rings, with scores in [0, 1]: one half is the score at which F1 was best in the past.
    notes
        Sentences for people.
    """

    probability: Float32
    threshold: float
    rings: list[Candidate]
    notes: tuple[str, ...]


def learn_rings(
    transfers: Transfers,
    lesson: Lesson,
    candidates: Sequence[Candidate],
    window: int,
    progress: Progress = silent,
) -> LearnedRings | str:
    """Learn from the rings of the past.

    Parameters
    ----------
    candidates
        Matches of the typology detectors.
    window
        Longest duration of a ring in seconds.

    Returns
    -------
    LearnedRings or str
        A sentence on why not, where the labels do not form rings.
    """
    reason = why_not_learn(transfers, lesson.label, lesson.past_end, window)
    if reason is not None:
        return reason
    shaped = proven(candidates)
    edges = score_edges(
        transfers, lesson.features, lesson.label, shaped, lesson.past_end, window, _SEED,
        lambda s, m: progress(0.8 * s, m),
    )  # fmt: skip
    probability = np.zeros(len(transfers.sender), np.float32)
    probability[edges.graph.rows] = edges.score
    past = slice(0, lesson.past_end)
    threshold = best_threshold(lesson.label[past], probability[past])
    truth = past_rings(transfers, lesson.label, lesson.ring, lesson.past_end, window)
    rings = _piece_together(
        transfers, edges, shaped, truth, threshold, window, lambda s, m: progress(0.8 + 0.2 * s, m)
    )
    note = (
        f"rings were learned from {len(ring_accounts(transfers, truth)):,} labelled rings in the "
        f"first {lesson.past_end:,} transactions"
    )
    if lesson.ring is None:
        note += (
            "; the input does not say which fraud belongs together, so labelled transactions "
            "that share an account and are close in time count as one ring"
        )
    return LearnedRings(probability, threshold, rings, (note,))


def _piece_together(
    transfers: Transfers, edges: ScoredEdges, shaped: Sequence[Candidate], truth: Int64,
    threshold: float, window: int, progress: Progress,
) -> list[Candidate]:  # fmt: skip
    graph = edges.graph
    suspects = Suspects.choose(
        graph, edges.score, edges.block, edges.patterns,
        coverage_matrix(shaped, graph, len(truth)), _SUSPICIOUS * threshold, window,
    )  # fmt: skip
    rows = graph.rows[suspects.edges]
    if len(rows) == 0:
        return []
    pairs = link_suspects(suspects, truth[rows], _SEED)
    progress(0.4, f"{len(pairs.first):,} pairs of {len(rows):,} suspicious transfers")
    ends = np.stack([suspects.sender, suspects.receiver], axis=1)
    proposals = propose(pairs, len(rows), suspects.matched(), ends, _SEED)
    if len(proposals) == 0:
        return []
    accounts = [
        frozenset(members(transfers, rows[proposals.of(i)]).tolist()) for i in range(len(proposals))
    ]
    known = ring_accounts(transfers, truth)
    overlap = best_overlaps(accounts, known)
    score = rank(suspects, pairs, proposals, overlap, _SEED)
    progress(0.9, f"{len(proposals):,} proposals of rings")
    kept = select(proposals, accounts, score)
    judged = kept[_whole(proposals, kept, suspects.block)]
    cut = _DEFAULT_CUT
    if len(known) >= _MIN_RINGS and len(judged):
        cut = best_cut(score[judged], overlap[judged] >= SAME_RING, len(known))
    namer = Namer(transfers, shaped)
    return [
        namer.name(np.sort(rows[proposals.of(i)]), _centred(float(score[i]), cut)) for i in kept
    ]


def _whole(proposals: Proposals, kept: Int64, block: Int64) -> Bools:
    """Tell which proposals end in the past: only these can be judged by its labels."""
    return np.array([block[proposals.of(i)].max() < BLOCKS for i in kept], bool)


def _centred(score: float, cut: float) -> float:
    """Move a score on the scale of log-odds so that the cut becomes one half."""
    score, cut = (min(max(value, _LEAST), 1 - _LEAST) for value in (score, cut))
    return 1 / (1 + (1 - score) / score * cut / (1 - cut))
