"""Find every number, moment, duration, and name in a sentence: what has to be proven of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from engine.narrative import patterns
from engine.narrative.numbers import (
    FRACTIONS,
    ORDINALS,
    SIZES,
    decimals,
    from_digits,
    from_words,
)
from engine.narrative.pseudonyms import whole_names
from engine.narrative.wording import folded

#: ``unknown`` is what looks like a value and is none that can be read: it proves nothing.
TokenKind = Literal[
    "number", "amount", "percent", "fraction", "ratio", "ordinal", "duration", "moment", "date",
    "month", "year", "clock", "account", "transaction", "unknown",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """Something in a sentence that has to stand in a cited fact.

    Attributes
    ----------
    number
        What is written, before its size: 9.8 of ``9.8 lakh``; seconds of a duration.
    size
        What it is multiplied by: 100,000 of ``9.8 lakh``; the seconds of the smallest unit of a
        duration.
    decimals
        Digits shown behind the point.
    currency
        ISO code, where it names one.
    when
        A date, month, year, clock, or moment, in ISO 8601; with ``Z`` where it names a zone.
    name
        The account, or the digits of a transaction.
    is_plain
        Digits without sign or unit, which may be the name of an account, too.
    is_compound
        A duration of two units or more.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    number: Decimal = Decimal(0)
    size: Decimal = Decimal(1)
    decimals: int = 0
    currency: str | None = None
    when: str = ""
    name: str = ""
    is_plain: bool = False
    is_compound: bool = False


def tokens(text: str, names: Collection[str] = ()) -> tuple[Token, ...]:
    """Return all that a sentence states in numbers, times, and names, in order.

    Parameters
    ----------
    text
        One sentence.
    names
        Accounts, and other ids, that it may name. Digits and letters that are mixed and are none
        of them come back as ``unknown``, as does every number that cannot be read.
    """
    found: list[Token] = []
    plain = folded(text)
    at = 0
    for name in names_in(frozenset(names)).finditer(text):
        if _is_number(plain, name):
            continue
        found += _between(text, plain, at, name.start())
        found.append(Token("account", name[0], *name.span(), name=name[0]))
        at = name.end()
    return (*found, *_between(text, plain, at, len(text)))


