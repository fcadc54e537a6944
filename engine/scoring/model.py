"""Gradient boosting on labelled transactions: XGBoost with a split in time.

All positives and a sample of the negatives of the training part train the trees; the weights of
the sampled negatives restore the base rate. The scores of the next part calibrate the probability
(Platt, "Probabilistic outputs for support vector machines", 1999) and choose the threshold.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from sklearn.linear_model import LogisticRegression

from engine.backend import CPU, Backend, threads, to_host
from engine.config import ModelConfig
from engine.errors import InputError, RunError
from engine.features import FeatureMatrix, causal_names
from engine.lake import read_json, write_json
from engine.progress import Progress, silent
from engine.scoring.metrics import best_threshold
from engine.scoring.split import TimeSplit

Float32 = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int8]


#: Fewer frauds than this between training and test cannot choose a threshold.
MIN_CHOOSING = 10
_DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Model:
    """A trained transaction model.

    Attributes
    ----------
    booster
        The trees; they give log-odds.
    names
        Feature columns, in order.
    types
        Vocabulary of ``type_code``.
    slope, offset
        Calibration: probability = sigmoid(slope * log-odds + offset), slope > 0.
    threshold
        Probability from which a transaction counts as flagged.
    trained_on
        What it learned from, for the model card.
    """

    booster: xgb.Booster
    names: tuple[str, ...]
    types: tuple[str, ...]
    slope: float
    offset: float
    threshold: float
    trained_on: dict[str, Any]

    def probability(
        self, features: FeatureMatrix, progress: Progress = silent, backend: Backend = CPU
    ) -> Float32:
        """Return the fraud probability of every transaction, float32, shape (n,), on the CPU.

        Raises
        ------
        InputError
            If the input lacks columns the model was trained on.
        """
        missing = [name for name in self.names if name not in features.names]
        if missing:
            raise InputError(
                f"the model needs {', '.join(missing)}, which this input does not give; "
                "use a model trained on a file with the same columns"
            )
        out = np.empty(features.n_rows, np.float32)
        for part, values in features.chunks(self.names, size=1_000_000):
            odds = to_host(backend.margin(self.booster, backend.xp.asarray(values)))
            out[part] = _sigmoid(self.slope * odds + self.offset)
            progress(part.stop / len(out), f"gradient boosting, {part.stop:,} rows")
        return out

    def contributions(self, features: FeatureMatrix, rows: npt.NDArray[np.int64]) -> Float32:
        """Return TreeSHAP contributions to the log-odds, shape (n_rows, n_features).

        Lundberg et al., "From local explanations to global understanding with explainable AI for
        trees", 2020.
        """
        data = xgb.DMatrix(to_host(features.rows(rows, self.names)))
        return np.asarray(self.booster.predict(data, pred_contribs=True)[:, :-1], np.float32)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file."""
        card = {
            "names": list(self.names),
            "types": list(self.types),
            "slope": self.slope,
            "offset": self.offset,
            "threshold": self.threshold,
            "trained_on": self.trained_on,
            "trees": base64.b64encode(self.booster.save_raw("ubj")).decode(),
        }
        write_json(path, card)

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read a model that ``save`` wrote.

        Raises
        ------
        InputError
            If there is no such file, or it is not a model.
        """
        if not path.exists():
            raise InputError(
                f"model {path}: no such file; a run leaves one in runs/<id>/model.json"
            )
        try:
            card = read_json(path)
        except RunError as error:
            raise InputError(f"model {path}: this is not a model file of a run") from error
        if "trees" not in card:
            raise InputError(f"model {path}: this is not a model file of a run")
        booster = xgb.Booster(params={"nthread": threads()})
        booster.load_model(bytearray(base64.b64decode(card["trees"])))
        return cls(
            booster, tuple(card["names"]), tuple(card["types"]), card["slope"], card["offset"],
            card["threshold"], card["trained_on"],
        )  # fmt: skip


def train_model(
    features: FeatureMatrix,
    label: Labels,
    split: TimeSplit,
    config: ModelConfig,
    trained_on: dict[str, Any],
    progress: Progress = silent,
    backend: Backend = CPU,
) -> Model | None:
    """Train on the past part of the rows.

    Parameters
    ----------
    label
        int8, shape (n,), 1 = fraud. It is the target and nothing else.
    trained_on
        Notes for the model card.

    Returns
    -------
    Model or None
        None where the training part holds fewer than ``min_positives`` positive rows or no
        negative one.
    """
    names = causal_names(features)
    rows, weight = _training_rows(label[split.train], config)
    positives = int(label[rows].sum())
    if positives < config.min_positives or positives == len(rows):
        return None
    xp = backend.xp
    booster = backend.boost(
        {
            "objective": "binary:logistic", "tree_method": "hist",
            "max_depth": config.depth, "eta": config.learning_rate,
            "seed": config.seed, "max_delta_step": 1.0,
            # One feature can nearly settle PaySim; these keep the trees from leaning on it alone.
            "colsample_bynode": 0.5, "lambda": 10.0,
        },
        xp.asarray(features.rows(rows, names)), xp.asarray(label[rows]), xp.asarray(weight),
        config.trees, [_Report(config.trees, progress)],
    )  # fmt: skip
    chosen_rows = xp.asarray(features.rows(split.choose, names))
    odds = to_host(backend.margin(booster, chosen_rows))
    slope, offset = calibrate(label[split.choose], odds)
    chosen = _DEFAULT_THRESHOLD
    if int(label[split.choose].sum()) >= MIN_CHOOSING:
        chosen = best_threshold(label[split.choose], _sigmoid(slope * odds + offset))
    return Model(
        booster, names, features.types, slope, offset, chosen,
        {**trained_on, "rows": len(rows), "positives": positives, "train_rows": split.train_end},
    )  # fmt: skip


def calibrate(label: Labels, odds: Float32) -> tuple[float, float]:
    """Fit probability = sigmoid(slope * odds + offset) on rows the trees did not see.

    Returns (1, 0), no change, where fewer than 20 rows of a class leave nothing to fit, or where
    the fit would turn the order round.
    """
    positives = int(label.sum())
    if min(positives, len(label) - positives) < 20:
        return 1.0, 0.0
    fit = LogisticRegression(C=1e6).fit(odds.reshape(-1, 1).astype(np.float64), label)
    slope = float(fit.coef_[0, 0])
    return (slope, float(fit.intercept_[0])) if slope > 0 else (1.0, 0.0)


def _training_rows(
    label: Labels, config: ModelConfig
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    positive, negative = np.flatnonzero(label == 1), np.flatnonzero(label == 0)
    take = min(len(negative), config.max_negatives)
    sample = np.random.default_rng(config.seed).choice(negative, take, replace=False)
    rows = np.sort(np.concatenate([positive, sample]))
    weight = np.where(label[rows] == 1, 1.0, len(negative) / max(take, 1)).astype(np.float32)
    return rows, weight


def _sigmoid(odds: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


class _Report(xgb.callback.TrainingCallback):
    """Tells the progress callback after every tenth tree."""

    def __init__(self, trees: int, progress: Progress) -> None:
        super().__init__()
        self._trees, self._progress = trees, progress

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: Any) -> bool:
        if epoch % 10 == 0:
            self._progress(epoch / self._trees, f"training, tree {epoch} of {self._trees}")
        return False
