"""How risk moved between two runs: shares, the stability index, and bands, by hand."""

from __future__ import annotations

import time
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from engine.errors import InputError
from engine.lake import Lake, read_json, write_json
from engine.query.score_shift import band_moves, score_shift, stability_index
from engine.tables import write_table
from tests.small_run import write_small_run


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """The small run twice; in ``new`` row 1 fell from 0.9 to 0.2, row 6 rose from 0.6 to 0.95."""
    for run_id in ("old", "new"):
        write_small_run(tmp_path, run_id=run_id)
    lake = Lake.open(tmp_path)
    path = lake.run("new").augmented
    table = pd.read_parquet(path)
    table["final_risk"] = [0.2, 0.8, 0.7, 0.95, 0.8, 0.95]
    table.to_parquet(path, index=False)
    return lake


def test_the_shares_of_each_bin_add_up(lake: Lake) -> None:
    bins = score_shift(lake, "new", "old").bins.set_index("low")
    assert len(bins) == 20
    assert bins["share"].sum() == pytest.approx(1)
    # Old: 0.6, 0.7, 0.8, 0.8, 0.9, 0.95. A value on an edge is in the bin above it.
    assert bins["other_share"][[0.6, 0.7, 0.8, 0.9, 0.95]].tolist() == pytest.approx(
        [1 / 6, 1 / 6, 2 / 6, 1 / 6, 1 / 6]
    )
    assert bins["share"][[0.2, 0.6, 0.95]].tolist() == pytest.approx([1 / 6, 0, 2 / 6])


def test_runs_that_are_alike_have_no_shift(lake: Lake) -> None:
    assert score_shift(lake, "old", "old").psi == 0


def test_the_index_is_that_of_the_shares() -> None:
    # p = 1/4, 3/4 and q = 1/2, 1/2: (1/4 - 1/2) ln(1/2) + (3/4 - 1/2) ln(3/2) = 0.25 ln 3
    assert stability_index(np.array([1, 3]), np.array([2, 2])) == pytest.approx(0.25 * log(3))


def test_an_empty_bin_counts_as_half_a_value() -> None:
    expected = (1 - 0.5) * log(1 / 0.5) + (0.125 - 0.5) * log(0.125 / 0.5)
    assert stability_index(np.array([4, 0]), np.array([2, 2])) == pytest.approx(expected)


def test_fine_bins_are_joined_to_ten_of_equal_size() -> None:
    baseline = np.full(1000, 3)
    moved = np.zeros(1000, int)
    moved[::2] = 6  # within the tenths nothing moved
    assert stability_index(moved, baseline) == pytest.approx(0)
    shifted = baseline.copy()
    shifted[:100], shifted[900:] = 6, 0  # the last tenth went to the first
    assert stability_index(shifted, baseline) == pytest.approx(
        (0.2 - 0.1) * log(2) + (0.5 / 3000 - 0.1) * log((0.5 / 3000) / 0.1)
    )


def test_bands_are_counted_from_where_to_where(lake: Lake) -> None:
    moves = band_moves(lake, "new", "old")
    assert moves.index.tolist() == ["Critical", "High", "Medium", "Low"]
    assert moves.to_numpy().tolist() == [[1, 0, 0, 1], [0, 2, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]


def test_bands_of_rows_in_another_order_are_joined_by_id(lake: Lake) -> None:
    expected = band_moves(lake, "new", "old")
    path = lake.run("old").augmented
    pd.read_parquet(path).iloc[::-1].to_parquet(path, index=False)
    assert band_moves(lake, "new", "old").equals(expected)
    pd.read_parquet(path).iloc[:-1].to_parquet(path, index=False)  # without row 1
    assert band_moves(lake, "new", "old").to_numpy().sum() == 5


def test_rows_of_other_files_have_no_bands_to_compare(lake: Lake) -> None:
    manifest = read_json(lake.run("old").manifest)
    manifest["input"]["sha256"] = "1" * 64
    write_json(lake.run("old").manifest, manifest)
    with pytest.raises(InputError, match="read other files"):
        band_moves(lake, "new", "old")


@pytest.mark.slow
def test_millions_of_rows_are_compared_without_being_loaded(lake: Lake) -> None:
    rows = 6_362_620
    random = np.random.default_rng(1)
    for run_id in ("old", "new"):
        risk = random.beta(1, 8, rows).astype(np.float32)
        table = pa.table({"tx_id": np.arange(rows), "final_risk": risk})
        write_table(table, lake.run(run_id).augmented)
    began = time.process_time()
    moves = band_moves(lake, "new", "old")
    shift = score_shift(lake, "new", "old")
    assert time.process_time() - began < 3  # seconds of work; two cores share them
    assert moves.to_numpy().sum() == rows
    assert shift.psi < 1e-4
