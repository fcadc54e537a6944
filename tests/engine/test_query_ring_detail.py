"""One ring in full, with the evidence that its run wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from engine.lake import RunPaths
from engine.query.ring_detail import PassedOn, get_ring
from engine.rings.lookalikes import Check
from tests.small_run import write_small_run

CHECK = {"code": "payroll", "title": "Payroll", "innocent": True, "text": "paid monthly",
         "value": 1.0, "limit": 0.5}  # fmt: skip
PASSED = {"account": "H", "in_amount": 350.0, "out_amount": 300.0, "retention": 0.857, "hours": 6.0}


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """Return the small run with checks and evidence of its first ring."""
    paths = write_small_run(tmp_path)
    rings = pd.read_parquet(paths.rings)
    rings["checks"] = [json.dumps([CHECK]), "[]"]
    rings["evidence"] = [json.dumps({"passed_on": [PASSED]}), "{}"]
    rings = rings.assign(learned=[True, False], surprise=[4.5, 0.0])
    rings.to_parquet(paths.rings)
    return paths


def test_a_ring_carries_its_checks_and_what_passed_through(run: RunPaths) -> None:
    ring = get_ring(run, "R00001")
    assert ring.checks == (Check("payroll", "Payroll", True, "paid monthly", 1.0, 0.5),)
    assert ring.passed_on == (PassedOn("H", 350.0, 300.0, 0.857, 6.0),)
    assert (ring.learned, ring.surprise) == (True, 4.5)


def test_a_run_that_wrote_no_evidence_still_opens(tmp_path: Path) -> None:
    ring = get_ring(write_small_run(tmp_path), "R00001")
    assert (ring.checks, ring.passed_on, ring.learned) == ((), (), False)


@pytest.mark.parametrize(
    ("code", "innocent", "score"),
    [("payroll", False, 0.27), ("payroll", True, 0.9), ("no_longer_tested", True, None)],
)
def test_the_score_without_the_explanations_that_fit_is_told(
    run: RunPaths, code: str, innocent: bool, score: float | None
) -> None:
    rings = pd.read_parquet(run.rings)
    check = CHECK | {"code": code, "innocent": innocent}
    rings.assign(score=0.27, checks=json.dumps([check])).to_parquet(run.rings)
    # Payroll leaves 0.3 of a score.
    assert get_ring(run, "R00001").unexplained_score == (score and pytest.approx(score))
