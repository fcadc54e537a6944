"""Connected components of the risky transactions: the usual way from scores to rings."""

from __future__ import annotations

import numpy as np

from engine.evaluation.peers.data import Int64, PeerInput, PeerResult
from engine.evaluation.peers.grouping import (
    SECONDS_PER_DAY,
    WINDOW_DAYS,
    sized,
    temporal_components,
)
from engine.features import FeatureMatrix
from engine.scoring.anomaly import anomaly_scores
from engine.scoring.metrics import measure
from engine.scoring.model import train_model

#: Without labels: the most abnormal share of the transactions. Laundering is 0.3 to 1.7 % of the
#: public sets; the share is not fitted to any of them.
RISKY_SHARE = 0.005


def components(given: PeerInput) -> dict[str, PeerResult]:
    """Join the riskiest transactions in time.

    Without labels the isolation forest ranks them; with labels gradient boosting on the causal
    features does, cut at the threshold chosen before the test period.
    """
    if given.label is not None:
        name = "causal model, temporal components"
        return {name: learned_components(given, given.features)}
    score = anomaly_scores(given.features, given.split.train, given.config.anomaly)
    take = max(1, int(len(score) * RISKY_SHARE))
    risky = np.sort(np.argsort(-score, kind="stable")[:take])
    note = f"the {RISKY_SHARE:.1%} most abnormal transactions"
    return {
        "isolation forest, temporal components": PeerResult(_joined(given, risky, score), note=note)
    }


def learned_components(given: PeerInput, features: FeatureMatrix, note: str = "") -> PeerResult:
    """Train gradient boosting on features, flag transactions and join the flagged ones in time.

    Trained, calibrated and cut on the same rows as the model of the runs, with the same settings.
    """
    if given.label is None:
        raise ValueError("there are no labels to learn from")
    model = train_model(features, given.label, given.split, given.config.model, {})
    if model is None:
        return PeerResult([], note="too few labels in the first part to train on")
    score = model.probability(features)
    test = given.split.test
    figures = measure(given.label[test], score[test], model.threshold)
    return PeerResult(
        _joined(given, np.flatnonzero(score >= model.threshold), score),
        figures.to_dict() if figures is not None else {},
        note,
    )


def _joined(given: PeerInput, rows: Int64, score: np.ndarray) -> list[Int64]:
    """Return temporal components of a ring's size, by mean score."""
    sender, receiver = given.accounts.sender, given.accounts.receiver
    groups = temporal_components(
        sender, receiver, given.seconds, rows, WINDOW_DAYS * SECONDS_PER_DAY
    )
    rings = sized(sender, receiver, groups)
    return sorted(rings, key=lambda part: -float(score[part].mean()))
