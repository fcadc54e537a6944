"""Numbers as people write them: grouped digits, words, fractions, and sizes behind them."""

from __future__ import annotations

import re
from decimal import Decimal

_SMALL = {
    word: number
    for number, word in enumerate((
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen",
    ))
}  # fmt: skip
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
_GROUPS = {
    "hundred": 100, "thousand": 1000, "lakh": 100_000, "million": 10**6, "crore": 10**7,
    "billion": 10**9, "trillion": 10**12,
}  # fmt: skip

#: What may stand behind digits, and how much it makes of them.
SIZES = {
    "k": 10**3, "thousand": 10**3, "lakh": 10**5, "lakhs": 10**5, "lac": 10**5, "lacs": 10**5,
    "m": 10**6, "mn": 10**6, "million": 10**6, "cr": 10**7, "crore": 10**7, "crores": 10**7,
    "bn": 10**9, "billion": 10**9, "tn": 10**12, "trillion": 10**12, "hundred": 100,
}  # fmt: skip

ORDINALS = {
    word: number
    for number, word in enumerate((
        "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
        "seventeenth", "eighteenth", "nineteenth", "twentieth",
    ), start=2)
}  # fmt: skip

#: Fractions in words, as shares.
FRACTIONS = {
    "half": Decimal("0.5"), "a third": Decimal(1) / 3, "one third": Decimal(1) / 3,
    "two thirds": Decimal(2) / 3, "a quarter": Decimal("0.25"), "one quarter": Decimal("0.25"),
    "three quarters": Decimal("0.75"), "a fifth": Decimal("0.2"), "a tenth": Decimal("0.1"),
}  # fmt: skip

_ANY = "|".join((*_SMALL, *_TENS, *_GROUPS))
#: A single word of a number.
WORDS_ALONE = f"(?:{_ANY})"
#: Words of one number: ``seven``, ``twenty-one``, ``one hundred and five``, ``a dozen``.
WORDS = (
    r"(?:half\s+a\s+dozen|(?:a|one)\s+dozen|two\s+dozen|(?:a|the)\s+(?:couple|pair)|"
    rf"(?:a\s+(?={'|'.join(_GROUPS)})\s*)?(?:{_ANY})(?:(?:[\s-]|\s+and\s+)(?:{_ANY}))*)\b(?!-)"
)
#: What such a number can begin with.
STARTS = (*_SMALL, *_TENS, *_GROUPS, "half", "a ", "the ")
_DOZENS = {"half a dozen": 6, "a dozen": 12, "one dozen": 12, "two dozen": 24}

#: Digits as they stand, with all points and commas between them.
DIGITS = r"\d+(?:[.,]\d+)*"
_WESTERN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?")


def from_digits(text: str) -> Decimal | None:
    """Read digits; ``None`` if points and commas stand as in neither English nor Indian use.

    A comma groups, always: ``1,5`` and ``1.200,50`` are refused, since they say two things.
    """
    if _WESTERN.fullmatch(text) or _INDIAN.fullmatch(text):
        return Decimal(text.replace(",", ""))
    return None


def decimals(text: str) -> int:
    """Count the digits behind the point."""
    return len(text.partition(".")[2])


def from_words(text: str) -> Decimal:
    """Read a number in words of lower case, e.g. ``twenty-one``, ``a dozen``."""
    plain = " ".join(text.split())
    if plain in _DOZENS:
        return Decimal(_DOZENS[plain])
    if plain.endswith(("couple", "pair")):
        return Decimal(2)
    total = part = 0
    for word in re.split(r"[\s-]+", plain):
        if word in _GROUPS and _GROUPS[word] > 100:
            total, part = total + max(part, 1) * _GROUPS[word], 0
        elif word == "hundred":
            part = max(part, 1) * 100
        else:
            part += _SMALL.get(word, _TENS.get(word, 0))
    return Decimal(total + part)
