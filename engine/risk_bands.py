"""The names of ranges of risk, from the worst down."""

from __future__ import annotations

from typing import Literal

Band = Literal["Critical", "High", "Medium", "Low"]

#: Name of a band and the lowest score in it. A ring becomes an alert where "Medium" begins.
FLOORS: tuple[tuple[Band, float], ...] = (
    ("Critical", 0.90),
    ("High", 0.75),
    ("Medium", 0.50),
    ("Low", 0.00),
)


def band_of(score: float) -> Band:
    """Return the name of the band that a score in [0, 1] lies in.

    Raises
    ------
    ValueError
        If the score is outside [0, 1] or not a number.
    """
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"a risk score lies in [0, 1], not {score}")
    return next(name for name, floor in FLOORS if score >= floor)
