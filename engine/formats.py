"""How amounts, counts, shares, moments, and durations read: the same on the screen, in texts, PDFs.

A style says how numbers are grouped and in which time zone moments are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from engine.amounts import MINOR_UNITS

Numbers = Literal["auto", "indian", "western"]

MISSING = "–"

SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}

_WESTERN = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
_INDIAN = ((1e7, "cr"), (1e5, "lakh"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody likes to read.

    Attributes
    ----------
    numbers
        ``indian`` (₹18,40,000, lakh and crore), ``western`` (1,840,000, m and bn), or ``auto``: by
        the currency.
    zone
        Name of a time zone in the IANA database.
    """

    numbers: Numbers = "auto"
    zone: str = "UTC"


PLAIN = Style()


def amount(
    value: float | None, currency: str | None = None, style: Style = PLAIN, *, decimals: int = 2
) -> str:
    """Write an amount in full, e.g. ``₹2,50,350.00``, ``$1,200.50``, ``1,200.50``.

    Parameters
    ----------
    value
        Amount in currency units; ``None`` and NaN read as a dash.
    currency
        ISO code. Codes without a symbol of their own stand after the number; ``None`` means the
        data name no currency, and then none is shown.
    style
        How to group the digits.
    decimals
        Digits after the point.
    """
    if _missing(value):
        return MISSING
    assert value is not None
    text = _grouped(f"{abs(value):,.{decimals}f}", currency, style)
    return _with_currency(text, currency, is_negative=value < 0)


def minor_amount(units: int, currency: str | None = None, style: Style = PLAIN) -> str:
    """Write an amount of minor units in full, exactly, e.g. ``₹9,80,000``, ``$1,200.50``.

    A whole amount has no point.
    """
    whole, fraction = divmod(abs(units), MINOR_UNITS)
    text = _grouped(f"{whole:,}", currency, style) + (f".{fraction:02d}" if fraction else "")
    return _with_currency(text, currency, is_negative=units < 0)


def compact_amount(value: float | None, currency: str | None = None, style: Style = PLAIN) -> str:
    """Write an amount in about three digits, e.g. ``₹18.4 cr``, ``$1.2m``, ``950``."""
    if _missing(value):
        return MISSING
    assert value is not None
    is_indian = _groups_by_lakh(currency, style)
    steps = _INDIAN if is_indian else _WESTERN
    size = abs(value)
    # A size that rounds up to the next unit takes that unit: 999,999 is 1m, not 1,000k.
    for position, (unit, suffix) in enumerate(steps):
        if _rounded(size / unit) >= 1:
            space = " " if is_indian and position < 2 else ""
            shown = f"{size / unit:,.{_digits(size / unit)}f}"
            number = _grouped(shown, currency, style).removesuffix(".0")
            text = f"{number}{space}{suffix}"
            return _with_currency(text, currency, is_negative=value < 0)
    return amount(value, currency, style, decimals=0 if size >= 100 or size == int(size) else 2)


def count(value: float | None, style: Style = PLAIN) -> str:
    """Write a whole number with thousands grouped, e.g. ``2,946``."""
    if _missing(value):
        return MISSING
    assert value is not None
    return ("-" if value < 0 else "") + _grouped(f"{abs(value):,.0f}", None, style)


def share(value: float | None, *, decimals: int = 1) -> str:
    """Write a share in [0, 1] as a percentage, e.g. ``12.3 %``."""
    return MISSING if _missing(value) else f"{100 * (value or 0):.{decimals}f} %"


def score(value: float | None, *, decimals: int = 3) -> str:
    """Write a score in [0, 1], e.g. ``0.943``."""
    return MISSING if _missing(value) else f"{value:.{decimals}f}"


def date(value: Any, style: Style = PLAIN) -> str:
    """Write the date of a moment in the zone, e.g. ``2026-08-03``."""
    instant = _local(value, style)
    return MISSING if instant is None else instant.strftime("%Y-%m-%d")


def moment(value: Any, style: Style = PLAIN) -> str:
    """Write a moment to the minute, e.g. ``2026-08-03 14:05 UTC``, ``… 19:35 UTC+05:30``."""
    instant = _local(value, style)
    return MISSING if instant is None else f"{instant:%Y-%m-%d %H:%M} {_offset(instant)}"


def clock(value: Any, style: Style = PLAIN) -> str:
    """Write the time of day of a moment, e.g. ``14:05 UTC``, ``19:35 UTC+05:30``."""
    instant = _local(value, style)
    return MISSING if instant is None else f"{instant:%H:%M} {_offset(instant)}"


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


def _missing(value: float | None) -> bool:
    return value is None or bool(pd.isna(value))


def _groups_by_lakh(currency: str | None, style: Style) -> bool:
    return style.numbers == "indian" or (style.numbers == "auto" and currency == "INR")


def _grouped(text: str, currency: str | None, style: Style) -> str:
    """Group the digits of a number that is written with thousands grouped."""
    if not _groups_by_lakh(currency, style):
        return text
    whole, point, fraction = text.replace(",", "").partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail]) + point + fraction


def _with_currency(text: str, currency: str | None, *, is_negative: bool) -> str:
    sign = "-" if is_negative else ""
    if currency is None:
        return f"{sign}{text}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {currency}"


def _rounded(size: float) -> float:
    return round(size, 1) if size >= 0.95 else size


def _digits(size: float) -> int:
    return 0 if size >= 99.95 else 1


def _local(value: Any, style: Style) -> pd.Timestamp | None:
    if value is None or pd.isna(value):
        return None
    stamp = pd.Timestamp(value)
    aware = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    return aware.tz_convert(ZoneInfo(style.zone))


def _offset(instant: pd.Timestamp) -> str:
    # ``+0530``; summer time may not hold on the other side of a period.
    written = instant.strftime("%z")
    return "UTC" if written == "+0000" else f"UTC{written[:3]}:{written[3:]}"
