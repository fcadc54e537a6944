"""What a model looks at: the gain of its splits, and TreeSHAP on a sample of the test rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.columns import LABEL
from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.model_rows import Float32, Int64, picked, read, sample, split_of, why_not_measured
from engine.query.reason_words import title
from engine.query.run_model import explain, load_model
from engine.scoring.model import Model

Floats = npt.NDArray[np.float64]

#: Test rows that TreeSHAP is averaged over; a mean of so many moves by 2 % at most as a rule.
SAMPLE, FRAUDS = 2000, 300
_SEED = 7


@dataclass(frozen=True, slots=True)
class Importance:
    """What the run's transaction model looks at.

    Attributes
    ----------
    features
        ``feature, words, gain`` (share of the loss that splits on it took away), ``shap`` (mean
        of the sizes of its contributions to the calibrated log-odds on ``rows`` random test rows),
        ``fraud_shap`` (mean contribution, with its sign, on ``frauds`` random frauds of the test;
        missing without labels), and ``with_value``, the rank correlation of value and contribution
        (1: the higher, the riskier); the largest ``shap`` first.
    """

    features: pd.DataFrame
    rows: int
    frauds: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """How a run's transaction model was made.

    Attributes
    ----------
    features, trees
        How many it has.
    rows, positives
        That it was trained on, negatives sampled; ``train_rows`` is what they were drawn from.
    slope, offset
        Of the calibration: probability = sigmoid(slope * log-odds + offset).
    """

    features: int
    trees: int
    rows: int | None
    positives: int | None
    train_rows: int | None
    balances: str | None
    slope: float
    offset: float


def model_facts(paths: RunPaths) -> ModelFacts | None:
    """Return how the run's model was made; ``None`` where it has none."""
    model = load_model(paths)
    if model is None:
        return None
    told = model.trained_on
    return ModelFacts(
        features=len(model.names),
        trees=model.booster.num_boosted_rounds(),
        rows=told.get("rows"),
        positives=told.get("positives"),
        train_rows=told.get("train_rows"),
        balances=told.get("balances"),
        slope=model.slope,
        offset=model.offset,
    )


def importance(paths: RunPaths) -> Importance:
    """Return what the model of a run looks at.

    Raises
    ------
    InputError
        If the run has no model.
    """
    model = load_model(paths)
    if model is None:
        raise InputError(f"run {paths.run_id} has no model, so nothing to look at")
    test = split_of(paths).test
    drawn = sample(test, SAMPLE, _SEED)
    frauds = _frauds(paths, test)
    rows = np.union1d(drawn, frauds)
    values = picked(paths, model.names, rows)
    shares, _ = explain(model, values)
    own = np.isin(rows, drawn)
    found = pd.DataFrame(
        {
            "feature": model.names,
            "words": [title(name) for name in model.names],
            "gain": _gain(model),
            "shap": np.abs(shares[own]).mean(axis=0),
            "fraud_shap": shares[np.isin(rows, frauds)].mean(axis=0) if len(frauds) else np.nan,
            "with_value": _with_value(values[own], shares[own]),
        }
    )
    ordered = found.sort_values("shap", ascending=False, kind="stable", ignore_index=True)
    return Importance(ordered, len(drawn), len(frauds))


def _frauds(paths: RunPaths, test: slice) -> Int64:
    if why_not_measured(paths) is not None:
        return np.empty(0, np.int64)
    found: Int64 = np.flatnonzero(read(paths, [LABEL], test)[LABEL] == 1) + test.start
    return found[sample(slice(0, len(found)), FRAUDS, _SEED)]


def _gain(model: Model) -> Floats:
    """Return each feature's share of the total gain; 0 for one that no tree asks for."""
    told = model.booster.get_score(importance_type="total_gain")
    names = model.booster.feature_names or [f"f{i}" for i in range(len(model.names))]
    gain = np.array([float(np.sum(told.get(name, 0.0))) for name in names])
    shares: Floats = gain / max(gain.sum(), 1e-12)
    return shares


def _with_value(values: Float32, shares: Floats) -> Floats:
    """Return Spearman's rank correlation of each column; missing where one is constant."""
    left, right = (pd.DataFrame(one).rank() for one in (values, shares))
    is_moving = (left.std() > 0) & (right.std() > 0)
    return np.asarray(left.loc[:, is_moving].corrwith(right).reindex(left.columns), np.float64)
