"""Facts of the workbench: earlier alerts on the same accounts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from engine.narrative.gather_book import Book

#: Most earlier alerts that are named.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class EarlierAlert:
    """An earlier alert on an account of this one, as the workbench knows it.

    Attributes
    ----------
    alert
        How people call it, e.g. ``AL-12``.
    opened
        When its evidence ended; without a time zone it is UTC.
    disposition
        What was decided, in words of the program, e.g. ``false positive``; ``None`` while open.
    accounts
        The accounts that both have.
    """

    alert: str
    opened: datetime
    disposition: str | None
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the workbench adds to what a run knows; ``earlier`` the latest first."""

    earlier: tuple[EarlierAlert, ...] = ()


def add_case(book: Book, extra: CaseFacts | None) -> None:
    """Add earlier alerts on the same accounts; nothing where the workbench was not asked."""
    if extra is None:
        return
    query = "case_facts.case_facts"
    book.add("earlier.alerts", "count", len(extra.earlier),
             "earlier alerts on the same accounts", "who", is_key=True, query=query)  # fmt: skip
    decided = Counter(one.disposition or "not decided yet" for one in extra.earlier)
    for disposition, number in sorted(decided.items()):
        book.add("earlier.disposition", "text", disposition, "what was decided", "counter",
                 query=query)  # fmt: skip
        book.add("earlier.decided", "count", number, "earlier alerts decided like that", "counter",
                 query=query)  # fmt: skip
    for one in extra.earlier[:_MOST_NAMED]:
        book.add("earlier.alert", "text", one.alert, "an earlier alert", "who",
                 subjects=one.accounts[:_MOST_NAMED], query=query)  # fmt: skip
