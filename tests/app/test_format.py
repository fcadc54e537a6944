"""How amounts, moments, and durations read: every expected text is worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui import format

Reads = Callable[[format.Style], None]


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (250350, "INR", "₹2,50,350.00"),
        (999, "INR", "₹999.00"),
        (1000, "INR", "₹1,000.00"),
        (123456789.5, "INR", "₹12,34,56,789.50"),
        (1200.5, "USD", "$1,200.50"),
        (1200.5, "EUR", "€1,200.50"),
        (0, "GBP", "£0.00"),
        (1200.5, "CHF", "1,200.50 CHF"),
        (1234567, None, "1,234,567.00"),
        (-250350, "INR", "-₹2,50,350.00"),
        (None, "INR", "–"),
        (float("nan"), None, "–"),
    ],
)
def test_amounts_in_full(value: float | None, currency: str | None, text: str) -> None:
    assert format.amount(value, currency) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (184_000_000, "INR", "₹18.4 cr"),
        (250_350, "INR", "₹2.5 lakh"),
        (12_699, "INR", "₹12.7k"),
        (23_456_000_000, "INR", "₹2,346 cr"),
        (1_234_567, "USD", "$1.2m"),
        (1_000_000, "USD", "$1m"),
        (999_999, None, "1m"),
        (203_247_417, None, "203m"),
        (5_600_000_000, "EUR", "€5.6bn"),
        (950, None, "950"),
        (12.5, None, "12.50"),
        (0, None, "0"),
        (-1_234_567, "USD", "-$1.2m"),
        (1_500, "CHF", "1.5k CHF"),
        (None, None, "–"),
    ],
)
def test_amounts_in_about_three_digits(
    value: float | None, currency: str | None, text: str
) -> None:
    assert format.compact_amount(value, currency) == text


@given(st.integers(0, 10**15))
def test_lakh_grouping_keeps_every_digit(value: int) -> None:
    assert format.amount(value, "INR", decimals=0).replace(",", "") == f"₹{value}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (14.24, "14.2 s"),
        (59.96, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (6 * 86_400 + 4 * 3600, "6 d 4 h"),
        (None, "–"),
    ],
)
def test_durations_in_two_units(seconds: float | None, text: str) -> None:
    assert format.duration(seconds) == text


def test_moments_are_told_in_utc() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert format.moment(datetime(2026, 8, 3, 19, 35, tzinfo=india)) == "2026-08-03 14:05 UTC"
    assert format.moment("2026-08-03T14:05:59+00:00") == "2026-08-03 14:05 UTC"
    assert format.moment(pd.Timestamp("2026-08-03 14:05")) == "2026-08-03 14:05 UTC"
    assert format.date(datetime(2026, 8, 3, 23, 59, tzinfo=UTC)) == "2026-08-03"
    assert format.date(pd.NaT) == format.moment(None) == "–"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Return a function that lets a person with some formats read."""
    return lambda chosen: monkeypatch.setattr(format, "current", lambda: chosen)


def test_who_reads_in_lakh_and_crore_does_so_for_every_currency(reads: Reads) -> None:
    reads(format.Style(numbers="indian"))
    assert format.amount(1234567.5, "USD") == "$12,34,567.50"
    assert format.amount(1234567, None, decimals=0) == "12,34,567"
    assert format.compact_amount(184_000_000, "EUR") == "€18.4 cr"
    assert format.count(1_234_567) == "12,34,567"


def test_who_reads_in_thousands_does_so_for_rupees_too(reads: Reads) -> None:
    reads(format.Style(numbers="western"))
    assert format.amount(250350, "INR") == "₹250,350.00"
    assert format.compact_amount(184_000_000, "INR") == "₹184m"
    assert format.count(1_234_567) == "1,234,567"


@pytest.mark.parametrize(
    ("zone", "text", "date"),
    [
        ("UTC", "2026-08-03 20:05 UTC", "2026-08-03"),
        ("Asia/Kolkata", "2026-08-04 01:35 UTC+05:30", "2026-08-04"),
        ("America/New_York", "2026-08-03 16:05 UTC-04:00", "2026-08-03"),
    ],
)
def test_moments_are_told_in_the_zone_of_who_reads(
    reads: Reads, zone: str, text: str, date: str
) -> None:
    reads(format.Style(zone=zone))
    assert format.moment("2026-08-03T20:05:59+00:00") == text
    assert format.moment(pd.Timestamp("2026-08-03 20:05")) == text
    assert format.date("2026-08-03T20:05:59+00:00") == date


def test_a_time_of_day_has_its_zone_too(reads: Reads) -> None:
    reads(format.Style(zone="Asia/Kolkata"))
    assert format.clock("2026-08-03T14:05:59+00:00") == "19:35 UTC+05:30"
    assert format.clock(None) == "–"


def test_the_offset_is_that_of_the_moment_not_of_today(reads: Reads) -> None:
    reads(format.Style(zone="Europe/Berlin"))
    assert format.moment("2026-01-01 11:00") == "2026-01-01 12:00 UTC+01:00"
    assert format.moment("2026-07-01 11:00") == "2026-07-01 13:00 UTC+02:00"


def test_moments_of_a_table_are_those_of_the_clock_on_the_wall(reads: Reads) -> None:
    reads(format.Style(zone="Asia/Kolkata"))
    times = pd.Series(pd.to_datetime(["2026-08-03 20:05", "NaT"]))
    shown = format.local(times)
    assert shown[0] == pd.Timestamp("2026-08-04 01:35")
    assert pd.isna(shown[1])
    assert times[0] == pd.Timestamp("2026-08-03 20:05")


def test_outside_of_a_session_nothing_was_chosen() -> None:
    assert format.current() == format.Style(numbers="auto", zone="UTC")
    assert format.zone() == "UTC"


def test_counts_shares_scores_sizes_and_typologies() -> None:
    assert format.count(2946) == "2,946"
    assert format.count(pd.NA) == "–"  # type: ignore[arg-type]
    assert format.share(0.1234) == "12.3 %"
    assert format.share(0) == "0.0 %"
    assert format.score(0.9434) == "0.943"
    assert format.file_size(999) == "999 bytes"
    assert format.file_size(4_540_000) == "4.5 MB"
    assert format.typology("scatter_gather") == "Scatter-gather"
