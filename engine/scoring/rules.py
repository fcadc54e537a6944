"""The rule score: three transparent signs, each shown to the analyst as a reason.

Signs and weights are the original design's. Its "balance inconsistency" compared balances after
the transaction; those give the label away on PaySim, so ours is what a bank sees beforehand: a
debit of more than the sender's balance. The percentile comes from the training part of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.config import RuleConfig
from engine.features import FeatureMatrix
from engine.features.build import KNOWN_TYPES

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RuleHits:
    """Which rows each rule hits, and the score they add up to.

    Attributes
    ----------
    high_amount, round_amount, over_balance
        bool, shape (n,).
    score
        float32, shape (n,), in [0, 1]: the sum of the weights of the rules hit, over all weights.
    amount_limit
        The percentile that ``high_amount`` compares with, in currency units.
    """

    high_amount: Bools
    round_amount: Bools
    over_balance: Bools
    score: npt.NDArray[np.float32]
    amount_limit: float


def apply_rules(features: FeatureMatrix, train: slice, config: RuleConfig) -> RuleHits:
    """Apply the rules to every transaction; the rows of ``train`` set the percentile."""
    amount = features.column("amount")
    past = amount[train]
    limit = float(np.quantile(past, config.high_amount_quantile)) if len(past) else np.inf
    high = amount > limit
    round_amount = (features.column("is_round") > 0) & (amount > 0)
    over = np.zeros(len(amount), bool)
    if "sender_balance_left" in features.names:
        known = features.column("sender_balance_before") >= 0
        over = known & (features.column("sender_balance_left") < 0)
        if "type_code" in features.names:  # a cash-in fills the sender's account
            over &= features.column("type_code") != KNOWN_TYPES.index("CASH_IN")
    weights = (config.high_amount_weight, config.round_weight, config.balance_weight)
    score = sum(w * hit for w, hit in zip(weights, (high, round_amount, over), strict=True))
    return RuleHits(high, round_amount, over, np.asarray(score / sum(weights), np.float32), limit)
