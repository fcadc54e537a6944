"""The rule score: three transparent signs, each shown to the analyst as a reason.

Signs and weights are the original design's. Its "balance inconsistency" compared balances after
the transaction; those give the label away on PaySim, so ours is what a bank sees beforehand: a
debit of more than the sender's balance. The percentile comes from the training part of the rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from engine.backend import CPU, Array, Backend, to_host
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


def apply_rules(
    features: FeatureMatrix, train: slice, config: RuleConfig, backend: Backend = CPU
) -> RuleHits:
    """Apply the rules to every transaction; the rows of ``train`` set the percentile."""
    amount = backend.xp.asarray(features.column("amount"))
    limit = quantile(amount[train], config.high_amount_quantile, backend.xp)
    return hit_rules(features, limit, config, backend)


def hit_rules(
    features: FeatureMatrix, limit: float, config: RuleConfig, backend: Backend = CPU
) -> RuleHits:
    """Apply the rules to every transaction, given the amount from which one is high."""
    xp = backend.xp

    def column(name: str) -> Array:
        return xp.asarray(features.column(name))

    amount = column("amount")
    high = amount > limit
    round_amount = (column("is_round") > 0) & (amount > 0)
    over = xp.zeros(len(amount), dtype=bool)
    if "sender_balance_left" in features.names:
        known = column("sender_balance_before") >= 0
        over = known & (column("sender_balance_left") < 0)
        if "type_code" in features.names:  # a cash-in fills the sender's account
            over &= column("type_code") != KNOWN_TYPES.index("CASH_IN")
    hits = (to_host(high), to_host(round_amount), to_host(over))
    weights = (config.high_amount_weight, config.round_weight, config.balance_weight)
    score = sum(w * hit for w, hit in zip(weights, hits, strict=True))
    return RuleHits(*hits, np.asarray(score / sum(weights), np.float32), limit)


def quantile(values: Array, share: float, xp: ModuleType = np) -> float:
    """Return the quantile between the two nearest values; infinite where there are none.

    Both backends pick the very values, so they agree to the last digit.
    """
    if len(values) == 0:
        return float("inf")
    position = share * (len(values) - 1)
    below, above = math.floor(position), math.ceil(position)
    ordered = xp.partition(values, (below, above))
    low, high = float(ordered[below]), float(ordered[above])
    return low + (high - low) * (position - below)
