"""How an alert reads in the list: its clock, its status, and what the grid is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from app.ui.alert_grid import grid_options
from app.ui.queue_rows import display_rows, file_rows
from app.ui.queue_words import Clock, clock, span, status

NOW = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)


def page(*changes: dict[str, Any]) -> pd.DataFrame:
    """Return a page of the queue with a row for each set of columns that differ."""
    usual = {
        "title": "Fan in to H", "typology": "fan_in", "score": 0.9, "priority": 1,
        "amount": 250350.0, "currency": "INR", "n_accounts": 4, "status": "open",
        "last_activity": NOW, "due_at": NOW + timedelta(hours=3), "assignee": None,
        "assignee_login": None, "locked_by": None, "locked_by_login": None, "disposition": None,
        "snoozed_until": pd.NaT, "suppressed_until": pd.NaT, "is_new_evidence": False,
    }  # fmt: skip
    return pd.DataFrame([{"id": n, **usual, **one} for n, one in enumerate(changes, start=1)])


@pytest.mark.parametrize(
    ("due", "state", "expected"),
    [
        (timedelta(hours=30), "open", Clock("30 h left", "calm")),
        (timedelta(hours=2, minutes=50), "in_review", Clock("2 h left", "soon")),
        (timedelta(minutes=-5), "open", Clock("overdue 5 min", "late")),
        (timedelta(days=-3), "awaiting_approval", Clock("overdue 3 d", "late")),
        (timedelta(days=-3), "closed", Clock("–", "over")),
    ],
)
def test_the_clock_says_how_long_in_words_and_how_urgent(
    due: timedelta, state: str, expected: Clock
) -> None:
    assert clock(NOW + due, state, NOW) == expected


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 d"),
    ],
)
def test_a_length_of_time_is_rounded_down_to_one_unit(length: timedelta, text: str) -> None:
    assert span(length) == text


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"name": "open"}, "Open"),
        ({"name": "in_review", "assignee": "Ben"}, "In review · Ben"),
        ({"name": "in_review", "assignee": "Ben", "holder": "Ann"}, "Ann has it open"),
        ({"name": "closed", "ended": "false_positive"}, "False positive"),
        ({"name": "open", "snoozed_until": NOW + timedelta(days=3)}, "Snoozed, 3 d left"),
        ({"name": "open", "snoozed_until": NOW - timedelta(days=3)}, "Open"),
        ({"name": "open", "suppressed_until": NOW + timedelta(days=30)}, "Suppressed, 30 d left"),
    ],
)
def test_the_status_says_where_it_stands_and_with_whom(known: dict[str, Any], text: str) -> None:
    assert status(**known, now=NOW) == text


def test_a_row_holds_texts_and_the_page_stays_as_it_was() -> None:
    alerts = page({}, {"is_new_evidence": True, "score": 0.6})
    before = alerts.copy(deep=True)
    rows = display_rows(alerts, 2, "ann", NOW)
    rows["amount"] = "changed"
    assert alerts.equals(before)
    assert list(rows["name"]) == ["AL-1", "AL-2"]
    assert list(rows["band"]) == ["Critical", "Medium"]
    assert list(rows["in_view"]) == [False, True]
    assert list(rows["is_new"]) == [False, True]


def test_amounts_are_written_in_the_currency_of_the_alert() -> None:
    rows = display_rows(page({}, {"currency": None, "amount": 12.5}), None, "ann", NOW)
    assert list(rows["amount"]) == ["₹2,50,350.00", "12.50"]
    assert list(rows["amount_short"]) == ["₹2.5 lakh", "12.50"]


def test_ones_own_alerts_read_as_ones_own_and_others_locks_mark_the_row() -> None:
    rows = display_rows(
        page(
            {"status": "in_review", "assignee": "Ann", "assignee_login": "ann"},
            {"locked_by": "Ann", "locked_by_login": "ann"},
            {"locked_by": "Ben", "locked_by_login": "ben"},
        ),
        None, "ann", NOW,
    )  # fmt: skip
    assert list(rows["status"]) == ["In review · you", "Open", "Ben has it open"]
    assert list(rows["is_held"]) == [False, False, True]


def test_the_headers_of_one_page_of_many_neither_sort_nor_filter() -> None:
    default = grid_options(dark=False)["defaultColDef"]
    assert (default["sortable"], default["filter"]) == (False, False)


def test_a_download_names_alerts_and_says_in_words_how_they_ended() -> None:
    ended = {"status": "closed", "disposition": "duplicate", "reason_code": "same_activity"}
    still = {"reason_code": None}
    alerts = page(ended, still).assign(
        merged_into_id=pd.array([7, None], dtype="Int64"),
        split_from_id=pd.array([None, 1], dtype="Int64"),
    )
    found = file_rows(alerts).astype("object").where(lambda frame: frame.notna(), None)
    wanted = ["alert", "typology", "priority", "status", "disposition", "reason", "merged_into",
              "split_from"]  # fmt: skip
    assert found[wanted].to_numpy().tolist() == [
        ["AL-1", "Fan-in", "1 Urgent", "Closed", "Duplicate",
         "Another alert shows the same transactions", "AL-7", None],
        ["AL-2", "Fan-in", "1 Urgent", "Open", None, None, None, "AL-1"],
    ]  # fmt: skip
