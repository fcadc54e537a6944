"""What passed through the accounts of a ring, by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from engine.rings.candidates import Candidate
from engine.rings.evidence import pass_through, score_of_rows
from tests.engine.rows import Row, transactions, transfers_of

ROWS: list[Row] = [
    (0, "A", "M", 100.0), (2, "B", "M", 300.0), (5, "M", "N", 360.0), (9, "N", "Z", 270.0),
    (20, "P", "Q", 10.0), (21, "Q", "P", 9.0),
]  # fmt: skip


def evidence(*rows: int) -> dict[str, object]:
    transfers, accounts = transfers_of(transactions(ROWS))
    ring = Candidate("chain", np.array(rows), -1, 0.0, 0.0, 0.0)
    other = Candidate("chain", np.array([4]), -1, 0.0, 0.0, 0.0)
    return pass_through(transfers, [other, ring], accounts.names)[1]


def test_money_kept_and_time_taken_are_given_for_each_account_in_order() -> None:
    assert evidence(0, 1, 2, 3) == {
        # M got 400 at 1.5 hours, weighted by amount.
        "passed_on": [
            {"account": "M", "in_amount": 400.0, "out_amount": 360.0, "retention": 0.9,
             "hours": 3.5},
            {"account": "N", "in_amount": 360.0, "out_amount": 270.0, "retention": 0.75,
             "hours": 4.0},
        ],
        "retention": 0.825,
        "hours": 3.75,
    }  # fmt: skip


def test_where_nothing_is_passed_on_there_is_no_evidence() -> None:
    assert evidence(0, 1) == {}


def test_the_account_where_a_cycle_begins_passes_nothing_on() -> None:
    passed = evidence(4, 5)["passed_on"]
    assert isinstance(passed, list)
    assert [one["account"] for one in passed] == ["Q"]


def test_no_rings_have_no_evidence() -> None:
    transfers, accounts = transfers_of(transactions(ROWS))
    assert pass_through(transfers, [], accounts.names) == []


def test_a_transaction_carries_the_best_score_of_the_rings_it_proves() -> None:
    rings = pa.table({"ring_id": ["R1", "R2"], "score": [0.4, 0.9]})
    proof = pa.table({"ring_id": ["R1", "R1", "R2"], "tx_id": [30, 10, 10]})
    scores = score_of_rows(np.array([20, 10, 30]), rings, proof)
    assert scores.tolist() == pytest.approx([0.0, 0.9, 0.4])
    assert score_of_rows(np.array([20]), rings, proof.slice(0, 0)).tolist() == [0.0]
