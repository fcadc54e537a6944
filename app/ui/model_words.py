"""What the Model page calls things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.ui import format as fmt
from engine.query.model_rows import Score
from engine.query.run_model import config_of

SCORES: dict[Score, str] = {
    "fraud_probability": "Model",
    "final_risk": "Final risk",
    "anomaly_score": "Unusualness",
    "rule_score": "Rules",
}
MEANINGS: dict[Score, str] = {
    "fraud_probability": "The probability that the run's model gives.",
    "final_risk": "The blend of model, unusualness, rules, and ring evidence by which transactions "
    "are ranked; it is no probability.",
    "anomaly_score": "The rank of unusualness by the isolation forest, which saw no label.",
    "rule_score": "The weight of the rules that fired, which saw no label.",
}

LEARNED_RINGS = (
    "The chance to be part of a ring, from models that learned rings and see what came before and "
    "after a transaction. The test rows had no share in it."
)


def test_rows(run: Mapping[str, Any], rows: int, positives: int) -> str:
    """Say on which rows a run is measured."""
    counted = f"{fmt.count(rows)} transactions, {fmt.count(positives)} of them fraud"
    config = config_of(dict(run)).model
    if config.use:
        return f"Measured on all {counted}: the model is of another run and has seen none of them."
    share = fmt.share(1 - config.train - config.choose, decimals=0)
    return (
        f"Measured on the last {share} of the rows in time ({counted}). No model was trained on "
        "them, and the threshold was chosen on rows before them."
    )
