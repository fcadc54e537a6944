"""Alerts that one run has and another has not, worked out by hand from the small run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.lake import Lake, read_json, write_json
from engine.query.run_comparison import CHANGE_COLUMNS, alert_changes
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


def test_a_run_has_all_alerts_of_its_twin(lake: Lake) -> None:
    changes = alert_changes(lake, "new", "old")
    assert (len(changes.gained), len(changes.lost), changes.kept) == (0, 0, 3)
    assert tuple(changes.gained.columns) == tuple(changes.lost.columns) == CHANGE_COLUMNS


def test_a_lone_transaction_is_gained_in_one_direction_and_lost_in_the_other(lake: Lake) -> None:
    drop(lake.run("old").alerts, 2)  # the alert of row 6
    changes = alert_changes(lake, "new", "old")
    assert changes.gained["alert_id"].tolist() == ["A000003"]
    assert (len(changes.lost), changes.kept) == (0, 2)
    back = alert_changes(lake, "old", "new")
    assert (back.lost["alert_id"].tolist(), len(back.gained), back.kept) == (["A000003"], 0, 2)


def test_a_ring_that_was_under_the_threshold_is_named_with_its_score(lake: Lake) -> None:
    drop(lake.run("old").alerts, 0)
    edit(lake.run("old").rings, "score", 0, 0.45)
    (gained,) = alert_changes(lake, "new", "old").gained.to_dict("records")
    assert (gained["alert_id"], gained["ring_id"]) == ("A000001", "R00001")
    assert (gained["other_ring"], gained["other_score"]) == ("R00001", 0.45)


def test_a_ring_that_was_not_there_has_no_partner(lake: Lake) -> None:
    old = lake.run("old")
    drop(old.alerts, 0)
    drop(old.rings, 0)
    (gained,) = alert_changes(lake, "new", "old").gained.to_dict("records")
    assert gained["alert_id"] == "A000001"
    assert pd.isna(gained["other_ring"])
    assert pd.isna(gained["other_score"])


def test_a_ring_keeps_its_alert_under_another_number_and_with_another_account(lake: Lake) -> None:
    old = lake.run("old")
    for path in (old.rings, old.ring_accounts, old.ring_transactions, old.alerts):
        table = pd.read_parquet(path)
        table["ring_id"] = table["ring_id"].replace("R00001", "R00009")
        table.to_parquet(path, index=False)
    edit(old.ring_accounts, "account", 3, "Y")  # A, B, H and Y: three of five are in both
    edit(old.rings, "fingerprint", 0, "d" * 32)
    changes = alert_changes(lake, "new", "old")
    assert (len(changes.gained), len(changes.lost), changes.kept) == (0, 0, 3)


def test_rows_of_other_files_are_the_same_by_content(lake: Lake) -> None:
    read_another_file(lake, "old")
    for path in (lake.run("old").augmented, lake.run("old").alerts):
        table = pd.read_parquet(path)
        table["tx_id"] += 100
        table.to_parquet(path, index=False)
    changes = alert_changes(lake, "new", "old")
    assert (len(changes.gained), len(changes.lost), changes.kept) == (0, 0, 3)
    edit(lake.run("old").augmented, "amount", 5, 11.0)  # row 6 paid 10
    changes = alert_changes(lake, "new", "old")
    assert changes.gained["alert_id"].tolist() == changes.lost["alert_id"].tolist() == ["A000003"]


def test_runs_without_accounts_have_transactions_to_compare(tmp_path: Path) -> None:
    for run_id in ("old", "new"):
        write_small_run(tmp_path, has_accounts=False, run_id=run_id)
    lake = Lake.open(tmp_path)
    read_another_file(lake, "old")
    drop(lake.run("new").alerts, 0)
    changes = alert_changes(lake, "new", "old")
    assert (len(changes.gained), len(changes.lost), changes.kept) == (0, 1, 1)
