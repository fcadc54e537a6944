"""Days and times in the zone of who picks them: India is 5 h 30 min ahead of UTC, all year."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui import case_wait, days, filters, format

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def reads_in_india(monkeypatch: pytest.MonkeyPatch) -> None:
    read_in(monkeypatch, "Asia/Kolkata")


def read_in(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setattr(format, "current", lambda: format.Style(zone=zone))


def test_a_day_begins_at_half_past_six_in_the_evening_before() -> None:
    assert days.begins(date(2026, 2, 1)) == datetime(2026, 1, 31, 18, 30, tzinfo=UTC)


def test_picked_days_are_whole_days_of_the_zone() -> None:
    picked = [date(2026, 2, 1), date(2026, 2, 2)]
    assert filters.whole_days(picked) == (
        datetime(2026, 1, 31, 18, 30),
        datetime(2026, 2, 2, 18, 30),
    )
    assert filters.whole_days(picked[:1]) == (datetime(2026, 1, 31, 18, 30), None)
    assert filters.whole_days([]) == (None, None)


def test_a_day_on_which_the_clocks_change_has_23_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    read_in(monkeypatch, "Europe/Berlin")
    picked = [date(2026, 3, 29), date(2026, 3, 29)]
    assert filters.whole_days(picked) == (datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 22))


def test_the_day_of_a_moment_is_that_of_the_clock_on_the_wall() -> None:
    assert days.day_of(datetime(2026, 1, 31, 18, 29, tzinfo=UTC)) == date(2026, 1, 31)
    assert days.day_of(datetime(2026, 1, 31, 18, 30, tzinfo=UTC)) == date(2026, 2, 1)
    assert days.day_of(datetime(2026, 1, 31, 18, 30)) == date(2026, 2, 1)


def test_a_snooze_until_a_day_ends_when_the_day_begins_there() -> None:
    ends = case_wait.until("Until a day", date(2026, 2, 1), NOON)
    assert ends == datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
    assert case_wait.until("4 hours", date(2026, 2, 1), NOON) == NOON.replace(hour=16)


@pytest.mark.parametrize(("typed", "moment"), [
    ("2026-01-31 10:00", "2026-01-31T04:30:00+00:00"),
    (" 2026-01-31 ", "2026-01-30T18:30:00+00:00"),
    ("2026-01-31 10:00z", "2026-01-31T10:00:00+00:00"),
    ("2026-01-31T10:00+02:00", "2026-01-31T08:00:00+00:00"),
    ("", ""),
    ("yesterday", "yesterday"),
    ("0001-01-01", "0001-01-01"),
])  # fmt: skip
def test_a_typed_moment_is_one_of_the_zone_unless_it_names_another(typed: str, moment: str) -> None:
    assert days.typed_moment(typed) == moment


@pytest.mark.parametrize(("zone", "text"), [
    ("UTC", "2026-01-31 12:00:00"),
    ("Asia/Kolkata", "2026-01-31 17:30:00+05:30"),
    ("Europe/London", "2026-01-31 12:00:00+00:00"),
])  # fmt: skip
def test_a_moment_to_be_typed_over_says_its_offset(
    monkeypatch: pytest.MonkeyPatch, zone: str, text: str
) -> None:
    read_in(monkeypatch, zone)
    assert days.clock_text(NOON) == days.clock_text(NOON.replace(tzinfo=None)) == text


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(
    ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin"]
))  # fmt: skip
def test_what_is_filled_in_is_sent_as_the_moment_that_it_is(moment: datetime, zone: str) -> None:
    whole = moment.replace(microsecond=0)
    with pytest.MonkeyPatch.context() as patch:
        read_in(patch, zone)
        sent = datetime.fromisoformat(days.typed_moment(days.clock_text(whole)))
    assert sent == whole.replace(tzinfo=UTC)
