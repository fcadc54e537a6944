"""Write a narrative from a ledger by fixed sentences: complete, always the same."""

from __future__ import annotations

from engine.formats import PLAIN, Style
from engine.narrative import template_lone, template_ring
from engine.narrative.draft import Draft, Role, Section, Sentence
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.template_why import case, conclusion, counter, unknown, why
from engine.narrative.template_words import Teller
from engine.narrative.words import TYPOLOGIES


def write(ledger: Ledger, style: Style = PLAIN) -> Draft:
    """Write a ledger's narrative: introduction, body in the order of time, conclusion.

    Parameters
    ----------
    ledger
        From :func:`engine.narrative.gather.gather`.
    style
        How amounts, counts, and moments are written.
    """
    tell = Teller(ledger, style)
    told = _ring(tell, ledger) if ledger.ring_id is not None else _lone(tell)
    told["introduction"] += _typology(tell, ledger) + case(tell)
    told["why"], told["unknown"] = why(tell), unknown(tell)
    told["how"] += template_lone.traced(tell)
    told["counter"] = counter(tell) + told.get("counter", [])
    told["conclusion"] = conclusion(tell)
    order: tuple[Role, ...] = (
        "introduction", "who", "what", "when", "where", "why", "how", "counter", "unknown",
        "conclusion",
    )  # fmt: skip
    return Draft(tuple(Section(role, tuple(told[role])) for role in order if told[role]))


def _ring(tell: Teller, ledger: Ledger) -> dict[Role, list[Sentence]]:
    types: dict[str, Fact] = {
        one.key.removeprefix("type."): one for one in ledger.facts if one.key.startswith("type.")
    }
    return {
        "introduction": template_ring.introduction(tell),
        "who": template_ring.who(tell),
        "what": template_ring.what(tell),
        "when": template_ring.when(tell),
        "where": template_ring.where(tell, types),
        "how": template_ring.how(tell),
    }


def _lone(tell: Teller) -> dict[Role, list[Sentence]]:
    return {
        "introduction": template_lone.introduction(tell),
        "who": template_lone.who(tell),
        "what": template_lone.what(tell),
        "when": template_lone.when(tell),
        "where": template_lone.where(tell),
        "how": [],
        "counter": template_lone.counter(tell),
    }


def _typology(tell: Teller, ledger: Ledger) -> list[Sentence]:
    meaning = TYPOLOGIES.get(ledger.typology, ("", ""))[1]
    text = f"the typology is {{name}}: {meaning}." if meaning else "the typology is {name}."
    return tell.line(text, name=tell.one("ring.typology"))
