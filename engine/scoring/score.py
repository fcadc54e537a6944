"""Features -> scores: the stage that puts the three scores of a transaction together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.backend import CPU, Backend
from engine.config import Config
from engine.features import FeatureMatrix
from engine.lake import read_json, replacing, write_json
from engine.progress import Progress, silent
from engine.scoring.anomaly import find_anomalies
from engine.scoring.blend import base_risk
from engine.scoring.detector import Detector
from engine.scoring.metrics import measure
from engine.scoring.model import MIN_CHOOSING, Labels, Model, train_model
from engine.scoring.rules import apply_rules
from engine.scoring.split import split_in_time

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of every transaction, each float32 in [0, 1], shape (n,).

    Attributes
    ----------
    probability
        None without a model. Where rings were learned from labels it is the chance to be part of
        a ring, seen from both sides in time; else the model's, which sees earlier rows only.
    base
        The blend before ring evidence.
    amount_limit
        The amount above which the rule "high amount" fires, in currency units.
    anomaly_limit
        The ``anomaly`` value above which a row counts as an anomaly.
    threshold
        The probability from which a transaction counts as flagged; None without a model.
    metrics
        Figures on the test part; empty without labels. ``family`` tells whose ``probability`` they
        judge, ``causal`` or ``batch``; those of the causal model stand under ``causal`` then.
    notes
        Sentences for people: why there is no model, for instance.
    detector
        What made ``anomaly``, for transactions that come later.
    """

    rule: Float32
    anomaly: Float32
    probability: Float32 | None
    base: Float32
    amount_limit: float
    anomaly_limit: float
    threshold: float | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    detector: Detector | None = None

    @property
    def sees_rings(self) -> bool:
        """Whether ``probability`` was learned from rings, with both sides in time."""
        return self.metrics.get("family") == "batch"

    @property
    def is_anomaly(self) -> npt.NDArray[np.bool_]:
        """Rows among the most abnormal ``contamination`` share."""
        return self.anomaly > self.anomaly_limit

    def save(self, folder: Path) -> None:
        """Write the scores into a checkpoint folder."""
        arrays = {"rule": self.rule, "anomaly": self.anomaly, "base": self.base}
        if self.probability is not None:
            arrays["probability"] = self.probability
        with replacing(folder / "scores.npz") as part, part.open("wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]
        if self.detector is not None:
            with replacing(folder / "detector.npz") as part, part.open("wb") as stream:
                np.savez(stream, **self.detector.arrays())  # type: ignore[arg-type]
        write_json(
            folder / "scores.json",
            {
                "amount_limit": self.amount_limit,
                "anomaly_limit": self.anomaly_limit,
                "threshold": self.threshold,
                "metrics": self.metrics,
                "notes": list(self.notes),
            },
        )

    @classmethod
    def load(cls, folder: Path) -> Scores:
        """Read the scores back from a checkpoint folder."""
        meta = read_json(folder / "scores.json")
        with np.load(folder / "scores.npz") as arrays:
            probability = arrays.get("probability")
            rule, anomaly, base = arrays["rule"], arrays["anomaly"], arrays["base"]
        return cls(
            rule, anomaly, probability, base, meta["amount_limit"], meta["anomaly_limit"],
            meta["threshold"], meta["metrics"], tuple(meta["notes"]),
            Detector.load(folder / "detector.npz"),
        )  # fmt: skip


def score_transactions(
    features: FeatureMatrix,
    label: Labels | None,
    config: Config,
    trained_on: dict[str, Any],
    progress: Progress = silent,
    backend: Backend = CPU,
) -> tuple[Scores, Model | None]:
    """Score every transaction; the scores come back to the CPU, wherever they were computed.

    Parameters
    ----------
    label
        int8, shape (n,), or None. Labels train and judge the model; they enter no feature.
    trained_on
        Notes for the model card of a model trained here.
    """
    split = split_in_time(features.n_rows, config.model)
    rules = apply_rules(features, split.train, config.rules, backend)
    progress(0.02, "rules")
    anomaly, detector = find_anomalies(
        features, split.train, config.anomaly, lambda s, m: progress(0.02 + 0.38 * s, m), backend
    )
    model, notes = _model(features, label, config, trained_on, progress, backend)
    probability = None
    if model is not None:
        probability = model.probability(features, lambda s, m: progress(0.7 + 0.3 * s, m), backend)
    base = base_risk(rules.score, anomaly, probability, config.risk)
    metrics: dict[str, Any] = {}
    if label is not None and model is not None and probability is not None:
        # A model of another run has seen none of these rows: all of them are a test.
        test = slice(0, split.rows) if config.model.use else split.test
        figures = measure(label[test], probability[test], model.threshold)
        if figures is None:
            notes = (*notes, "no metrics: the test rows hold only one class")
        else:
            metrics.update({"family": "causal", **figures.to_dict()})
            metrics["anomaly_roc_auc"] = _auc(label[test], anomaly[test])
            metrics["final_risk_roc_auc"] = _auc(label[test], base[test])
    return Scores(
        rules.score, anomaly, probability, base, rules.amount_limit,
        1.0 - config.anomaly.contamination, None if model is None else model.threshold,
        metrics, notes, detector,
    ), model  # fmt: skip


def with_learned_rings(
    scores: Scores, probability: Float32, threshold: float, label: Labels, config: Config
) -> Scores:
    """Put the probability that was learned from rings in the place of the causal model's.

    Parameters
    ----------
    probability
        float32, shape (n,); the rows of the test part had no share in it.
    threshold
        Chosen on earlier rows.
    """
    base = base_risk(scores.rule, scores.anomaly, probability, config.risk)
    test = split_in_time(len(label), config.model).test
    metrics: dict[str, Any] = {"family": "batch", "threshold": threshold}
    figures = measure(label[test], probability[test], threshold)
    if figures is not None:
        metrics |= figures.to_dict()
        metrics["anomaly_roc_auc"] = _auc(label[test], scores.anomaly[test])
        metrics["final_risk_roc_auc"] = _auc(label[test], base[test])
    metrics["causal"] = scores.metrics
    return replace(scores, probability=probability, threshold=threshold, base=base, metrics=metrics)


def _model(
    features: FeatureMatrix,
    label: Labels | None,
    config: Config,
    trained_on: dict[str, Any],
    progress: Progress,
    backend: Backend,
) -> tuple[Model | None, tuple[str, ...]]:
    if config.model.use:
        return Model.load(Path(config.model.use)), (f"scored by the model {config.model.use}",)
    if label is None:
        return None, ("no labels: no model was trained, the anomaly and rule scores stand",)
    split = split_in_time(len(label), config.model)
    model = train_model(
        features, label, split, config.model, trained_on,
        lambda s, m: progress(0.4 + 0.3 * s, m), backend,
    )  # fmt: skip
    if model is None:
        return None, (
            f"fewer than {config.model.min_positives} labelled frauds in the first "
            f"{config.model.train:.0%} of the rows: no model was trained",
        )
    if int(label[split.choose].sum()) < MIN_CHOOSING:
        return model, (
            f"fewer than {MIN_CHOOSING} labelled frauds in the rows that choose the threshold: "
            f"{model.threshold} is used",
        )
    return model, ()


def _auc(label: Labels, score: Float32) -> float | None:
    figures = measure(label, score, 1.0)
    return None if figures is None else round(figures.roc_auc, 6)
