"""How amounts, counts, moments, and durations read on the screen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app.ui.typologies import find

MISSING = "–"

SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}

_WESTERN = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
_INDIAN = ((1e7, "cr"), (1e5, "lakh"), (1e3, "k"))


def amount(value: float | None, currency: str | None = None, *, decimals: int = 2) -> str:
    """Write an amount in full, e.g. ``₹2,50,350.00``, ``$1,200.50``, ``1,200.50``.

    Parameters
    ----------
    value
        Amount in currency units; ``None`` and NaN read as a dash.
    currency
        ISO code. Codes without a symbol of their own stand after the number; ``None`` means the
        data name no currency, and then none is shown.
    decimals
        Digits after the point.
    """
    if _missing(value):
        return MISSING
    assert value is not None
    return _with_currency(value, _grouped(abs(value), currency, decimals), currency)


def compact_amount(value: float | None, currency: str | None = None) -> str:
    """Write an amount in about three digits, e.g. ``₹18.4 cr``, ``$1.2m``, ``950``."""
    if _missing(value):
        return MISSING
    assert value is not None
    steps = _INDIAN if currency == "INR" else _WESTERN
    size = abs(value)
    # A size that rounds up to the next unit takes that unit: 999,999 is 1m, not 1,000k.
    for position, (unit, suffix) in enumerate(steps):
        if _rounded(size / unit) >= 1:
            space = " " if currency == "INR" and position < 2 else ""
            number = _grouped(size / unit, currency, _digits(size / unit)).removesuffix(".0")
            return _with_currency(value, f"{number}{space}{suffix}", currency)
    return amount(value, currency, decimals=0 if size >= 100 or size == int(size) else 2)


def count(value: float | None) -> str:
    """Write a whole number with thousands grouped, e.g. ``2,946``."""
    return MISSING if _missing(value) else f"{value:,.0f}"


def share(value: float | None, *, decimals: int = 1) -> str:
    """Write a share in [0, 1] as a percentage, e.g. ``12.3 %``."""
    return MISSING if _missing(value) else f"{100 * (value or 0):.{decimals}f} %"


def score(value: float | None, *, decimals: int = 3) -> str:
    """Write a score in [0, 1], e.g. ``0.943``."""
    return MISSING if _missing(value) else f"{value:.{decimals}f}"


def date(value: Any) -> str:
    """Write the UTC date of a moment, e.g. ``2026-08-03``."""
    instant = _utc(value)
    return MISSING if instant is None else instant.strftime("%Y-%m-%d")


def moment(value: Any) -> str:
    """Write a moment in UTC to the minute, e.g. ``2026-08-03 14:05 UTC``."""
    instant = _utc(value)
    return MISSING if instant is None else instant.strftime("%Y-%m-%d %H:%M UTC")


def duration(seconds: float | None) -> str:
    """Write a duration with its two largest units, e.g. ``14.2 s``, ``3 min 5 s``, ``6 d 4 h``."""
    if _missing(seconds):
        return MISSING
    assert seconds is not None
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, name, smaller, smaller_name in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {name}" + (f" {rest} {smaller_name}" if rest else "")
    return f"{whole} s"


def file_size(n_bytes: int) -> str:
    """Write a file size, e.g. ``4.5 MB``."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if n_bytes >= unit:
            return f"{n_bytes / unit:.1f} {name}"
    return f"{n_bytes} bytes"


def typology(name: str) -> str:
    """Write a typology's name, e.g. ``Fan-in`` for ``fan_in``."""
    return find(name).name


def _missing(value: float | None) -> bool:
    return value is None or bool(pd.isna(value))


def _grouped(size: float, currency: str | None, decimals: int) -> str:
    text = f"{size:,.{decimals}f}"
    if currency != "INR":
        return text
    whole, point, fraction = text.replace(",", "").partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail]) + point + fraction


def _with_currency(value: float, text: str, currency: str | None) -> str:
    sign = "-" if value < 0 else ""
    if currency is None:
        return f"{sign}{text}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {currency}"


def _rounded(size: float) -> float:
    return round(size, 1) if size >= 0.95 else size


def _digits(size: float) -> int:
    return 0 if size >= 99.95 else 1


def _utc(value: Any) -> pd.Timestamp | None:
    if value is None or pd.isna(value):
        return None
    stamp = pd.Timestamp(value)
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
