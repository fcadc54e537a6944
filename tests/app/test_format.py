"""How amounts, moments, and durations read: every expected text is worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui import format


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


def test_counts_shares_scores_sizes_and_typologies() -> None:
    assert format.count(2946) == "2,946"
    assert format.count(pd.NA) == "–"  # type: ignore[arg-type]
    assert format.share(0.1234) == "12.3 %"
    assert format.share(0) == "0.0 %"
    assert format.score(0.9434) == "0.943"
    assert format.file_size(999) == "999 bytes"
    assert format.file_size(4_540_000) == "4.5 MB"
    assert format.typology("scatter_gather") == "Scatter-gather"
