"""The timeline of an alert, against sums by hand."""

from __future__ import annotations

import pandas as pd

from engine.query.alert_timeline import busiest, key_transactions, timeline


def transfers(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["time", "sender", "receiver", "amount"])
    frame["time"] = pd.to_datetime(frame["time"], format="ISO8601")
    frame.insert(0, "tx_id", range(1, len(frame) + 1))
    return frame


MONEY = transfers(
    ("2026-01-01 09:00", "A", "H", 100.0),
    ("2026-01-01 17:30", "B", "H", 50.0),
    ("2026-01-09 08:00", "H", "X", 140.0),
)


def test_the_account_that_moved_most_comes_first() -> None:
    # H: 100 + 50 in, 140 out; X: 140; A: 100; B: 50.
    assert busiest(MONEY) == ["H", "X", "A", "B"]


def test_without_accounts_there_is_none_to_choose() -> None:
    assert busiest(MONEY[["tx_id", "time", "amount"]]) == []


def test_a_long_period_is_summed_by_the_day() -> None:
    found = timeline(MONEY, "H")
    assert found.bucket == "day"
    assert found.points["time"].dt.strftime("%m-%d").tolist() == ["01-01", "01-09"]
    assert found.points["received"].tolist() == [150.0, 0.0]
    assert found.points["paid"].tolist() == [0.0, 140.0]


def test_a_short_period_is_summed_by_the_hour() -> None:
    found = timeline(MONEY.head(2), "H")
    assert found.bucket == "hour"
    assert found.points["received"].tolist() == [100.0, 50.0]


def test_of_all_accounts_together_each_payment_counts_once() -> None:
    points = timeline(MONEY, None).points
    assert points["paid"].tolist() == [150.0, 140.0]
    assert points["received"].sum() == 0.0


def test_no_transactions_make_an_empty_timeline() -> None:
    assert timeline(MONEY.head(0), "H").points.empty


def test_key_transactions_are_the_largest_in_the_order_of_time() -> None:
    assert key_transactions(MONEY, None, limit=2)["tx_id"].tolist() == [1, 3]
    assert key_transactions(MONEY, "B")["tx_id"].tolist() == [2]
