"""How numbers, amounts, times, and durations look in a sentence, all of it in lower case."""

from __future__ import annotations

import re
from itertools import groupby

from engine.narrative.numbers import DIGITS, FRACTIONS, ORDINALS, STARTS, WORDS, WORDS_ALONE

SYMBOLS = {
    "₹": "INR", "rs.": "INR", "rs": "INR", "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP",
    "rupees": "INR", "rupee": "INR", "dollars": "USD", "dollar": "USD", "euros": "EUR",
    "euro": "EUR", "pounds": "GBP", "¥": "JPY",
}  # fmt: skip
_ISO = "(?:inr|usd|eur|gbp|jpy|cny|aed|sgd|chf|aud|cad|brl|zar|npr|lkr|bdt|pkr)"
BEFORE = rf"(?:\bus\$|[₹$€£¥]|\brs\.?(?=\s?\d)|\b{_ISO}(?=\s?\d))"
AFTER = rf"(?:\b{_ISO}\b|\b(?:rupees?|dollars?|euros?|pounds)\b)"
SIZE = (
    r"(?:(?:k|m|mn|bn|tn|cr)\b|\s(?:cr|bn|tn|mn|m|k)\b"
    r"|[\s-](?:thousand|million|billion|trillion|lakhs?|lacs?|crores?|hundred)\b)"
)
NUMBER = rf"(?:{DIGITS}|{WORDS})"
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
MONTHS = {
    name[:length]: number
    for number, name in enumerate(_MONTH_NAMES, start=1)
    for length in (3, 4, len(name))
}
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_ZONE = r"(?:\s?(?:utc|gmt|z)(?:\s?[+-]\d{2}:?\d{2})?(?![\w:]))"
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?[ap]\.?m\b\.?)?{_ZONE}?"
UNITS = {
    "d": 86_400, "day": 86_400, "h": 3600, "hr": 3600, "hour": 3600, "min": 60, "minute": 60,
    "s": 1, "sec": 1, "second": 1, "w": 604_800, "week": 604_800,
}  # fmt: skip
UNIT = r"(?:days?|d|hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s|weeks?)\b"
_LENGTH = rf"{NUMBER}(?:\s|-)?{UNIT}"
_COUNTED = "(?:accounts|transfers|transactions|payments|senders|receivers|days|hours)"
_FRACTIONS = "|".join(one.replace(" ", "[ -]") for one in FRACTIONS)

_VAGUE = (
    "dozens", "scores of", "hundreds", "thousands", "millions", "lakhs", "crores", "billions",
    "majority", "most of", "nearly all", "almost all", "yesterday", "today", "tomorrow",
    "last week", "last month", "last year", "per mille", "within an hour", "within a day",
    "within a week", "within a month", "within minutes", "noon", "midnight", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday", "sunday", "basis points", "overnight",
)  # fmt: skip
_RATIO = r"twice|thrice|doubled?|tripled?|trebled?|quadrupled?"
#: Words that something to prove can begin with; what ``_START`` lets through of other words
#: begins with none of their first two letters.
_FIRST_WORDS = (
    *STARTS, *_VAGUE, *_MONTH_NAMES, *ORDINALS, *FRACTIONS, "transaction", "transfer", "tx", "id",
    "us$", "rs", *_ISO[3:-1].split("|"), "twice", "thrice", "double", "triple", "treble",
    "quadruple", "half", "i ", "ii", "iv", "ix", "v ", "vi", "x ", "xi", "xv", "xx",
)  # fmt: skip


def _start() -> str:
    """Return where a value can begin: a cheap test that most places in a text fail."""
    firsts = sorted({one[:2] for one in _FIRST_WORDS})
    words = "|".join(
        f"{letter}[{''.join(re.escape(one[1]) for one in of)}]"
        for letter, of in groupby(firsts, key=lambda one: one[0])
    )
    return rf"(?=[\d₹$€£¥−-]|(?<!\w)(?:{words}|\w[\w-]*?\d))"


