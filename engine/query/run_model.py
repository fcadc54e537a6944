"""The model of a run and rows of its features, as the run left them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

from engine.config import Config
from engine.lake import RunPaths, read_json
from engine.query.database import fetch, require
from engine.realtime.row import UNKNOWN
from engine.scoring.model import Model

Float32 = npt.NDArray[np.float32]

_ROWS = "SELECT * FROM read_parquet($augmented) WHERE tx_id IN (SELECT unnest($tx_ids::BIGINT[]))"

#: The trees of one model are asked by one thread at a time.
_ASKING = Lock()


def load_model(paths: RunPaths) -> Model | None:
    """Return the run's transaction model; ``None`` where it has none, without labels for instance.

    Raises
    ------
    InputError
        If the file is there and is not a model.
    """
    if not paths.model.exists():
        return None
    return _load(str(paths.model), paths.model.stat().st_mtime_ns)


def explain(model: Model, values: Float32) -> tuple[npt.NDArray[np.float64], float]:
    """Return what each feature adds to the calibrated log-odds, and where these begin.

    Parameters
    ----------
    values
        float32, shape (n_rows, n_features), in the order of the model's names.

    Returns
    -------
    (float64 of shape (n_rows, n_features), float)
        The contributions (TreeSHAP, times the slope of the calibration), and the log-odds where no
        feature is known; together they are the logarithm of the odds of the probability.

    References
    ----------
    Lundberg et al., "From local explanations to global understanding with explainable AI for
    trees", 2020.
    """
    with _ASKING:
        told = model.booster.predict(xgb.DMatrix(values), pred_contribs=True)
    found = np.asarray(told, np.float64)
    base = float(found[0, -1]) if len(found) else 0.0
    return found[:, :-1] * model.slope, base * model.slope + model.offset


def rows_of(paths: RunPaths, tx_ids: Sequence[int]) -> pd.DataFrame:
    """Return transactions with all that the run knows of them, in the order asked for.

    Raises
    ------
    RunError
        If the run's files are missing.
    """
    given = {"augmented": require(paths.augmented), "tx_ids": list(tx_ids)}
    found = fetch(_ROWS, given).drop_duplicates("tx_id").set_index("tx_id", drop=False)
    return found.loc[[tx_id for tx_id in tx_ids if tx_id in found.index]].reset_index(drop=True)


def feature_values(rows: pd.DataFrame, names: Sequence[str]) -> Float32:
    """Return features as the model saw them, float32, shape (n_rows, n_features).

    Where a canonical column is a feature too, a missing value is the -1 that stands for "unknown".
    """
    columns = [rows[name].to_numpy(np.float64, na_value=np.nan) for name in names]
    values = np.column_stack(columns) if columns else np.empty((len(rows), 0))
    return np.nan_to_num(values, nan=UNKNOWN).astype(np.float32)


def manifest_of(paths: RunPaths) -> dict[str, Any]:
    """Return the run's manifest."""
    return read_json(Path(require(paths.manifest)))


def config_of(manifest: dict[str, Any]) -> Config:
    """Return the settings a run was made with."""
    sections = manifest["config"].items()
    return Config().override({name: told for name, told in sections if isinstance(told, dict)})


@lru_cache(maxsize=8)
def _load(path: str, _changed: int) -> Model:
    return Model.load(Path(path))
