"""How a fact reads inside a sentence, and sentences that cite what they say."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from engine import formats
from engine.formats import Style
from engine.narrative.draft import Sentence
from engine.narrative.ledger import Fact, Ledger

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Said:
    """A fact inside a pattern: ``{n}`` writes its value, ``{n:transfer}`` a number of things.

    ``{n:payee|payees}`` names the plural, where it is not made by an ``s``.
    """

    def __init__(self, fact: Fact, style: Style) -> None:
        self._fact, self._text = fact, said(fact, style)

    def __format__(self, noun: str) -> str:
        """Write the value, with the noun in its number."""
        if not noun:
            return self._text
        single, _, several = noun.partition("|")
        return f"{self._text} {single if self._fact.value == 1 else several or f'{single}s'}"


class Teller:
    """Writes sentences about one ledger in one style."""

    def __init__(self, ledger: Ledger, style: Style) -> None:
        self._style = style
        self._by_key: dict[str, list[Fact]] = {}
        for fact in ledger.facts:
            self._by_key.setdefault(fact.key, []).append(fact)

    def all(self, key: str) -> list[Fact]:
        """Return the facts of a key, in the order of the ledger."""
        return self._by_key.get(key, [])

    def keys(self, start: str) -> list[str]:
        """Return the keys that begin so, in the order of the ledger."""
        return [key for key in self._by_key if key.startswith(start)]

    def one(self, key: str) -> Fact | None:
        """Return the fact of a key, if there is one."""
        found = self.all(key)
        return found[0] if found else None

    def of(self, key: str, account: str) -> Fact | None:
        """Return the fact of a key about an account."""
        return next((one for one in self.all(key) if account in one.subjects), None)

    def number(self, key: str) -> int:
        """Return the value of a count or amount; 0 where it is not there."""
        fact = self.one(key)
        return fact.value if fact is not None and isinstance(fact.value, int) else 0

    def say(self, fact: Fact) -> str:
        """Write the value of a fact."""
        return said(fact, self._style)

    def line(
        self,
        pattern: str,
        *,
        cites: Iterable[Fact | None] | Fact | None = None,
        **facts: Fact | None,
    ) -> list[Sentence]:
        """Return a sentence that cites its facts; none where one of those in it is missing.

        Parameters
        ----------
        pattern
            With the names of the facts in braces; text of the data stands in no pattern.
        cites
            Facts that it rests on besides.
        """
        more = (cites,) if cites is None or isinstance(cites, Fact) else cites
        shown = {name: fact for name, fact in facts.items() if fact is not None}
        if len(shown) < len(facts):
            return []
        text = pattern.format(**{name: Said(fact, self._style) for name, fact in shown.items()})
        ids = [fact.fact_id for fact in (*shown.values(), *more) if fact is not None]
        return [Sentence(text[:1].upper() + text[1:], tuple(dict.fromkeys(ids)))]


def said(fact: Fact, style: Style) -> str:
    """Write the value of a fact in full."""
    value = fact.value
    if isinstance(value, tuple):
        return " to ".join(value)
    if fact.kind == "amount" and isinstance(value, int):
        return formats.minor_amount(value, fact.unit or None, style)
    if fact.kind == "duration" and isinstance(value, int):
        return duration(value)
    if isinstance(value, int):
        return formats.count(value, style)
    if fact.kind == "share":
        return formats.share(float(value))
    if fact.kind == "score":
        return formats.score(float(value))
    return formats.moment(value, style) if fact.kind == "moment" else value


def duration(seconds: int) -> str:
    """Write a duration by its two largest whole units, e.g. ``2 days 4 hours``."""
    for (size, name), (smaller, smaller_name) in pairwise(_UNITS):
        if seconds >= size:
            rest = seconds % size // smaller
            return _units(seconds // size, name) + (
                f" {_units(rest, smaller_name)}" if rest else ""
            )
    return _units(seconds, "second")


def _units(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def at(fact: Fact | None) -> str:
    """Return the preposition of a time: ``on`` a date, ``at`` a moment."""
    return "on" if fact is not None and fact.kind == "date" else "at"


def placed(names: list[str]) -> str:
    """Join placeholders, e.g. ``{a}, {b} and {c}``."""
    braces = [f"{{{name}}}" for name in names]
    return braces[0] if len(braces) == 1 else f"{', '.join(braces[:-1])} and {braces[-1]}"
