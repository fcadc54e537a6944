"""Alerts that one run has and another has not, worked out by hand from the small run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.lake import Lake, read_json, write_json
from engine.query.run_comparison import NEW_COLUMNS, new_alerts
from tests.small_run import write_small_run


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with the small run twice, as ``old`` and ``new``."""
    for run_id in ("old", "new"):
        write_small_run(tmp_path, run_id=run_id)
    return Lake.open(tmp_path)


def edit(path: Path, column: str, place: int, value: str | float) -> None:
    table = pd.read_parquet(path)
    table.loc[place, column] = value
    table.to_parquet(path, index=False)


def drop(path: Path, place: int) -> None:
    pd.read_parquet(path).drop(index=place).to_parquet(path, index=False)


def read_another_file(lake: Lake, run_id: str) -> None:
    manifest = read_json(lake.run(run_id).manifest)
    manifest["input"]["sha256"] = "1" * 64
    write_json(lake.run(run_id).manifest, manifest)


def new_and_kept(lake: Lake, run_id: str, against: str) -> tuple[list[str], int]:
    found = new_alerts(lake, run_id, against)
    return found.alerts["alert_id"].tolist(), found.kept


def test_a_run_has_no_new_alert_against_its_twin(lake: Lake) -> None:
    assert new_and_kept(lake, "new", "old") == ([], 3)
    assert tuple(new_alerts(lake, "new", "old").alerts.columns) == NEW_COLUMNS


def test_a_lone_transaction_is_new_in_one_direction_alone(lake: Lake) -> None:
    drop(lake.run("old").alerts, 2)  # the alert of row 6
    assert new_and_kept(lake, "new", "old") == (["A000003"], 2)
    assert new_and_kept(lake, "old", "new") == ([], 2)


def test_a_ring_that_was_under_the_threshold_is_named_with_its_score(lake: Lake) -> None:
    drop(lake.run("old").alerts, 0)
    edit(lake.run("old").rings, "score", 0, 0.45)
    (new,) = new_alerts(lake, "new", "old").alerts.to_dict("records")
    assert (new["alert_id"], new["ring_id"]) == ("A000001", "R00001")
    assert (new["other_ring"], new["other_score"]) == ("R00001", 0.45)


def test_a_ring_that_was_not_there_has_no_partner(lake: Lake) -> None:
    old = lake.run("old")
    drop(old.alerts, 0)
    drop(old.rings, 0)
    (new,) = new_alerts(lake, "new", "old").alerts.to_dict("records")
    assert new["alert_id"] == "A000001"
    assert pd.isna(new["other_ring"])
    assert pd.isna(new["other_score"])


@pytest.mark.parametrize(("run_id", "against"), [("new", "old"), ("old", "new")])
def test_a_ring_keeps_its_alert_under_another_number_and_with_another_account(
    run_id: str, against: str, lake: Lake
) -> None:
    old = lake.run("old")
    for path in (old.rings, old.ring_accounts, old.ring_transactions, old.alerts):
        table = pd.read_parquet(path)
        table["ring_id"] = table["ring_id"].replace("R00001", "R00009")
        table.to_parquet(path, index=False)
    edit(old.ring_accounts, "account", 3, "Y")  # A, B, H and Y: three of five are in both
    edit(old.rings, "fingerprint", 0, "d" * 32)
    assert new_and_kept(lake, run_id, against) == ([], 3)


def test_rows_of_other_files_are_the_same_by_content(lake: Lake) -> None:
    read_another_file(lake, "old")
    for path in (lake.run("old").augmented, lake.run("old").alerts):
        table = pd.read_parquet(path)
        table["tx_id"] += 100
        table.to_parquet(path, index=False)
    assert new_and_kept(lake, "new", "old") == ([], 3)
    edit(lake.run("old").augmented, "amount", 5, 11.0)  # row 6 paid 10
    assert new_and_kept(lake, "new", "old") == (["A000003"], 2)
    assert new_and_kept(lake, "old", "new") == (["A000003"], 2)


def test_runs_without_accounts_have_transactions_to_compare(tmp_path: Path) -> None:
    for run_id in ("old", "new"):
        write_small_run(tmp_path, has_accounts=False, run_id=run_id)
    lake = Lake.open(tmp_path)
    read_another_file(lake, "old")
    drop(lake.run("new").alerts, 0)
    (lost, kept) = new_and_kept(lake, "old", "new")
    assert (len(lost), kept) == (1, 1)
