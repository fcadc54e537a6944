"""Find every number, moment, duration, and name in a sentence: what has to be proven of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from engine.narrative.numbers import (
    DIGITS,
    FRACTIONS,
    ORDINALS,
    SIZES,
    WORDS,
    decimals,
    from_digits,
    from_words,
)
from engine.narrative.pseudonyms import whole_names

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


_SYMBOLS = {
    "₹": "INR", "rs.": "INR", "rs": "INR", "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP",
    "rupees": "INR", "rupee": "INR", "dollars": "USD", "dollar": "USD", "euros": "EUR",
    "euro": "EUR", "pounds": "GBP", "¥": "JPY",
}  # fmt: skip
_ISO = r"(?:INR|USD|EUR|GBP|JPY|CNY|AED|SGD|CHF|AUD|CAD|BRL|ZAR|NPR|LKR|BDT|PKR)"
_BEFORE = rf"(?:US\$|[₹$€£¥]|\bRs\.?(?=\s?\d)|\b{_ISO}(?=\s?\d))"
_AFTER = rf"(?:\b{_ISO}\b|\b(?:rupees?|dollars?|euros?|pounds)\b)"
_SIZE = r"(?:(?:k|m|mn|bn|tn|cr)\b|\s(?:cr|bn|tn|mn|m|k)\b|[\s-](?:thousand|million|billion|trillion|lakhs?|lacs?|crores?|hundred)\b)"  # noqa: E501
_NUMBER = rf"(?:{DIGITS}|{WORDS})"
_MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        "january february march april may june july august september october november "
        "december".split(),
        start=1,
    )
    for length in (3, 4, len(name))
}
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_ZONE = r"(?:\s?(?:UTC|GMT|Z)(?:\s?[+-]\d{2}:?\d{2})?(?![\w:]))"
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?[ap]\.?m\b\.?)?{_ZONE}?"
_UNITS = {
    "d": 86_400, "day": 86_400, "h": 3600, "hr": 3600, "hour": 3600, "min": 60, "minute": 60,
    "s": 1, "sec": 1, "second": 1, "w": 604_800, "week": 604_800,
}  # fmt: skip
_UNIT = r"(?:days?|d|hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s|weeks?)\b"
_LENGTH = rf"{_NUMBER}(?:\s|-)?{_UNIT}"

_PATTERN = re.compile(
    rf"""
    (?P<transaction>\b(?:transactions?|transfers?|tx|id)\s(?:no\.\s?|number\s|id\s)?\#?(?P<tx>\d+)\b
        (?!\s?(?:{_UNIT}|%|[.,:]\d)))
  | (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?:(?:T|\s|\sat\s)(?P<iso_clock>{_CLOCK}))?
  | (?P<span>\b(?P<d1>\d{{1,2}})\s?(?:–|-|to|and|until)\s?(?=\d{{1,2}}\s{_MONTH}))
  | (?P<dmy>\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m>{_MONTH})(?:,?\s(?P<y>\d{{4}})\b)?)
  | (?P<mdy>\b(?P<m2>{_MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<y2>\d{{4}})\b)?)
  | (?P<month>\b(?P<m3>{_MONTH})\s(?P<y3>\d{{4}})\b)
  | (?P<clock>\b{_CLOCK})
  | (?P<year>(?<=\bin\s)(?:19|20)\d{{2}}\b(?!\s[a-z]*(?:accounts|transfers|transactions)))
  | (?P<percent>[-−]?{_NUMBER}\s?(?:%|per\s?cent\b))
  | (?P<amount>[-−]?{_BEFORE}\s?{DIGITS}{_SIZE}?|[-−]?{_NUMBER}{_SIZE}?\s?{_AFTER})
  | (?P<duration>{_LENGTH}(?:(?:,?\s(?:and\s)?){_LENGTH})*)
  | (?P<half_time>\bhalf\s(?:an?\s)(?P<half_unit>hour|day|minute))
  | (?P<ratio>\b(?:twice|thrice|doubled?|tripled?|trebled?)\b|{DIGITS}\s?(?:x|times|-?fold)\b)
  | (?P<ordinal>\b(?:{"|".join(ORDINALS)})(?!\w)|\b\d+(?:st|nd|rd|th)\b)
  | (?P<fraction>\b(?:{"|".join(one.replace(" ", "[ -]") for one in FRACTIONS)})\b(?!\sa\sdozen))
  | (?P<vague>\b(?:dozens|scores|hundreds|thousands|millions|lakhs|crores|billions|majority
        |(?<!at\s)most\sof|nearly\sall|almost\sall|yesterday|today|tomorrow|last\s(?:week|month|year)
        |\d+\s(?:months?|years?))\b)
  | (?P<number>(?:(?<![\w)])[-−])?(?:(?<![\w.]){DIGITS}(?![\w%]|:\d|[-/]\d){_SIZE}?|{DIGITS}{_SIZE}
        |\b{WORDS}))
  | (?P<unknown>[\w-]*\d(?:[\w/:.,-]*[\w/])?)
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: ``one`` that counts nothing.
_PRONOUN = re.compile(r"one\s(?:another|of|by)\b|one-|one'", re.IGNORECASE)
_NO_COUNT = re.compile(r"\b(?:no|the|this|that|each|every)\s$", re.IGNORECASE)


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
    at = 0
    for name in names_in(frozenset(names)).finditer(text):
        if _is_number(text, name):
            continue
        found += _between(text, at, name.start())
        found.append(Token("account", name[0], *name.span(), name=name[0]))
        at = name.end()
    return (*found, *_between(text, at, len(text)))


