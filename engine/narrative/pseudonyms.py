"""Pseudonyms for the accounts of a ledger: what a model is given names nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from engine.narrative.draft import Advice, Draft, Section, Sentence
from engine.narrative.ledger import Fact, Ledger, Value
from engine.narrative.lexicon import is_known


def hide(ledger: Ledger) -> tuple[Ledger, dict[str, str]]:
    """Replace every account of a ledger by ``ACCT-01``, ``ACCT-02``, … in order of mention.

    Returns
    -------
    Ledger
        The same facts; where words name an account, they have its pseudonym, too. What gave a fact
        is left out, for its arguments may be names.
    dict
        The account of each pseudonym.
    """
    accounts = ledger.accounts()
    width = max(2, len(str(len(accounts))))
    hidden = {account: f"ACCT-{n:0{width}d}" for n, account in enumerate(accounts, start=1)}
    # The words of facts are the program's: an account called ``transfers`` is not meant by them.
    renamed = _renaming({name: new for name, new in hidden.items() if not is_known(name.lower())})
    facts = tuple(_hidden(fact, hidden, renamed) for fact in ledger.facts)
    return replace(ledger, facts=facts), {pseudonym: name for name, pseudonym in hidden.items()}


def restore(draft: Draft, names: Mapping[str, str]) -> Draft:
    """Put the accounts back into a draft that was written with pseudonyms."""
    renamed = _renaming(names)

    def sentences(of: Iterable[Sentence]) -> tuple[Sentence, ...]:
        return tuple(Sentence(renamed(one.text), one.fact_ids) for one in of)

    sections = tuple(Section(one.role, sentences(one.sentences)) for one in draft.sections)
    advice = draft.advice and Advice(draft.advice.band, sentences(draft.advice.reasons))
    return Draft(sections, advice)


def whole_names(names: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of any of some names, the longest first, not inside of a longer word."""
    ordered = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    if not ordered:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![\w.,-])(?:{'|'.join(map(re.escape, ordered))})(?![\w-]|[.,:]\d)")


def _renaming(names: Mapping[str, str]) -> Callable[[str], str]:
    pattern = whole_names(names)
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _hidden(fact: Fact, hidden: Mapping[str, str], renamed: Callable[[str], str]) -> Fact:
    value: Value = fact.value
    if fact.kind == "account":
        value = hidden[str(value)]
    elif isinstance(value, tuple):
        value = tuple(hidden[one] for one in value)
    elif fact.kind == "text":
        value = renamed(str(value))
    subjects = tuple(hidden[one] for one in fact.subjects)
    label = renamed(fact.label)
    return replace(fact, value=value, subjects=subjects, label=label, query="")
