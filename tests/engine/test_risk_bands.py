"""Bands of risk: the same names and floors wherever they are shown."""

from __future__ import annotations

import pytest

from app.ui.theme import RISK_BANDS
from engine.risk_bands import FLOORS, band_of


def test_the_app_shows_the_bands_of_the_engine() -> None:
    assert [(band.name, band.floor) for band in RISK_BANDS] == list(FLOORS)


@pytest.mark.parametrize(
    ("score", "band"),
    [(1.0, "Critical"), (0.9, "Critical"), (0.8999, "High"), (0.75, "High"), (0.5, "Medium"),
     (0.4999, "Low"), (0.0, "Low")],
)  # fmt: skip
def test_a_band_starts_at_its_floor(score: float, band: str) -> None:
    assert band_of(score) == band


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan")])
def test_what_is_no_score_has_no_band(score: float) -> None:
    with pytest.raises(ValueError, match="lies in"):
        band_of(score)
