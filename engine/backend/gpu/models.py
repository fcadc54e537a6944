"""Forests and boosted trees on the device: nvForest, cuML, XGBoost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import nvforest
import xgboost as xgb

from engine.backend.base import Array

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

    from engine.config import AnomalyConfig


def fit_forest(sample: npt.NDArray[np.float32], config: AnomalyConfig) -> IsolationForest:
    """Fit cuML's isolation forest and hand it on as scikit-learn's.

    Its random numbers are others than scikit-learn's: ranks agree, trees do not.
    """
    from cuml.ensemble import IsolationForest as DeviceForest

    fitted = DeviceForest(
        n_estimators=config.trees,
        max_samples=min(config.rows_per_tree, len(sample)),
        random_state=config.seed,
    ).fit(sample)
    model: IsolationForest = fitted.as_sklearn()
    return model


def forest(
    model: IsolationForest, xp: ModuleType, device: Literal["cpu", "gpu"]
) -> Callable[[Array], Array]:
    """Return the function that scores rows with scikit-learn's forest, on the device.

    nvForest gives the score of Liu, Ting and Zhou, in (0, 1): scikit-learn's with the other sign.
    """
    loaded = nvforest.load_from_sklearn(model, device=device)
    return lambda values: xp.asarray(loaded.predict(values)).ravel().astype(xp.float32)


def boost(
    parameters: dict[str, Any],
    values: Array,
    label: Array,
    weight: Array,
    rounds: int,
    callbacks: Sequence[Any],
) -> xgb.Booster:
    """Train gradient-boosted trees on rows that lie on the device."""
    data = xgb.QuantileDMatrix(values, label=label, weight=weight)
    settings = {**parameters, "device": "cuda"}
    return xgb.train(settings, data, num_boost_round=rounds, callbacks=list(callbacks))


def margin(booster: xgb.Booster, values: Array) -> Array:
    """Return the log-odds of rows on the device, without a copy to the CPU."""
    # A model read from a file computes on the CPU until it is told otherwise.
    booster.set_param({"device": "cuda"})
    return booster.inplace_predict(values, predict_type="margin")
