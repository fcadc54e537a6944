"""The scorer of a run: it scores single transactions as the run would.

NumPy alone. It holds the causal model (the one that sees earlier transactions only), the
isolation forest with its percentiles, the rules, the blend, and the members of alerting rings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.config import RiskConfig, RuleConfig
from engine.realtime.boosting import Boosting
from engine.realtime.profile import Profile
from engine.realtime.rings import Context, Membership, RingLink, ring_evidence, ring_links
from engine.realtime.row import FeatureSpec, feature_row
from engine.realtime.transaction import Transaction
from engine.scoring.blend import base_risk, with_ring_evidence
from engine.scoring.detector import Detector

Float32 = npt.NDArray[np.float32]

_CASH_IN = "CASH_IN"


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The causal model: trees, and what turns log-odds into a probability.

    Attributes
    ----------
    names
        Columns of the trees, in order.
    slope, offset
        probability = sigmoid(slope * log-odds + offset).
    threshold
        Probability from which a transaction counts as flagged.
    """

    trees: Boosting
    names: tuple[str, ...]
    slope: float
    offset: float
    threshold: float
    trained_on: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """A transaction's scores.

    Attributes
    ----------
    row
        Its features, in the order of the scorer's names.
    hits
        Which rules it breaks: ``high_amount``, ``round_amount``, ``over_balance``.
    probability
        None where the scorer has no model.
    base_risk, risk
        Before and after ring evidence.
    links
        Rings it touches, the strongest evidence first.
    """

    row: Float32
    hits: tuple[str, ...]
    rule: float
    anomaly: float
    probability: float | None
    base_risk: float
    risk: float
    links: tuple[RingLink, ...]


@dataclass(frozen=True)
class Scorer:
    """Scores single transactions.

    Attributes
    ----------
    run_id
        The run it comes from.
    last_time
        Seconds of the run's last transaction.
    spec
        Features, in the order of the run's matrix.
    amount_limit, anomaly_limit
        From where an amount is high, and an anomaly score abnormal.
    members, contexts
        Accounts of alerting rings.
    version
        Name of its content; a scorer has one once it was read from its file.
    """

    run_id: str
    last_time: int
    spec: FeatureSpec
    detector: Detector
    model: Calibrated | None
    rules: RuleConfig
    risk: RiskConfig
    amount_limit: float
    anomaly_limit: float
    members: dict[str, tuple[Membership, ...]]
    contexts: dict[str, Context]
    version: str = ""

    def score(self, sender: Profile, receiver: Profile, transaction: Transaction) -> Scored:
        """Score a transaction, given what is known of both ends from earlier ones."""
        row = feature_row(self.spec, sender, receiver, transaction)
        hits, rule = self._rules(row)
        anomaly = self.detector.percentile(row[self._seen_by_forest])
        probability = self._probability(row)
        base = base_risk(_one(rule), _one(anomaly), _known(probability), self.risk)
        links = ring_links(
            self.members.get(transaction.sender, ()), self.members.get(transaction.receiver, ())
        )
        risk = with_ring_evidence(base, _one(ring_evidence(links)), self.risk)
        return Scored(
            row, hits, float(rule), float(anomaly), probability, float(base[0]), float(risk[0]),
            links,
        )  # fmt: skip

    def contributions(self, scored: Scored) -> dict[str, float]:
        """Return what each feature adds to the calibrated log-odds; empty without a model."""
        if self.model is None:
            return {}
        shares = self.model.trees.contributions(scored.row[self._seen_by_trees])
        return dict(zip(self.model.names, (shares * self.model.slope).tolist(), strict=True))

    def value(self, scored: Scored, name: str) -> float:
        """Return one feature of a scored transaction."""
        return float(scored.row[self._place[name]])

    def _rules(self, row: Float32) -> tuple[tuple[str, ...], np.float32]:
        def at(name: str) -> np.float32:
            return np.float32(row[self._place[name]])

        amount = at("amount")
        over = False
        if "sender_balance_left" in self._place:
            over = bool(at("sender_balance_before") >= 0 and at("sender_balance_left") < 0)
            if "type_code" in self._place:  # a cash-in fills the sender's account
                over &= int(at("type_code")) != self.spec.types.index(_CASH_IN)
        hit = {
            "high_amount": bool(amount > np.float32(self.amount_limit)),
            "round_amount": bool(at("is_round") > 0 and amount > 0),
            "over_balance": over,
        }
        rules = self.rules
        weights = (rules.high_amount_weight, rules.round_weight, rules.balance_weight)
        score = sum(w * h for w, h in zip(weights, hit.values(), strict=True)) / sum(weights)
        return tuple(name for name, is_hit in hit.items() if is_hit), np.float32(score)

    def _probability(self, row: Float32) -> float | None:
        if self.model is None:
            return None
        odds = np.float32(self.model.trees.margin(row[self._seen_by_trees]))
        calibrated = self.model.slope * odds + self.model.offset
        return float(1.0 / (1.0 + np.exp(-calibrated)))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.spec.names)}

    @cached_property
    def _seen_by_forest(self) -> npt.NDArray[np.int64]:
        return np.array([self._place[name] for name in self.detector.columns], np.int64)

    @cached_property
    def _seen_by_trees(self) -> npt.NDArray[np.int64]:
        names = () if self.model is None else self.model.names
        return np.array([self._place[name] for name in names], np.int64)


def _one(value: float | np.float32) -> Float32:
    return np.array([value], np.float32)


def _known(value: float | None) -> Float32 | None:
    return None if value is None else _one(value)
