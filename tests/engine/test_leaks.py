"""Figures with and without columns that give the label away, from what a run has kept."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from engine.accounts import encode_accounts
from engine.config import Config
from engine.errors import InputError
from engine.evaluation.feature_sets import compare_feature_sets
from engine.evaluation.leaks import compare_kept, read_comparison, record_path, why_not_compared
from engine.evaluation.leaks_job import comparison_state, start_comparison
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.pipeline import run
from engine.plan import plan
from tests.small_run import write_small_run

pytestmark = pytest.mark.slow

PAYSIM = Path(__file__).parents[1] / "data" / "paysim_sample.csv"
QUICK: dict[str, Any] = {"model": {"trees": 20, "min_positives": 5}}
BEFORE = "balances before (the default)"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def paysim(lake: Lake) -> RunPaths:
    run(lake, plan(lake, PAYSIM, config=Config().override(QUICK), run_id="paysim"))
    return lake.run("paysim")


def test_figures_are_those_of_features_made_anew(paysim: RunPaths) -> None:
    transactions = pq.read_table(paysim.prepped)
    anew = compare_feature_sets(
        transactions, encode_accounts(transactions), Config().override(QUICK)
    )
    assert compare_kept(paysim)["sets"] == anew


def test_the_default_set_has_the_figures_of_the_run(paysim: RunPaths) -> None:
    told = read_json(paysim.manifest)["metrics"]
    found = compare_kept(paysim)["sets"][BEFORE]
    assert found == {name: told[name] for name in found}


def test_the_record_is_of_the_run_as_it_is_now(paysim: RunPaths) -> None:
    record = compare_kept(paysim)
    assert read_comparison(paysim) == record
    told = read_json(paysim.manifest)
    write_json(paysim.manifest, told | {"seconds": -1})
    assert read_comparison(paysim) is None
    write_json(paysim.manifest, told)
    assert read_comparison(paysim) == record
    assert not list(record_path(paysim).parent.glob("features-*"))


def test_a_process_of_its_own_compares(lake: Lake, paysim: RunPaths) -> None:
    record_path(paysim).unlink(missing_ok=True)
    assert comparison_state(paysim).state == "none"
    start_comparison(lake, "paysim")
    deadline = time.monotonic() + 120
    while comparison_state(paysim).state == "running" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert comparison_state(paysim).state == "done"
    assert read_comparison(paysim) is not None


def test_without_figures_there_is_nothing_to_compare(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path)
    assert "without labels" in str(why_not_compared(paths))
    with pytest.raises(InputError, match="nothing to compare"):
        compare_kept(paths)
