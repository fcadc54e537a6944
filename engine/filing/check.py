"""What the text of a report lacks, or has and must not."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import get_args

from engine.filing.draft import TO_STATE
from engine.filing.jurisdiction import Jurisdiction
from engine.filing.sentences import with_facts
from engine.narrative.ledger import Ledger, Topic
from engine.narrative.verdict import Narrative

_QUESTIONS = tuple(one for one in get_args(Topic) if one not in ("counter", "method"))

#: Lines of cells: with bars or tabs between them, or rules of a table.
_TABLE = re.compile(r"^[^\n]*(?:\|[^\n|]*\||\t[^\n\t]*\t|[-=_+]{5,})[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule held against a text.

    Attributes
    ----------
    is_met
        Whether the text keeps it.
    is_must
        Whether a text that breaks it cannot be accepted.
    told
        In words, what was found.
    source
        Where the rule comes from.
    """

    rule: str
    is_met: bool
    is_must: bool
    told: str
    source: str


def check(
    text: str, narrative: Narrative, ledger: Ledger, rules: Jurisdiction
) -> tuple[Finding, ...]:
    """Hold a text against the rules of its jurisdiction.

    Who, what, when, where, why, and how are answered where a sentence rests on a fact that does.

    Parameters
    ----------
    text
        Of the report.
    narrative, ledger
        What the text was made from: its sentences tell which facts they rest on.
    rules
        Of the jurisdiction.
    """
    asked = rules.sources["to_state"]
    cited = {one for sentence in with_facts(text, narrative) for one in sentence.fact_ids}
    return (
        *(_answered(one, cited, ledger, asked) for one in _QUESTIONS),
        _length(text, rules),
        _phrases(text, rules),
        _tables(text, rules),
        _stated(text, asked),
    )


def broken(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Return what keeps a text from being accepted, in words."""
    return tuple(one.told for one in findings if one.is_must and not one.is_met)


def _answered(question: str, cited: Collection[str], ledger: Ledger, source: str) -> Finding:
    topics = {fact.fact_id: fact.topic for fact in ledger.facts}
    number = sum(topics.get(one) == question for one in cited)
    told = (
        f"{question} rests on {number} fact{'s' * (number != 1)}"
        if number
        else f"no sentence rests on a fact that says {question}"
    )
    return Finding(question, number > 0, False, told, source)


def _length(text: str, rules: Jurisdiction) -> Finding:
    fits = len(text.strip()) > 0 and len(text) <= rules.longest
    told = f"{len(text):,} of at most {rules.longest:,} characters"
    return Finding("length", fits, True, told, rules.sources["narrative"])


def _phrases(text: str, rules: Jurisdiction) -> Finding:
    plain = " ".join(text.lower().split())
    found = [one for one in rules.forbidden if one in plain]
    told = f"it says {', '.join(repr(one) for one in found)}" if found else "no forbidden phrase"
    return Finding("phrases", not found, True, told, rules.sources["narrative"])


def _tables(text: str, rules: Jurisdiction) -> Finding:
    found = _TABLE.search(text)
    told = "no table" if found is None else "it holds a table; put its rows into the attachment"
    return Finding("tables", found is None, True, told, rules.sources["narrative"])


def _stated(text: str, source: str) -> Finding:
    left = text.count(TO_STATE)
    told = (
        f"{left} place{'s' * (left != 1)} in square brackets to be stated by who files"
        if left
        else "nothing is left to be stated"
    )
    return Finding("stated", not left, True, told, source)
