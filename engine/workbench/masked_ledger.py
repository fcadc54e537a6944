"""A fact ledger and its narrative as who may not see account ids sees them.

Which value is an account is told by its kind: a moment or an amount that reads like one stays.
"""

from __future__ import annotations

from dataclasses import replace

from engine.narrative.draft import Sentence
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.verdict import Line, Narrative, Part
from engine.workbench.masking import Masker


def masked_ledger(masker: Masker, ledger: Ledger) -> Ledger:
    """Return a ledger with pseudonyms; its hash is then another one."""
    return replace(ledger, facts=tuple(_fact(masker, fact) for fact in ledger.facts))


def masked_narrative(masker: Masker, narrative: Narrative, ledger: Ledger) -> Narrative:
    """Return a narrative with pseudonyms.

    In what was verified, only accounts of the facts that a line cites can stand. Sentences that
    were rejected may name any account in any spelling: nobody sees them without the ids.

    Parameters
    ----------
    masker
        Makes the pseudonyms.
    narrative, ledger
        Both with account ids as they are.
    """

    def text(words: str, fact_ids: tuple[str, ...]) -> str:
        facts = [fact for fact in map(ledger.fact, fact_ids) if fact is not None]
        return masker.text(words, replace(ledger, facts=tuple(facts)).accounts())

    def part(one: Part) -> Part:
        lines = [Line(text(ln.text, ln.fact_ids), ln.fact_ids, ln.origin) for ln in one.lines]
        return replace(one, lines=tuple(lines))

    advice = narrative.advice
    if advice is not None:
        reasons = (Sentence(text(one.text, one.fact_ids), one.fact_ids) for one in advice.reasons)
        advice = replace(advice, reasons=tuple(reasons))
    parts = tuple(part(one) for one in narrative.parts)
    return replace(narrative, parts=parts, rejected=(), advice=advice)


def _fact(masker: Masker, fact: Fact) -> Fact:
    value = fact.value
    if isinstance(value, tuple):
        value = tuple(masker.account(one) for one in value)
    elif fact.kind == "account":
        value = masker.account(str(value))
    accounts = Ledger("", "", None, "", None, "", "", "", (fact,)).accounts()
    return replace(
        fact,
        value=value,
        subjects=tuple(masker.account(one) for one in fact.subjects),
        query=masker.text(fact.query, accounts),
    )