PATTERN = re.compile(
    rf"""{_start()}(?:
    (?P<transaction>\b(?:transactions?|transfers?|tx|id)\s(?:no\.\s?|number\s|id\s)?\#?(?P<tx>\d+)\b
        (?!\s?(?:{UNIT}|%|[.,:]\d)))
  | (?P<iso>(?P<day>\d{{4}}-\d{{2}}-\d{{2}})(?:(?:t|\s|\sat\s)(?P<iso_clock>{_CLOCK}))?)
  | (?P<span>\b(?P<d1>\d{{1,2}})\s?(?:–|-|to|and|until)\s?(?=\d{{1,2}}\s{MONTH}))
  | (?P<dmy>\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m>{MONTH})(?:,?\s(?P<y>\d{{4}})\b)?)
  | (?P<mdy>\b(?P<m2>{MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<y2>\d{{4}})\b)?)
  | (?P<month>\b(?P<m3>{MONTH})\s(?P<y3>\d{{4}})\b)
  | (?P<clock>\b{_CLOCK})
  | (?P<year>(?<=\bin\s)(?:19|20)\d{{2}}\b(?!\s[a-z]*(?:accounts|transfers|transactions)))
  | (?P<percent>[-−]?{NUMBER}\s?(?:%|per\s?cent\b))
  | (?P<mille>[-−]?{NUMBER}\s?(?:‰|per\smille\b))
  | (?P<amount>[-−]?{BEFORE}\s?{DIGITS}{SIZE}?|[-−]?{NUMBER}{SIZE}?\s?{AFTER})
  | (?P<duration>{_LENGTH}(?:(?:,?\s(?:and\s)?){_LENGTH})*)
  | (?P<half_time>\bhalf\s(?:an?\s)(?P<half_unit>hour|day|minute))
  | (?P<ratio>\b(?:{_RATIO})\b|{DIGITS}\s?(?:x|times|-?fold)\b)
  | (?P<ordinal>\b(?:{"|".join(ORDINALS)})(?!\w)|\b\d+(?:st|nd|rd|th)\b)
  | (?P<fraction>\b(?:{_FRACTIONS})\b(?!\sa\sdozen))
  | (?P<vague>(?<!\bat\s)\b(?:{"|".join(one.replace(" ", "[ ]") for one in _VAGUE)})\b
      |\d+\s(?:months?|years?)\b|\b{WORDS_ALONE}-?fold\b|\b[ivx]+\s(?={_COUNTED}\b))
  | (?P<number>(?:(?<![\w)])[-−])?(?:{DIGITS}{SIZE}|(?<![\w.]){DIGITS}(?![\w%]|[:.,/-]\d)
        |\b{WORDS}))
  | (?P<unknown>[\w-]*\d(?:[\w/:.,-]*[\w/])?)
    )""",
    re.VERBOSE,
)

#: Digits that are the name of an account are a number after these, or before those.
BEFORE_NUMBER = re.compile(rf"(?:{BEFORE}\s?|\b(?:tx|transaction|transfer)\s)$")
AFTER_NUMBER = re.compile(
    rf"\s?(?:%|{UNIT}|{AFTER}|{MONTH}|per\s?cent|times)|{SIZE}"
    r"|\s(?:(?!(?:made|sent|paid|received|got|had|with|from|to|are|is|was|were|the|of|in)\b)[a-z-]+\s){0,2}(?:accounts|transfers|transactions|senders|receivers|counterparties"
    r"|payments|members|alerts|parties|steps|hops)\b"
)
AFTER_ACCOUNT = re.compile(r"\baccounts?\s$")

#: The parts of an amount, of a number, of a duration, of a time.
AMOUNT = re.compile(
    rf"(?P<sign>[-−]?)(?P<before>{BEFORE})?\s?(?P<n>{NUMBER})(?P<size>{SIZE})?\s?(?P<after>{AFTER})?"
)
SIZED = re.compile(rf"(?P<sign>[-−]?)(?P<n>{NUMBER})(?P<size>{SIZE})?")
LEADING = re.compile(rf"(?P<sign>[-−]?)(?P<n>{NUMBER})")
LENGTHS = re.compile(rf"({NUMBER})[\s-]?({UNIT})")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(:\d{2})?\s?([ap])?")
CLOCK_ZONE = re.compile(r"(?:utc|gmt|z)\s?([+-]\d{2}:?\d{2})?$")
SPAN_END = re.compile(rf"\d{{1,2}}\s({MONTH})(?:,?\s(\d{{4}})\b)?")

#: ``one`` that counts nothing.
PRONOUN = re.compile(r"one\s(?:another|of|by|such|that|reason|side|sign)\b|one-|one'")
NO_COUNT = re.compile(r"\b(?:no|the|this|that|each|every|final|last|latest|other|by|without)\s$")