@lru_cache(maxsize=64)
def names_in(names: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of any of some names."""
    return whole_names(names)


_BEFORE_NUMBER = re.compile(rf"(?:{_BEFORE}\s?|\b(?:tx|transaction|transfer)\s)$", re.IGNORECASE)
_AFTER_NUMBER = re.compile(
    rf"\s?(?:%|{_UNIT}|{_AFTER}|{_MONTH}|per\s?cent|times)|{_SIZE}"
    r"|\s(?:[a-z-]+\s){0,2}(?:accounts|transfers|transactions|senders|receivers|counterparties"
    r"|payments|members|alerts|parties|steps|hops)\b",
    re.IGNORECASE,
)


def _is_number(text: str, name: re.Match[str]) -> bool:
    """Tell whether digits that are an account's name are a number here."""
    if not name[0].isdecimal():
        return False
    lead = text[max(0, name.start() - 16) : name.start()]
    if re.search(r"\baccounts?\s$", lead, re.IGNORECASE):
        return False
    return bool(_BEFORE_NUMBER.search(lead) or _AFTER_NUMBER.match(text, name.end()))


def _between(text: str, start: int, end: int) -> Iterator[Token]:
    for found in _PATTERN.finditer(text, start, end):
        token = _token(found, text)
        if token is not None:
            yield token


def _token(found: re.Match[str], text: str) -> Token | None:
    kind = found.lastgroup or ""
    kind = next(one for one in _READERS if found.group(one) is not None)
    base = Token("unknown", found[0], *found.span())
    if found[0].lower() == "one" and (
        _PRONOUN.match(text, found.start()) or _NO_COUNT.search(text[: found.start()])
    ):
        return None
    read = _READERS[kind](base, found)
    return replace(base, kind="unknown") if read is None else read


def _amount(base: Token, found: re.Match[str]) -> Token | None:
    parts = re.fullmatch(
        rf"(?P<sign>[-−]?)(?P<before>{_BEFORE})?\s?(?P<n>{_NUMBER})(?P<size>{_SIZE})?\s?(?P<after>{_AFTER})?",
        found[0],
        re.IGNORECASE,
    )
    return parts and _sized(base, parts, "amount", parts["before"] or parts["after"])


def _plain(base: Token, found: re.Match[str]) -> Token | None:
    parts = re.fullmatch(
        rf"(?P<sign>[-−]?)(?P<n>{_NUMBER})(?P<size>{_SIZE})?", found[0], re.IGNORECASE
    )
    return parts and _sized(base, parts, "number", None)


def _sized(
    base: Token, parts: re.Match[str], kind: TokenKind, currency: str | None
) -> Token | None:
    number = _read(parts["n"])
    if number is None:
        return None
    word = (parts["size"] or "").strip(" -\u00a0").lower()
    named = None if currency is None else _SYMBOLS.get(currency.lower(), currency.upper())
    return replace(
        base, kind=kind, number=-number if parts["sign"] else number, currency=named,
        size=Decimal(SIZES[word]) if word else Decimal(1), decimals=decimals(parts["n"]),
        is_plain=parts["n"].isdecimal() and not word and named is None,
    )  # fmt: skip


def _read(text: str) -> Decimal | None:
    return from_digits(text) if text[0].isdecimal() else from_words(text)


def _percent(base: Token, found: re.Match[str]) -> Token | None:
    digits = re.match(_NUMBER, found[0], re.IGNORECASE)
    number = digits and _read(digits[0])
    if digits is None or number is None:
        return None
    return replace(base, kind="percent", number=number, decimals=decimals(digits[0]))


def _duration(base: Token, found: re.Match[str]) -> Token | None:
    parts = [
        (_read(one[1]), decimals(one[1]), Decimal(_UNITS[_unit(one[2])]))
        for one in re.finditer(rf"({_NUMBER})[\s-]?({_UNIT})", found[0], re.IGNORECASE)
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
    plain = text.lower()
    return plain if plain in _UNITS else plain.removesuffix("s")


def _half_time(base: Token, found: re.Match[str]) -> Token:
    size = Decimal(_UNITS[found["half_unit"].lower()])
    return replace(base, kind="duration", number=size / 2, size=size, decimals=1)


def _ratio(base: Token, found: re.Match[str]) -> Token | None:
    word = found[0].lower()
    if not word[0].isdecimal():
        return replace(base, kind="ratio", number=Decimal(3 if word.startswith("t") and word != "twice" else 2))  # noqa: E501  # fmt: skip
    digits = re.match(DIGITS, word)
    number = digits and from_digits(digits[0])
    if digits is None or number is None:
        return None
    return replace(base, kind="ratio", number=number, decimals=decimals(digits[0]))


def _ordinal(base: Token, found: re.Match[str]) -> Token:
    number = ORDINALS.get(found[0].lower()) or int(re.sub(r"\D", "", found[0]))
    return replace(base, kind="ordinal", number=Decimal(number))


def _fraction(base: Token, found: re.Match[str]) -> Token:
    return replace(base, kind="fraction", number=FRACTIONS[found[0].lower().replace("-", " ")])


def _iso(base: Token, found: re.Match[str]) -> Token | None:
    day = _day(found["iso"])
    if day is None or found["iso_clock"] is None:
        return day and replace(base, kind="date", when=day)
    clock = _time(found["iso_clock"])
    return clock and replace(base, kind="moment", when=_at(day, clock))


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
    parts = re.match(r"(\d{1,2}):(\d{2})(:\d{2})?\s?([ap])?", text, re.IGNORECASE)
    if parts is None:
        return None
    hour, half = int(parts[1]), (parts[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or int(parts[2]) > 59:
        return None
    zone = re.search(r"(?:UTC|GMT|Z)\s?([+-]\d{2}:?\d{2})?$", text, re.IGNORECASE)
    return f"{hour:02d}:{parts[2]}{parts[3] or ''}" + (f"Z{zone[1] or ''}" if zone else "")


def _calendar(base: Token, day: str, month: str, year: str | None) -> Token | None:
    number = _MONTHS[month.lower().rstrip(".")]
    told = _day(f"{year or '2024'}-{number:02d}-{int(day):02d}")
    return told and replace(base, kind="date", when=told if year else told[4:])


def _span(base: Token, found: re.Match[str]) -> Token | None:
    rest = re.match(
        rf"\d{{1,2}}\s({_MONTH})(?:,?\s(\d{{4}})\b)?", found.string[found.end() :], re.IGNORECASE
    )
    return rest and _calendar(base, found["d1"], rest[1], rest[2])


def _clock(base: Token, found: re.Match[str]) -> Token | None:
    clock = _time(found[0])
    return clock and replace(base, kind="clock", when=clock)


def _month(base: Token, found: re.Match[str]) -> Token:
    number = _MONTHS[found["m3"].lower().rstrip(".")]
    return replace(base, kind="month", when=f"{found['y3']}-{number:02d}")


_READERS = {
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
    "vague": lambda base, one: base,
    "number": _plain,
    "unknown": lambda base, one: base,
}