@lru_cache(maxsize=64)
def names_in(names: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of any of some names."""
    return whole_names(names)


def _is_number(plain: str, name: re.Match[str]) -> bool:
    """Tell whether digits that are an account's name are a number here."""
    if not name[0].isdecimal():
        return False
    lead = plain[max(0, name.start() - 16) : name.start()]
    if patterns.AFTER_ACCOUNT.search(lead):
        return False
    return bool(
        patterns.BEFORE_NUMBER.search(lead) or patterns.AFTER_NUMBER.match(plain, name.end())
    )


def _between(text: str, plain: str, start: int, end: int) -> Iterator[Token]:
    for found in patterns.PATTERN.finditer(plain, start, end):
        if found[0] == "one" and (
            patterns.PRONOUN.match(plain, found.start())
            or patterns.NO_COUNT.search(plain, 0, found.start())
        ):
            continue
        base = Token("unknown", text[found.start() : found.end()], *found.span())
        yield _READERS[found.lastgroup or "unknown"](base, found) or base


def _amount(base: Token, found: re.Match[str]) -> Token | None:
    parts = patterns.AMOUNT.fullmatch(found[0])
    return _sized(base, parts, "amount", parts["before"] or parts["after"]) if parts else None


def _plain(base: Token, found: re.Match[str]) -> Token | None:
    parts = patterns.SIZED.fullmatch(found[0])
    return _sized(base, parts, "number", None) if parts else None


def _sized(
    base: Token, parts: re.Match[str], kind: TokenKind, currency: str | None
) -> Token | None:
    number = _read(parts["n"])
    if number is None:
        return None
    word = (parts["size"] or "").strip(" -\u00a0")
    named = None if currency is None else patterns.SYMBOLS.get(currency, currency.upper())
    return replace(
        base, kind=kind, number=-number if parts["sign"] else number, currency=named,
        size=Decimal(SIZES[word]) if word else Decimal(1), decimals=decimals(parts["n"]),
        is_plain=parts["n"].isdecimal() and not word and named is None,
    )  # fmt: skip


def _read(text: str) -> Decimal | None:
    return from_digits(text) if text[0].isdecimal() else from_words(text)


def _percent(base: Token, found: re.Match[str]) -> Token | None:
    parts = patterns.LEADING.match(found[0])
    number = _read(parts["n"]) if parts else None
    if parts is None or number is None:
        return None
    signed = -number if parts["sign"] else number
    return replace(base, kind="percent", number=signed, decimals=decimals(parts["n"]))


def _duration(base: Token, found: re.Match[str]) -> Token | None:
    parts = [
        (_read(one[1]), decimals(one[1]), Decimal(patterns.UNITS[_unit(one[2])]))
        for one in patterns.LENGTHS.finditer(found[0])
    ]
    sizes = [size for _, _, size in parts]
    if any(number is None for number, _, _ in parts) or sizes != sorted(set(sizes), reverse=True):
        return None
    seconds = sum((number or Decimal(0)) * size for number, _, size in parts)
    return replace(
        base, kind="duration", number=Decimal(seconds), size=sizes[-1], decimals=parts[-1][1],
        is_compound=len(parts) > 1,
    )  # fmt: skip


def _unit(text: str) -> str:
    return text if text in patterns.UNITS else text.removesuffix("s")


def _half_time(base: Token, found: re.Match[str]) -> Token:
    size = Decimal(patterns.UNITS[found["half_unit"]])
    return replace(base, kind="duration", number=size / 2, size=size, decimals=1)


def _ratio(base: Token, found: re.Match[str]) -> Token | None:
    times = _TIMES.get(found[0][:2])
    if times is not None:
        return replace(base, kind="ratio", number=Decimal(times))
    parts = patterns.LEADING.match(found[0])
    number = _read(parts["n"]) if parts else None
    if parts is None or number is None:
        return None
    return replace(base, kind="ratio", number=number, decimals=decimals(parts["n"]))


#: Of twice, double, thrice, triple, treble, quadruple.
_TIMES = {"tw": 2, "do": 2, "th": 3, "tr": 3, "qu": 4}


def _ordinal(base: Token, found: re.Match[str]) -> Token:
    number = ORDINALS.get(found[0]) or int(_NO_DIGITS.sub("", found[0]))
    return replace(base, kind="ordinal", number=Decimal(number))


_NO_DIGITS = re.compile(r"\D")


def _fraction(base: Token, found: re.Match[str]) -> Token:
    return replace(base, kind="fraction", number=FRACTIONS[found[0].replace("-", " ")])


def _iso(base: Token, found: re.Match[str]) -> Token | None:
    day = _day(found["day"])
    if day is None:
        return None
    if found["iso_clock"] is None:
        return replace(base, kind="date", when=day)
    clock = _time(found["iso_clock"])
    return replace(base, kind="moment", when=_at(day, clock)) if clock else None


def _at(day: str, clock: str) -> str:
    """Return a moment; one that tells its distance to UTC is told in UTC."""
    zone = re.fullmatch(r"(.*)Z([+-])(\d{2}):?(\d{2})", clock)
    if zone is None:
        return f"{day}T{clock}"
    away = timedelta(hours=int(zone[3]), minutes=int(zone[4])) * (1 if zone[2] == "+" else -1)
    return (datetime.fromisoformat(f"{day}T{zone[1]}") - away).isoformat()[
        : 11 + len(zone[1])
    ] + "Z"


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _time(text: str) -> str | None:
    parts = patterns.CLOCK.match(text)
    if parts is None:
        return None
    hour, half = int(parts[1]), parts[4] or ""
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or int(parts[2]) > 59 or int((parts[3] or ":0")[1:]) > 59:
        return None
    zone = patterns.CLOCK_ZONE.search(text)
    return f"{hour:02d}:{parts[2]}{parts[3] or ''}" + (f"Z{zone[1] or ''}" if zone else "")


def _calendar(base: Token, day: str, month: str, year: str | None) -> Token | None:
    if base.text.endswith("may"):
        return replace(base, kind="number", number=Decimal(day), is_plain=True)  # ``1 may apply``
    number = patterns.MONTHS[month.rstrip(".")]
    told = _day(f"{year or '2024'}-{number:02d}-{int(day):02d}")
    return replace(base, kind="date", when=told if year else told[4:]) if told else None


def _span(base: Token, found: re.Match[str]) -> Token | None:
    rest = patterns.SPAN_END.match(found.string, found.end())
    return _calendar(base, found["d1"], rest[1], rest[2]) if rest else None


def _clock(base: Token, found: re.Match[str]) -> Token | None:
    clock = _time(found[0])
    return replace(base, kind="clock", when=clock) if clock else None


def _month(base: Token, found: re.Match[str]) -> Token:
    number = patterns.MONTHS[found["m3"].rstrip(".")]
    return replace(base, kind="month", when=f"{found['y3']}-{number:02d}")


_READERS: dict[str, Callable[[Token, re.Match[str]], Token | None]] = {
    "transaction": lambda base, one: replace(base, kind="transaction", name=one["tx"]),
    "iso": _iso,
    "span": _span,
    "dmy": lambda base, one: _calendar(base, one["d"], one["m"], one["y"]),
    "mdy": lambda base, one: _calendar(base, one["d2"], one["m2"], one["y2"]),
    "month": _month,
    "clock": _clock,
    "year": lambda base, one: replace(base, kind="year", when=one[0]),
    "percent": _percent,
    "amount": _amount,
    "duration": _duration,
    "half_time": _half_time,
    "ratio": _ratio,
    "ordinal": _ordinal,
    "fraction": _fraction,
    "mille": lambda base, _: base,
    "vague": lambda base, _: base,
    "number": _plain,
    "unknown": lambda base, _: base,
}
