"""The same model with and without balances, beside the one-line rule."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from engine.accounts import encode_accounts
from engine.config import Config
from engine.evaluation.feature_sets import compare_feature_sets, empties
from engine.features.build import KNOWN_TYPES
from tests.engine.rows import matrix, transactions

CONFIG = Config().override({"model": {"trees": 10, "depth": 3}})
RULE = "one-line rule (amount equals the balance before)"


def emptied(rows: int = 400) -> pa.Table:
    """Return transfers of which every eighth empties the sender's account, and is fraud."""
    fraud = np.arange(rows) % 8 == 0
    rng = np.random.default_rng(3)
    amount = rng.integers(10, 500, rows).astype(float)
    before = np.where(fraud, amount, amount + rng.integers(1, 5000, rows))
    return transactions(
        [(i, f"S{i}", f"T{i % 50}", a) for i, a in enumerate(amount)],
        type=["TRANSFER"] * rows,
        sender_balance_before=before.tolist(),
        label=fraud.astype(int).tolist(),
    )


def test_balances_before_tell_what_the_amount_alone_does_not() -> None:
    table = emptied()
    figures = compare_feature_sets(table, encode_accounts(table), CONFIG)
    assert figures["no balances"]["roc_auc"] < 0.8
    assert figures["balances before (the default)"]["roc_auc"] > 0.95


def test_the_rule_is_judged_on_the_same_rows_and_comes_beside_them() -> None:
    table = emptied()
    figures = compare_feature_sets(table, encode_accounts(table), CONFIG)
    assert figures[RULE]["precision"] == figures[RULE]["recall"] == 1.0
    assert len({entry["rows"] for entry in figures.values()}) == 1
    assert len({entry["positives"] for entry in figures.values()}) == 1


def test_too_few_frauds_leave_nothing_to_compare() -> None:
    table = emptied(80)
    assert compare_feature_sets(table, encode_accounts(table), CONFIG) == {}


@pytest.mark.parametrize(
    ("kind", "emptied", "expected"),
    [("TRANSFER", 1, 1.0), ("CASH_OUT", 1, 1.0), ("PAYMENT", 1, 0.0), ("TRANSFER", 0, 0.0)],
)
def test_the_rule_needs_a_transfer_or_cash_out_of_the_whole_balance(
    kind: str, emptied: int, expected: float
) -> None:
    features = matrix(type_code=[KNOWN_TYPES.index(kind)], empties_sender=[emptied])
    assert empties(features).tolist() == [expected]
