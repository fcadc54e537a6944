"""The rule score: three signs, their weights, and what each needs to fire."""

from __future__ import annotations

import numpy as np
import pytest

from engine.config import RuleConfig
from engine.features.build import KNOWN_TYPES
from engine.scoring.rules import apply_rules
from tests.engine.rows import matrix

ALL = slice(None)
CASH_IN, TRANSFER = KNOWN_TYPES.index("CASH_IN"), KNOWN_TYPES.index("TRANSFER")


def test_the_score_is_the_share_of_the_weights_hit() -> None:
    features = matrix(
        amount=[2000.0, 1000.0, 50.0, 0.0],
        is_round=[1, 1, 0, 1],
        sender_balance_before=[100.0, 5000.0, 100.0, 0.0],
        sender_balance_left=[-1900.0, 4000.0, 50.0, 0.0],
    )
    hits = apply_rules(features, ALL, RuleConfig(high_amount_quantile=0.75))
    assert hits.amount_limit == 1250.0  # of 0, 50, 1000 and 2000: a quarter of the way to 2000
    assert hits.high_amount.tolist() == [True, False, False, False]
    assert hits.round_amount.tolist() == [True, True, False, False]
    assert hits.over_balance.tolist() == [True, False, False, False]
    assert hits.score == pytest.approx([1.0, 0.20 / 0.65, 0.0, 0.0])
    assert hits.score.dtype == np.float32


def test_the_limit_comes_from_the_training_rows_alone() -> None:
    features = matrix(amount=[1, 2, 3, 1e6, 1e6], is_round=[0] * 5)
    hits = apply_rules(features, slice(0, 3), RuleConfig(high_amount_quantile=1.0))
    assert hits.amount_limit == 3
    assert hits.high_amount.tolist() == [False, False, False, True, True]


def test_an_amount_at_the_limit_is_not_above_it() -> None:
    hits = apply_rules(matrix(amount=[7, 7, 7], is_round=[0] * 3), ALL, RuleConfig())
    assert not hits.high_amount.any()


def test_without_training_rows_no_amount_is_high() -> None:
    hits = apply_rules(matrix(amount=[1, 1e9], is_round=[0, 0]), slice(0, 0), RuleConfig())
    assert not hits.high_amount.any()


def test_a_cash_in_fills_the_account_and_breaks_no_balance() -> None:
    features = matrix(
        amount=[10, 10],
        is_round=[0, 0],
        type_code=[CASH_IN, TRANSFER],
        sender_balance_before=[0, 0],
        sender_balance_left=[-10, -10],
    )
    assert apply_rules(features, ALL, RuleConfig()).over_balance.tolist() == [False, True]


def test_an_unknown_balance_breaks_no_rule() -> None:
    features = matrix(
        amount=[10], is_round=[0], sender_balance_before=[-1], sender_balance_left=[-1]
    )
    assert not apply_rules(features, ALL, RuleConfig()).over_balance.any()


def test_an_input_without_balances_is_scored_by_the_other_rules() -> None:
    hits = apply_rules(matrix(amount=[1000], is_round=[1]), ALL, RuleConfig())
    assert hits.score == pytest.approx([0.20 / 0.65])


def test_weights_are_those_of_the_settings() -> None:
    config = RuleConfig(high_amount_weight=0.0, round_weight=1.0, balance_weight=3.0)
    hits = apply_rules(matrix(amount=[1000], is_round=[1]), ALL, config)
    assert hits.score == pytest.approx([0.25])
