"""Numbers in a text, held against facts: in digits, in words, and inside names such as ``R00007``.

What is not understood is not a fact: a text is thrown away sooner than a wrong number let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNITS = {
    "%": 0.01, "percent": 0.01, "dozen": 12, "hundred": 1e2, "k": 1e3, "thousand": 1e3,
    "l": 1e5, "lac": 1e5, "lakh": 1e5, "m": 1e6, "mn": 1e6, "million": 1e6, "cr": 1e7,
    "crore": 1e7, "b": 1e9, "bn": 1e9, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_COUNTED = (
    "dozen",
    "hundred",
    "thousand",
    "lac",
    "lakh",
    "million",
    "crore",
    "billion",
    "trillion",
)
_UNITS |= {f"{name}s": _UNITS[name] for name in _COUNTED}
#: Not "one", which is rarely a number, and not "second" or "third".
_WORDS: dict[str, float] = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "half": 0.5, "twice": 2, "double": 2, "thrice": 3, "triple": 3,
    **{name: _UNITS[name] for single in _COUNTED for name in (single, f"{single}s")},
}  # fmt: skip
#: Rounding may change a number by so much of it, but whole numbers below this one are counts.
_ROUNDING, _COUNTS = 0.05, 100
_NUMBER = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.(\d+))?)(%|[^\W\d_]*)")
_LETTERS = re.compile(r"[^\W\d_]+")
_BEFORE, _AFTER = "\"'“‘«([{*`_", "\"'”’»)]}*`_.,;:!?"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as a text has it.

    Attributes
    ----------
    number
        None where it is a name, or nothing that is understood.
    factor, digits
        What it is multiplied by, and how many digits its fraction is written with.
    """

    text: str
    number: float | None = None
    factor: float = 1.0
    digits: int = 0


def strangers(text: str, facts: object) -> list[str]:
    """Return the numbers of a text that are no facts, at the precision they are written in."""
    known = list(_figures_in(facts))
    texts = {figure.text for figure in known}
    values = {figure.number * figure.factor for figure in known if figure.number is not None}
    return [
        figure.text for figure in figures(text)
        if figure.text not in texts and not _is_among(figure, values)
    ]  # fmt: skip


def figures(text: str) -> Iterator[Figure]:
    """Yield the numbers of a text, those in words last."""
    chunks = [
        chunk.lstrip(_BEFORE).rstrip(_AFTER).removesuffix("'s").removesuffix("’s")
        for chunk in re.split(r"[\s—]+", text.replace("per cent", "percent"))
    ]
    words: list[str] = []
    ahead = iter(range(len(chunks)))
    for i in ahead:
        if not any(letter.isnumeric() for letter in chunks[i]):
            words += [word.lower() for word in _LETTERS.findall(chunks[i])]
            continue
        words.append("")
        units = []
        for after in chunks[i + 1 :]:
            if after.lower() not in _UNITS:
                break
            units.append(after)
            next(ahead)
        yield _figure(chunks[i], units)
    yield from _in_words(words)


def _figure(chunk: str, units: list[str]) -> Figure:
    text = " ".join([chunk, *units])
    found = _NUMBER.fullmatch(chunk)
    if found is None:
        return Figure(text)
    number, fraction, unit = found.groups()
    factor = 1.0
    for name in (unit, *units) if unit else units:
        if name.lower() not in _UNITS:
            return Figure(text)
        factor *= _UNITS[name.lower()]
    return Figure(text, float(number.replace(",", "")), factor, len(fraction or ""))


def _in_words(words: list[str]) -> Iterator[Figure]:
    """Yield the numbers of a list of words; several in a row are one, which is not computed."""
    row: list[str] = []
    for word in [*words, ""]:
        if word in _WORDS:
            row.append(word)
        elif row:
            yield Figure(" ".join(row), float(_WORDS[row[0]]) if len(row) == 1 else None)
            row = []


def _figures_in(facts: object) -> Iterator[Figure]:
    if isinstance(facts, str):
        yield from figures(facts)
    elif isinstance(facts, int | float) and not isinstance(facts, bool):
        yield Figure("", float(facts))
    elif isinstance(facts, dict | list):
        for part in facts.values() if isinstance(facts, dict) else facts:
            yield from _figures_in(part)


def _is_among(figure: Figure, values: set[float]) -> bool:
    number, factor = figure.number, figure.factor
    if number is None:
        return False
    if factor == 1 and number.is_integer() and abs(number) < _COUNTS:
        return number in values
    return any(
        abs(round(value / factor, figure.digits) - number) < 1e-9
        and abs(number * factor - value) <= _ROUNDING * abs(value) + 1e-9
        for value in values
    )
