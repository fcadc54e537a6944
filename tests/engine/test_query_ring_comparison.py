"""Which rings are worth comparing, and what two rings have in common."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.lake import RunPaths
from engine.query.ring_comparison import compare_roles, related_rings, shared_transactions
from tests.small_run import write_small_run


def _append(path: Path, *rows: dict[str, object]) -> None:
    frame = pd.read_parquet(path)
    pd.concat([frame, pd.DataFrame(rows)], ignore_index=True).to_parquet(path)


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """Return the small run, its second ring sharing account A and transaction 1 with the first."""
    paths = write_small_run(tmp_path)
    _append(paths.ring_accounts, {"ring_id": "R00002", "account": "A", "role": "mule"})
    _append(paths.ring_transactions, {"ring_id": "R00002", "tx_id": 1})
    pd.read_parquet(paths.rings).assign(n_accounts=[4, 3]).to_parquet(paths.rings)
    return paths


def test_related_rings_share_accounts(run: RunPaths) -> None:
    [other] = related_rings(run, "R00001").to_dict("records")
    assert (other["ring_id"], other["shared"]) == ("R00002", 1)
    assert other["jaccard"] == pytest.approx(1 / 6)


def test_of_rings_that_share_nothing_the_most_alike_come_first(run: RunPaths) -> None:
    # R00001 is a fan-in of 4 accounts and 650.
    _append(
        run.rings,
        {"ring_id": "R3", "typology": "cycle", "score": 0.9, "n_accounts": 4, "amount": 650.0},
        {"ring_id": "R4", "typology": "fan_in", "score": 0.2, "n_accounts": 8, "amount": 1300.0},
        {"ring_id": "R5", "typology": "fan_in", "score": 0.2, "n_accounts": 8, "amount": 650.0},
    )
    related = related_rings(run, "R00001")
    assert list(related["ring_id"]) == ["R00002", "R5", "R4", "R3"]
    assert list(related["shared"]) == [1, 0, 0, 0]


def test_roles_in_both_rings_stand_first(run: RunPaths) -> None:
    roles = compare_roles(run, "R00001", "R00002")
    rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in roles.to_numpy()]
    assert rows == [
        ("A", "source", "mule"), ("B", "source", None), ("H", "collector", None),
        ("X", "exit", None), ("P", None, "source"), ("Q", None, "exit"),
    ]  # fmt: skip


def test_transactions_that_prove_both_are_told(run: RunPaths) -> None:
    assert shared_transactions(run, "R00001", "R00002") == [1]
