"""The same model with and without balances, beside the one-line rule, on the same split."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from engine.accounts import Accounts
from engine.backend import CPU
from engine.columns import LABEL
from engine.config import BalanceUse, Config
from engine.features import FeatureMatrix, build_features
from engine.features.build import KNOWN_TYPES
from engine.scoring.metrics import measure
from engine.scoring.model import train_model
from engine.scoring.split import split_in_time

#: Use of balances to the name of the set of features.
FEATURE_SETS: dict[BalanceUse, str] = {
    "none": "no balances",
    "before": "balances before (the default)",
    "all": "all balances (after the fact: they give the label away)",
}
#: The one-line rule, as a name beside the sets.
RULE = "one-line rule (amount equals the balance before)"


def compare_feature_sets(
    transactions: pa.Table, accounts: Accounts | None, config: Config
) -> dict[str, dict[str, Any]]:
    """Train and judge one model for each use of balances.

    Returns
    -------
    dict
        Name of the feature set to its test figures; the one-line rule (a TRANSFER or CASH_OUT
        whose amount equals the balance before) is the last entry.
    """
    label = transactions[LABEL].to_numpy()
    split = split_in_time(len(label), config.model)
    table: dict[str, dict[str, Any]] = {}
    for use, name in FEATURE_SETS.items():
        features = build_features(
            transactions, accounts, replace(config.features, balances=use), CPU
        )
        model = train_model(features, label, split, config.model, {})
        if model is None:
            continue
        figures = measure(
            label[split.test], model.probability(features)[split.test], model.threshold
        )
        if figures is not None:
            table[name] = figures.to_dict()
        if use == "before" and "empties_sender" in features.names:
            rule = measure(label[split.test], empties(features)[split.test], 0.5)
            if rule is not None:
                table[RULE] = rule.to_dict()
    return table


def empties(features: FeatureMatrix) -> np.ndarray:
    """Return 1.0 where a TRANSFER or CASH_OUT takes exactly the sender's balance, else 0.0."""
    kinds = [KNOWN_TYPES.index("TRANSFER"), KNOWN_TYPES.index("CASH_OUT")]
    moved_out = np.isin(features.column("type_code"), kinds)
    taken: np.ndarray = moved_out & (features.column("empties_sender") > 0)
    return taken.astype(np.float64)
