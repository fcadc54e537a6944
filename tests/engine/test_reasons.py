"""Reasons in an analyst's words, and the JSON they are kept as."""

from __future__ import annotations

import json

import pytest

from engine.alerts.reasons import (
    Reason,
    amount_in_words,
    describe_feature,
    to_json,
    within,
)
from engine.config import FeatureConfig
from tests.engine.rows import features_of, transactions


def every_feature() -> tuple[str, ...]:
    """Return the names of all features the engine can make."""
    zeros = [0.0]
    table = transactions(
        [(0, "A", "B", 1)], type=["PAYMENT"], x_V1=zeros,
        sender_balance_before=zeros, sender_balance_after=zeros,
        receiver_balance_before=zeros, receiver_balance_after=zeros,
    )  # fmt: skip
    return features_of(table, FeatureConfig(balances="all")).names


def test_reasons_are_kept_with_exactly_the_contracts_keys() -> None:
    kept = json.loads(to_json([Reason("fan", "Many payers", 7.0, 5.0, (1, 2)), Reason("x", "y")]))
    assert kept == [
        {"code": "fan", "text": "Many payers", "value": 7.0, "threshold": 5.0, "tx_ids": [1, 2]},
        {"code": "x", "text": "y", "value": None, "threshold": None, "tx_ids": []},
    ]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.0, "at the same time"), (0.001, "within 1 minute"), (0.75, "within 45 minutes"),
        (1.0, "within 1 hour"), (6.2, "within 6 hours"), (71.0, "within 71 hours"),
        (72.0, "within 3 days"), (240.0, "within 10 days"),
    ],
)  # fmt: skip
def test_a_duration_is_said_as_an_analyst_would(hours: float, words: str) -> None:
    assert within(hours) == words


def test_an_amount_has_grouped_digits_and_two_decimals() -> None:
    assert amount_in_words(1234567.5) == "1,234,567.50"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("amount", 1234.5, "the amount 1,234.50"),
        ("hour", 3.0, "the hour of the day, 3:00"),
        ("pair_n", 12.0, "earlier transactions between the two, 12"),
        ("sender_gap_hours", 5.0, "time since the sender's last payment, 5 h"),
        ("sender_gap_hours", -1.0, "the sender has not paid before"),
        ("receiver_balance_before", -1.0, "the receiver's balance is not known"),
        ("sender_out_n_24h", 3.0, "transactions sent by the sender in the 24 h before, 3"),
        ("receiver_in_sum_all", 9.5, "amount received by the receiver before, 9.50"),
        ("x_V14", -2.3456, "V14 = -2.35"),
    ],
)
def test_a_feature_is_put_into_words(name: str, value: float, words: str) -> None:
    assert describe_feature(name, value) == words


@pytest.mark.parametrize("value", [-1.0, 0.0, 1234.5])
def test_every_causal_feature_has_words_of_its_own(value: float) -> None:
    """Columns of the input keep their name, and so do balances after the fact."""
    after = ("_balance_after", "_balance_error")
    for name in every_feature():
        words = describe_feature(name, value)
        assert words
        if not name.startswith("x_") and not name.endswith(after):
            assert "_" not in words
            assert "=" not in words
