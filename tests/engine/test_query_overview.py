"""Figures of a run as a whole, on six transactions (see tests/small_run.py)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RunError
from engine.lake import Lake, RunPaths, write_json
from engine.query import overview
from engine.query.overview import choose_bucket
from engine.query.runs import done_runs, list_runs, rejects, runs_of_input
from tests.small_run import RUN_ID, moments, write_small_run

START = datetime(2026, 1, 1)


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    return write_small_run(tmp_path)


def rewrite(path: Path, **columns: Any) -> None:
    pd.read_parquet(path).assign(**columns).to_parquet(path, index=False)


def test_key_figures_of_the_whole_run(run: RunPaths) -> None:
    figures = overview.key_figures(run)
    assert (figures.transactions, figures.amount) == (6, 1659.0)
    assert (figures.accounts, figures.rings) == (7, 2)
    assert (figures.alerts, figures.lone_alerts) == (3, 2)
    assert (figures.first, figures.last) == (datetime(2026, 1, 1), datetime(2026, 1, 4))
    assert figures.fraud_share is None
    assert figures.currency is None


def test_a_transaction_in_several_alerts_counts_once(run: RunPaths) -> None:
    # The ring's alert rests on 1 to 4 (650 in all); both lone alerts now name 4.
    rewrite(run.alerts, tx_id=pd.array([None, 4, 4], dtype="Int64"))
    figures = overview.key_figures(run)
    assert (figures.alerted_transactions, figures.alerted_amount) == (4, 650.0)


def test_fraud_share_is_the_mean_label(run: RunPaths) -> None:
    rewrite(run.augmented, label=[1, 0, 0, 1, 0, 0])
    assert overview.key_figures(run).fraud_share == pytest.approx(1 / 3)


def test_one_currency_is_named_and_two_are_not(run: RunPaths) -> None:
    rewrite(run.augmented, currency=["INR"] * 6)
    assert overview.currency(run) == "INR"
    rewrite(run.augmented, currency=["INR", "USD", "INR", "INR", "INR", "INR"])
    assert overview.currency(run) is None


def test_what_is_no_code_is_no_currency(run: RunPaths) -> None:
    for text in ("<b>[₹](https://elsewhere)", "www.elsewhere", "R" * 11):
        rewrite(run.augmented, currency=[text] * 6)
        assert overview.currency(run) is None


def test_without_accounts_only_lone_alerts_count(tmp_path: Path) -> None:
    figures = overview.key_figures(write_small_run(tmp_path, has_accounts=False))
    assert (figures.accounts, figures.rings) == (None, None)
    assert (figures.alerted_transactions, figures.alerted_amount) == (2, 1009.0)


def test_three_days_are_shown_by_hour(run: RunPaths) -> None:
    timeline = overview.over_time(run)
    assert timeline.bucket == "hour"
    assert timeline.points["amount"].tolist() == [100.0, 200.0, 50.0, 300.0, 999.0, 10.0]
    assert timeline.points["alerts"].tolist() == [0, 0, 0, 1, 1, 1]


def test_a_longer_period_is_shown_by_day(run: RunPaths) -> None:
    rewrite(run.augmented, time=moments(*["2026-01-01"] * 3, *["2026-01-02"] * 2, "2026-02-01"))
    timeline = overview.over_time(run)
    assert timeline.bucket == "day"
    assert (
        timeline.points["time"].tolist()
        == moments("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-02-01").tolist()
    )
    assert timeline.points["transactions"].tolist() == [3, 2, 0, 0, 1]
    assert timeline.points["amount"].tolist() == [350.0, 1299.0, 0.0, 0.0, 10.0]
    assert timeline.points["alerts"].tolist() == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("span", "bucket"),
    [
        (timedelta(0), "hour"),
        (timedelta(hours=199), "hour"),
        (timedelta(hours=200), "day"),
        (timedelta(days=199), "day"),
        (timedelta(days=200), "week"),
        (timedelta(weeks=200), "month"),
        (timedelta(days=28 * 200), "year"),
    ],
)
def test_the_bucket_is_the_finest_that_fits(span: timedelta, bucket: str) -> None:
    assert choose_bucket(START, START + span) == bucket


@given(
    first=st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)),
    minutes=st.integers(0, 60 * 24 * 365 * 60),
)
def test_a_series_never_has_more_than_200_points(first: datetime, minutes: int) -> None:
    last = first + timedelta(minutes=minutes)
    code = {"hour": "h", "day": "D", "week": "W", "month": "M", "year": "Y"}
    period = code[choose_bucket(first, last)]
    n_points = (pd.Period(last, period) - pd.Period(first, period)).n + 1
    assert n_points <= overview.MAX_POINTS


def test_types_are_ranked_by_amount_with_their_alerted_transactions(run: RunPaths) -> None:
    rewrite(run.augmented, type=["CASH_OUT", *["TRANSFER"] * 4, None])
    rewrite(run.alerts, tx_id=pd.array([None, 5, 5], dtype="Int64"))
    types = overview.by_type(run)
    assert types.to_dict("list") == {
        "type": ["TRANSFER", "CASH_OUT", "unknown"],
        "transactions": [4, 1, 1],
        "amount": [1549.0, 100.0, 10.0],
        "alerted": [4, 1, 0],
    }


def test_an_input_without_types_has_no_rows_by_type(tmp_path: Path) -> None:
    assert overview.by_type(write_small_run(tmp_path, has_accounts=False)).empty


def test_risk_histogram_has_twenty_bins_and_a_risk_of_one_in_the_last(run: RunPaths) -> None:
    rewrite(run.augmented, final_risk=[0.0, 0.049, 0.05, 0.5, 0.95, 1.0])
    bins = overview.risk_histogram(run)
    filled = {round(low, 2): n for low, n in zip(bins["low"], bins["transactions"], strict=True)}
    assert len(filled) == 20
    assert {low: n for low, n in filled.items() if n} == {0.0: 2, 0.05: 1, 0.5: 1, 0.95: 2}


def test_typologies_count_ring_alerts_only(run: RunPaths) -> None:
    assert overview.typologies(run).to_dict("list") == {
        "typology": ["fan_in"], "alerts": [1], "amount": [650.0], "score": [0.9],
    }  # fmt: skip


def test_top_accounts_are_the_riskiest_with_their_rings(run: RunPaths) -> None:
    top = overview.top_accounts(run, limit=2)
    assert top["account"].tolist() == ["H", "X"]
    assert top["rings"].tolist() == [1, 1]
    assert top["transactions"].tolist() == [4, 1]


def test_without_accounts_there_are_no_top_accounts(tmp_path: Path) -> None:
    assert overview.top_accounts(write_small_run(tmp_path, has_accounts=False)).empty


def test_a_missing_file_is_named(run: RunPaths) -> None:
    run.alerts.unlink()
    with pytest.raises(RunError, match=r"alerts\.parquet is missing"):
        overview.key_figures(run)


def test_runs_are_listed_newest_first_with_what_they_found(tmp_path: Path) -> None:
    write_small_run(tmp_path)
    lake = Lake.open(tmp_path)
    later = {"run_id": "later", "status": "failed", "error": "disk full"}
    write_json(lake.run("later").manifest, later | {"started": "2026-02-01T00:00:00+00:00"})
    runs = list_runs(lake)
    assert runs["run_id"].tolist() == ["later", RUN_ID]
    assert runs["state"].tolist() == ["failed", "done"]
    assert runs["error"].tolist() == ["disk full", ""]
    assert runs[["rows", "alerts", "rings"]].iloc[1].tolist() == [6, 3, 2]
    assert done_runs(runs) == [RUN_ID]


def test_an_unreadable_run_is_listed_with_the_reason(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    lake.run("broken").folder.mkdir(parents=True)
    lake.run("broken").manifest.write_text("{", encoding="utf-8")
    runs = list_runs(lake)
    assert runs["state"].tolist() == ["unreadable"]
    assert "delete the run" in runs["error"].iloc[0]


def test_an_empty_lake_lists_no_runs(tmp_path: Path) -> None:
    assert list_runs(Lake.open(tmp_path)).empty


def test_an_input_is_known_again_by_its_bytes(tmp_path: Path) -> None:
    write_small_run(tmp_path)
    runs = list_runs(Lake.open(tmp_path))
    assert runs_of_input(runs, "0" * 64) == [RUN_ID]
    assert runs_of_input(runs, "1" * 64) == []


def test_rejects_are_given_in_order(run: RunPaths) -> None:
    run.rejects.parent.mkdir(parents=True)
    table = {"row": [9, 7], "reason": ["time is empty", "amount < 0"], "raw": ["a,b", "c"]}
    pd.DataFrame(table).to_parquet(run.rejects, index=False)
    assert rejects(run, 1)["row"].tolist() == [7]
