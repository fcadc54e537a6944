"""Figures show the numbers they are given, in the colours that carry meaning."""

from __future__ import annotations

import pandas as pd
import pytest

from app.ui import charts, theme

POINTS = pd.DataFrame(
    {
        "time": pd.to_datetime(["2026-01-01", "2026-01-02"]),
        "transactions": [2, 3],
        "amount": [100.0, 400_000.0],
        "alerts": [0, 7],
    }
)


def test_the_trend_has_amount_bars_and_an_alert_line_on_an_axis_of_its_own() -> None:
    bars, line = charts.over_time(POINTS, "day", "INR", dark=False).data
    assert (bars.type, list(bars.y)) == ("bar", [100.0, 400_000.0])
    assert (line.type, list(line.y), line.yaxis) == ("scatter", [0, 7], "y2")
    assert bars.name == "Amount per day"


def test_the_amount_axis_is_written_in_lakh_for_rupees() -> None:
    axis = charts.over_time(POINTS, "day", "INR", dark=False).layout.yaxis
    assert axis.ticktext == ("₹0", "₹1 lakh", "₹2 lakh", "₹3 lakh", "₹4 lakh")


@pytest.mark.parametrize(
    ("top", "ticks"),
    [(0.8, ("0", "0.20", "0.40", "0.60", "0.80")), (952_000, ("0", "500k", "1m")),
     (4.2e6, ("0", "2m", "4m", "6m"))],
)  # fmt: skip
def test_the_amount_axis_has_round_numbers(top: float, ticks: tuple[str, ...]) -> None:
    points = POINTS.assign(amount=[0.0, top])
    assert charts.over_time(points, "day", None, dark=False).layout.yaxis.ticktext == ticks


@pytest.mark.parametrize(("top", "step"), [(0, 1), (3, 1), (7, 2), (48, 20), (1000, 500)])
def test_the_alert_axis_has_whole_numbers(top: int, step: int) -> None:
    points = POINTS.assign(alerts=[0, top])
    assert charts.over_time(points, "day", None, dark=False).layout.yaxis2.dtick == step


def test_an_empty_trend_is_drawn() -> None:
    assert len(charts.over_time(POINTS.head(0), "day", None, dark=False).data) == 2


@pytest.mark.parametrize("dark", [False, True])
def test_a_typology_keeps_its_colour(dark: bool) -> None:
    found = pd.DataFrame(
        {"typology": ["cycle", "fan_in"], "alerts": [3, 1], "amount": [9.0, 2.0], "score": [1, 0.5]}
    )
    bar = charts.typologies(found, None, dark=dark).data[0]
    assert list(bar.y) == ["Cycle", "Fan-in"]
    assert list(bar.x) == [3, 1]
    assert bar.marker.color == tuple(
        theme.typology_colour(name, dark) for name in ("cycle", "fan_in")
    )


def test_types_are_labelled_with_their_amount() -> None:
    types = pd.DataFrame(
        {"type": ["TRANSFER"], "transactions": [4], "amount": [1500.0], "alerted": [2]}
    )
    bar = charts.by_type(types, "USD", dark=False).data[0]
    assert bar.text == ("$1.5k",)
    assert bar.customdata == ("$1,500.00 in 4 transactions, 2 of them in alerts",)


def test_a_name_from_the_data_is_drawn_as_text_and_cut() -> None:
    names = ["<a href='x'>PAY</a>", "T" * 3_000, "T" * 4_000]
    types = pd.DataFrame({"type": names, "transactions": 1, "amount": 1.0, "alerted": 0})
    assert list(charts.by_type(types, None, dark=False).data[0].y) == [
        "&lt;a href='x'&gt;PAY&lt;/a&gt;", "T" * 27 + "…", "T" * 27 + "… (2)",
    ]  # fmt: skip


def test_risk_bars_have_the_colour_of_their_band_and_empty_bins_are_left_out() -> None:
    bins = pd.DataFrame(
        {"low": [0.0, 0.5, 0.9], "high": [0.05, 0.55, 0.95], "transactions": [9, 0, 1]}
    )
    bar = charts.risk_histogram(bins, dark=False).data[0]
    assert list(bar.y) == [9, 1]
    critical, low = theme.RISK_BANDS[0], theme.RISK_BANDS[-1]
    assert bar.marker.color == (low.light, critical.light)


def test_stages_stand_in_the_order_of_the_run() -> None:
    stages = [
        {"name": "intake", "seconds": 2.0, "rows": 10, "peak_rss_mb": 100},
        {"name": "rings", "seconds": 90.0, "rows": 10, "peak_rss_mb": 200},
    ]
    bar = charts.stage_times(stages, dark=True).data[0]
    assert bar.y == ("Intake", "Rings")
    assert bar.text == ("2.0 s", "1 min 30 s")


@pytest.mark.parametrize(
    ("score", "band"),
    [(1.0, "Critical"), (0.9, "Critical"), (0.89, "High"), (0.75, "High"), (0.5, "Medium"),
     (0.49, "Low"), (0.0, "Low")],
)  # fmt: skip
def test_a_band_begins_at_its_floor(score: float, band: str) -> None:
    assert theme.risk_band(score).name == band


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan")])
def test_a_score_outside_of_zero_to_one_has_no_band(score: float) -> None:
    with pytest.raises(ValueError, match=r"lies in \[0, 1\]"):
        theme.risk_band(score)


def contrast(one: str, two: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_texts_and_bands_are_readable_on_the_background(dark: bool) -> None:
    surface = theme.palette(dark)
    for colour in (surface.text, surface.muted, *(b.colour(dark) for b in theme.RISK_BANDS)):
        assert contrast(colour, surface.background) >= 4.0
