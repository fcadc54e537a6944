"""Values as people write them, by arithmetic of its own: nothing of the program's number writing.

Each function gives a list of true forms of a value, from the most exact on.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from engine.narrative.ledger import Fact

_SYMBOL = {"INR": "₹", "USD": "$"}
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LAKH, _CRORE = Decimal(10**5), Decimal(10**7)


def forms(fact: Fact) -> list[str]:
    """Return true ways to write the value of a fact."""
    value = fact.value
    if isinstance(value, tuple):
        return [", then ".join(value)]
    if isinstance(value, int):
        by_kind = {"amount": _amounts, "count": _counts, "duration": _durations}
        return by_kind[fact.kind](fact)
    if fact.kind in ("date", "moment"):
        return _times(value)
    if fact.kind == "share":
        return _shares(Decimal(value))
    return _scores(Decimal(value)) if fact.kind == "score" else [value]


def _amounts(fact: Fact) -> list[str]:
    assert isinstance(fact.value, int)
    value = Decimal(fact.value) / 100
    full = [f"{value:,.2f}"]
    sized = []
    if fact.unit == "INR":
        full = [_indian(value), f"{value:,.2f}"]
        sized = [(_LAKH, " lakh", 2), (_LAKH, " lakh", 4), (_CRORE, " crore", 3)]
    large = [(Decimal(10**6), " million", 2), (Decimal(10**6), "m", 3)] if value >= 10**6 else []
    small = (
        [(Decimal(1000), "k", 1), (Decimal(1000), " thousand", 2)] if 10**4 <= value < 10**6 else []
    )
    texts = full + [
        f"{_rounded(value / size, digits)}{word}"
        for size, word, digits in (*sized, *large, *small)
        if value >= size
    ]
    if value == value.to_integral():
        texts.append(f"{value:,.0f}")
    symbol = _SYMBOL.get(fact.unit, "")
    if not symbol:
        return texts
    after = "rupees" if fact.unit == "INR" else "dollars"
    marks = (f"{symbol}{{}}", f"{fact.unit} {{}}", f"{{}} {after}", f"{symbol}{{}}")
    return [marks[n % 4].format(text) for n, text in enumerate(texts)]


def _indian(value: Decimal) -> str:
    whole, _, fraction = f"{value:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, n - 2) : n] for n in range(len(head), 0, -2)][::-1]
    return ",".join([*groups, tail]) + f".{fraction}"


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _counts(fact: Fact) -> list[str]:
    assert isinstance(fact.value, int)
    texts = [f"{fact.value:,}"]
    if fact.value < 100:
        texts.append(words(fact.value))
    if fact.value >= 1000:
        texts.append(str(fact.value))
    for size, word in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if fact.value >= size:
            texts.append(f"{_rounded(Decimal(fact.value) / size, 2).normalize():f} {word}")
            break
    return texts


def words(number: int) -> str:
    """Write a number below 100 in words."""
    if number < 20:
        return _ONES[number]
    return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")


def _durations(fact: Fact) -> list[str]:
    assert isinstance(fact.value, int)
    seconds = fact.value
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3600, seconds % 3600 // 60
    exact = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((days, "day"), (hours, "hour"), (minutes, "minute"))
        if number
    ]
    texts = [" and ".join(exact) if len(exact) < 3 else f"{exact[0]}, {exact[1]} and {exact[2]}"]
    if hours or minutes:
        texts.append(f"{days * 24 + hours} h {minutes} min")
    texts.append(f"{_rounded(Decimal(seconds) / 3600, 1).normalize():f} hours")
    texts.append(f"{_rounded(Decimal(seconds) / 60, 0):,} minutes")
    if days > 1:
        texts.append(f"{_rounded(Decimal(seconds) / 86_400, 1)} days")
    return [one for one in texts if one]


def _times(value: str) -> list[str]:
    told = datetime.fromisoformat(value.replace("Z", "+00:00"))
    day, month, short = told.day, f"{told:%B}", f"{told:%b}"
    dates = [
        f"on {told:%Y-%m-%d}", f"on {day} {month} {told.year}", f"on {month} {day}, {told.year}",
        f"on {day} {short} {told.year}", f"on the {day}{_ending(day)} of {month} {told.year}",
    ]  # fmt: skip
    if "T" not in value:
        return dates
    clock = f"{told:%H:%M}"
    return [
        f"on {day} {month} {told.year} at {clock} UTC", f"at {clock} UTC on {day} {month}",
        f"at {told:%Y-%m-%d %H:%M} UTC", *dates[1:3], f"at {clock} on {told:%Y-%m-%d}",
    ]  # fmt: skip


def _ending(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _shares(value: Decimal) -> list[str]:
    percent = value * 100
    return [
        f"{_rounded(percent, 1)} %", f"{_rounded(percent, 2)}%", f"{_rounded(percent, 0)} per cent",
        *(["half"] if percent == 50 else []),
    ]  # fmt: skip


def _scores(value: Decimal) -> list[str]:
    return [f"{_rounded(value, 3)}", f"{_rounded(value, 2)}"]
