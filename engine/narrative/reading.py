"""A sentence as it is read for what it claims: its words, its clauses, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.narrative.ledger import Fact
from engine.narrative.tokens import Token
from engine.narrative.wording import folded

CLAUSE = re.compile(r"[;:]\s|,\s(?!\d)|\s(?:and|while|but|then|whereas|although|though|where)\s")
#: Ready-made words that claim nothing.
_STOCK = re.compile(
    r"no finding about (?:any|a) person|each other(?:'s)?|one another(?:'s)?|"
    r"from the first account to the other"
)
#: Words, but no ending of what is blanked.
_WORD = re.compile(r"(?<![a-z'’])(?!(?<=·)s\b)[a-z]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of lower case, and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """A sentence, its values and names found.

    Attributes
    ----------
    text
        The sentence, without the words of the program's own texts.
    stated
        Its values and names, in order.
    matches
        The cited facts that each of them is the value of.
    cited
        The facts that it cites.
    """

    text: str
    stated: Sequence[Token]
    matches: Sequence[Sequence[Fact]]
    cited: Sequence[Fact]

    @cached_property
    def plain(self) -> str:
        """Of the same length, in lower case, with values, names, and ready-made words blanked."""
        letters = list(folded(self.text))
        spans = [(one.start, one.end) for one in self.stated]
        spans += [one.span() for one in _STOCK.finditer("".join(letters))]
        for start, end in spans:
            letters[start:end] = "·" * (end - start)
        return "".join(letters)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words, without its values and names."""
        return tuple(Word(one[0], *one.span()) for one in _WORD.finditer(self.plain))

    @cached_property
    def bounds(self) -> tuple[int, ...]:
        """Where its clauses begin, and its end."""
        return (0, *(one.end() for one in CLAUSE.finditer(self.plain)), len(self.plain) + 1)

    def clause(self, at: int) -> tuple[int, int]:
        """Return where the clause around a place begins and ends."""
        end = next(one for one in self.bounds if one > at)
        return self.bounds[self.bounds.index(end) - 1], end

    def words_in(self, start: int, end: int) -> list[Word]:
        """Return the words between two places."""
        return [one for one in self.words if start <= one.start < end]

    def valued(self) -> list[tuple[Token, Sequence[Fact]]]:
        """Return the values with the facts that they are of; names are none."""
        return [
            (token, facts)
            for token, facts in zip(self.stated, self.matches, strict=True)
            if facts and token.kind not in ("account", "transaction")
        ]
