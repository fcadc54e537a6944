"""A text that somebody edited, held against the facts: what stands in none is flagged."""

from __future__ import annotations

from dataclasses import dataclass

from engine.filing.sentences import with_facts
from engine.narrative.draft import Draft, Section
from engine.narrative.ledger import Ledger
from engine.narrative.matching import states
from engine.narrative.pairing import mispaired
from engine.narrative.tokens import tokens
from engine.narrative.verdict import Narrative
from engine.narrative.verify import known_names, verify


@dataclass(frozen=True, slots=True)
class Flag:
    """A sentence with what the facts do not bear out; a person may know better."""

    text: str
    problems: tuple[str, ...]


def recheck(text: str, narrative: Narrative, ledger: Ledger) -> tuple[Flag, ...]:
    """Return the sentences that name what is in no fact, in order.

    A sentence that a verified one was made into is verified like it. Any other need not say which
    facts it rests on, but each of its values and names is one of the ledger's, and said of the
    account that it belongs to.
    """
    sentences = with_facts(text, narrative)
    checked = verify(Draft((Section("what", sentences),)), ledger)
    flags = (
        Flag(one.sentence.text, _unknown(one.sentence.text, ledger))
        for one in checked
        if not one.is_verified
    )
    return tuple(flag for flag in flags if flag.problems)


def _unknown(text: str, ledger: Ledger) -> tuple[str, ...]:
    stated = tokens(text, known_names(ledger))
    tx_ids = {str(tx_id) for fact in ledger.facts for tx_id in fact.tx_ids}
    found = [
        f"“{one.text}” stands in no fact"
        for one in stated
        if one.kind != "account"
        and not (one.kind == "transaction" and one.name in tx_ids)
        and not any(states(one, fact, "UTC") for fact in ledger.facts)
    ]
    return tuple(found or mispaired(text, stated, ledger.facts, "UTC"))
