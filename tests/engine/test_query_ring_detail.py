"""One ring in full, the rings it shares accounts with, and a comparison of two."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from engine.lake import RunPaths
from engine.query.ring_detail import (
    LookalikeCheck,
    PassedOn,
    compare_roles,
    get_ring,
    related_rings,
    shared_transactions,
)
from tests.small_run import write_small_run

CHECK = {"code": "payroll", "title": "Payroll", "innocent": True, "text": "paid monthly",
         "value": 1.0, "limit": 0.5}  # fmt: skip
PASSED = {"account": "H", "in_amount": 350.0, "out_amount": 300.0, "retention": 0.857, "hours": 6.0}


def _append(path: Path, row: dict[str, object]) -> None:
    frame = pd.read_parquet(path)
    pd.concat([frame, pd.DataFrame([row])], ignore_index=True).to_parquet(path)


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """Return the small run, its second ring sharing account A and transaction 1 with the first."""
    paths = write_small_run(tmp_path)
    _append(paths.ring_accounts, {"ring_id": "R00002", "account": "A", "role": "mule"})
    _append(paths.ring_transactions, {"ring_id": "R00002", "tx_id": 1})
    rings = pd.read_parquet(paths.rings)
    rings["n_accounts"] = [4, 3]
    rings["checks"] = [json.dumps([CHECK]), "[]"]
    rings["evidence"] = [json.dumps({"passed_on": [PASSED]}), "{}"]
    rings = rings.assign(learned=[True, False], surprise=[4.5, 0.0])
    rings.to_parquet(paths.rings)
    return paths


def test_a_ring_carries_its_checks_and_what_passed_through(run: RunPaths) -> None:
    ring = get_ring(run, "R00001")
    assert ring.checks == (LookalikeCheck("payroll", "Payroll", True, "paid monthly"),)
    assert ring.passed_on == (PassedOn("H", 350.0, 300.0, 0.857, 6.0),)
    assert (ring.learned, ring.surprise) == (True, 4.5)


def test_a_run_that_wrote_no_evidence_still_opens(tmp_path: Path) -> None:
    ring = get_ring(write_small_run(tmp_path), "R00001")
    assert (ring.checks, ring.passed_on, ring.learned) == ((), (), False)


def test_related_rings_share_accounts(run: RunPaths) -> None:
    [other] = related_rings(run, "R00001").to_dict("records")
    assert (other["ring_id"], other["shared"]) == ("R00002", 1)
    assert other["jaccard"] == pytest.approx(1 / 6)


def test_roles_in_both_rings_stand_first(run: RunPaths) -> None:
    roles = compare_roles(run, "R00001", "R00002")
    rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in roles.to_numpy()]
    assert rows == [
        ("A", "source", "mule"), ("B", "source", None), ("H", "collector", None),
        ("X", "exit", None), ("P", None, "source"), ("Q", None, "exit"),
    ]  # fmt: skip


def test_transactions_that_prove_both_are_counted(run: RunPaths) -> None:
    assert shared_transactions(run, "R00001", "R00002") == 1
