"""What speaks for a risk beside the model's features: rings, rules, unusualness; and its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.amounts import ROUND_MULTIPLE
from engine.columns import (
    AMOUNT,
    ANOMALY_SCORE,
    FINAL_RISK,
    FRAUD_PROBABILITY,
    IS_ANOMALY,
    RULE_SCORE,
    SENDER_BEFORE,
    TX_ID,
    TYPE,
)
from engine.config import Config
from engine.lake import RunPaths
from engine.query.database import fetch, require

#: A smaller share is called "under" it.
_LEAST_SHOWN = 0.0001
#: Scores have 32 bits; what is left beside them is no ring's.
_ROUNDING = 1e-6

_RINGS_OF_TX = """
SELECT ring_id, typology, score FROM read_parquet($rings) SEMI JOIN (
    SELECT ring_id FROM read_parquet($ring_transactions) WHERE tx_id = $tx_id) USING (ring_id)
ORDER BY score DESC, ring_id
"""
_RINGS_OF_ACCOUNT = """
SELECT ring_id, typology, score, members.role,
       (SELECT list(proof.tx_id ORDER BY proof.tx_id) FROM read_parquet($ring_transactions) AS proof
        WHERE proof.ring_id = rings.ring_id) AS tx_ids
FROM read_parquet($rings) AS rings JOIN read_parquet($ring_accounts) AS members USING (ring_id)
WHERE members.account = $account ORDER BY score DESC, ring_id
"""


@dataclass(frozen=True, slots=True)
class RiskReason:
    """One reason.

    Attributes
    ----------
    code
        Stable name: the feature, or what else speaks for a risk.
    text
        The reason in words, with its direction and its size.
    contribution
        What it adds to the calibrated log-odds of the model; of an account the mean over its
        riskiest transactions. ``None`` for what is no part of the model.
    value, threshold
        What was measured and what it was compared with, if anything.
    tx_ids
        The transactions it rests on.
    """

    code: str
    text: str
    contribution: float | None
    value: float | None
    threshold: float | None
    tx_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RiskPart:
    """What one score adds to the final risk: ``points`` of it, all parts sum to the risk."""

    name: str
    score: float
    points: float


def others_of(
    tx: pd.Series, rings: pd.DataFrame, manifest: dict[str, Any], config: Config
) -> Iterator[RiskReason]:
    ids = (int(tx[TX_ID]),)
    for ring in rings.to_dict("records"):
        text = f"It proves the {_kind(ring['typology'])} ring {ring['ring_id']}"
        limit = config.rings.ring_alert_threshold
        yield RiskReason("ring", text, None, float(ring["score"]), limit, ids)
    probability, limit = probability_of(tx), manifest.get("metrics", {}).get("threshold")
    if probability is not None:
        shown = f"{probability:.2%}" if probability >= _LEAST_SHOWN else f"under {_LEAST_SHOWN:.2%}"
        text = f"The model gives it a probability of {shown}"
        yield RiskReason("model", text, None, probability, limit, ids)
    yield from _rules(tx, config, ids)
    yield from unusual_of(pd.DataFrame([tx]))


def _rules(tx: pd.Series, config: Config, ids: tuple[int, ...]) -> Iterator[RiskReason]:
    """Yield the rules that fired; a high amount is what the score holds beside the others."""
    rules, amount = config.rules, float(tx[AMOUNT])
    weights = rules.high_amount_weight + rules.round_weight + rules.balance_weight
    is_round = bool(tx.get("is_round", 0)) and amount > 0
    is_known = not pd.isna(tx.get(SENDER_BEFORE, np.nan)) and "sender_balance_left" in tx
    over = is_known and tx["sender_balance_left"] < 0 and tx.get(TYPE) != "CASH_IN"
    rest = float(tx[RULE_SCORE]) * weights
    rest -= rules.round_weight * is_round + rules.balance_weight * over
    if rest > rules.high_amount_weight / 2:
        text = f"The amount is above {rules.high_amount_quantile:.0%} of all amounts"
        yield RiskReason("high_amount", text, None, amount, None, ids)
    if is_round:
        text = f"The amount is a multiple of {ROUND_MULTIPLE:,}"
        yield RiskReason("round_amount", text, None, amount, float(ROUND_MULTIPLE), ids)
    if over:
        text = "The amount is more than the sender's balance"
        yield RiskReason("over_balance", text, None, amount, float(tx[SENDER_BEFORE]), ids)


def unusual_of(rows: pd.DataFrame) -> Iterator[RiskReason]:
    unusual = rows[rows[IS_ANOMALY].astype(bool)]
    if unusual.empty:
        return
    top = max(1 - float(unusual[ANOMALY_SCORE].max()), _LEAST_SHOWN)
    ids = tuple(unusual[TX_ID].astype(int).tolist())
    what = "It is" if len(rows) == 1 else f"{len(ids)} of {len(rows)} transactions looked at are"
    text = f"{what} among the most unusual of the run, up to the top {top:.2%}"
    yield RiskReason("anomaly", text, None, float(unusual[ANOMALY_SCORE].max()), None, ids)


def account_rings(paths: RunPaths, account: str, own: set[int]) -> Iterator[RiskReason]:
    if not paths.rings.exists():
        return
    given = {
        "rings": require(paths.rings), "ring_accounts": require(paths.ring_accounts),
        "ring_transactions": require(paths.ring_transactions), "account": account,
    }  # fmt: skip
    for ring in fetch(_RINGS_OF_ACCOUNT, given).to_dict("records"):
        text = f"It is in the {_kind(ring['typology'])} ring {ring['ring_id']}, as {ring['role']}"
        ids = tuple(int(one) for one in ring["tx_ids"] if one in own)
        yield RiskReason("ring", text, None, float(ring["score"]), None, ids)


def rings_of(paths: RunPaths, tx_id: int) -> pd.DataFrame:
    if not paths.rings.exists():
        return pd.DataFrame(columns=["ring_id", "typology", "score"])
    files = {"rings": paths.rings, "ring_transactions": paths.ring_transactions}
    return fetch(_RINGS_OF_TX, {n: require(f) for n, f in files.items()} | {"tx_id": tx_id})


def parts_of(tx: pd.Series, config: Config) -> tuple[RiskPart, ...]:
    """Take the blend of :mod:`engine.scoring.blend` apart; what is beyond it came from rings."""
    probability, risk = probability_of(tx), config.risk
    scores = {"Unusualness": float(tx[ANOMALY_SCORE]), "Rules": float(tx[RULE_SCORE])}
    weights: Sequence[float] = risk.without_model
    if probability is not None:
        scores, weights = {"Model": probability, **scores}, risk.with_model
    parts = [
        RiskPart(name, score, weight * score)
        for (name, score), weight in zip(scores.items(), weights, strict=True)
    ]
    blended = sum(part.points for part in parts)
    beyond = float(tx[FINAL_RISK]) - blended
    if abs(beyond) < _ROUNDING:
        return tuple(parts)
    ring_score = beyond / max((1 - blended) * risk.ring_share, 1e-9)
    return (*parts, RiskPart("Rings", min(max(ring_score, 0.0), 1.0), beyond))


def probability_of(tx: pd.Series) -> float | None:
    found = tx.get(FRAUD_PROBABILITY)
    return None if found is None or pd.isna(found) else float(found)


def _kind(typology: str) -> str:
    return str(typology).replace("_", " ")
