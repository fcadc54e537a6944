"""The proof of a draft: every number, moment, and account stands in a fact that its sentence cites.

What a sentence has to keep:

* It cites at least one fact, and only facts that the ledger has.
* Every number, amount, share, moment, and duration is the value of a cited fact, and two of them
  are two facts. Nothing may be computed.
* Every cited value is said. So no digit can be changed: what it stood for would be missing.
* Every account is one that a cited fact names; where a fact speaks of one account or two, and the
  sentence names any, they are named.
* No foreign letters, no markup, and no words but those of a narrative; what these claim beside the
  values, a cited fact bears out (:mod:`engine.narrative.claims`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.narrative.claims import unfounded
from engine.narrative.draft import Draft, Sentence
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.matching import states
from engine.narrative.pairing import mispaired
from engine.narrative.reading import Reading
from engine.narrative.tokens import Token, names_in, tokens
from engine.narrative.verdict import Checked
from engine.narrative.wording import faults

#: Most letters of a sentence, without the accounts that it names, which may be long.
MOST_LETTERS = 600

_VALUES = ("amount", "count", "share", "score", "moment", "date", "duration")
#: In the label of a score.
_SCALE = "from 0 to 1"
_NONE = re.compile(r"\b(?:no|none|not|never|nothing|neither|nor|without|nobody)\b", re.IGNORECASE)
_BOTH = re.compile(r"\bboth\b", re.IGNORECASE)


def verify(draft: Draft, ledger: Ledger, zone: str = "UTC") -> tuple[Checked, ...]:
    """Check every sentence of a draft, in order.

    Parameters
    ----------
    ledger
        With the same names of accounts as the draft: real ones or pseudonyms.
    zone
        The time zone of moments that name none.
    """
    names = known_names(ledger)
    facts = {fact.fact_id: fact for fact in ledger.facts}
    own = frozenset({ledger.alert_id, ledger.ring_id or "", ledger.run_id})
    checks = _checks(ledger)
    return tuple(
        Checked(one, _problems(one, facts, names, zone, own, checks)) for one in draft.sentences()
    )


def _checks(ledger: Ledger) -> dict[str, bool]:
    """Return of each innocent explanation, by its code, whether it fits."""
    return {
        fact.key.removeprefix("check."): fact.label.endswith(" that fits")
        for fact in ledger.facts
        if fact.key.startswith("check.") and fact.kind == "text"
    }


def known_names(ledger: Ledger) -> frozenset[str]:
    """Return all names that a sentence may hold: accounts, the alert, the ring, the run."""
    own = {ledger.alert_id, ledger.ring_id or "", ledger.run_id}
    return frozenset({*ledger.accounts(), *own} - {""})


def n_stated(sentence: Sentence, ledger: Ledger) -> int:
    """Count what a sentence states in numbers, moments, and names."""
    return len(tokens(_without_words(sentence.text, _cited(sentence, ledger)), known_names(ledger)))


def coverage(cited: Sequence[str], ledger: Ledger) -> float:
    """Return the share of the ledger's key facts among those that are cited; 1 without any."""
    keys = [fact.fact_id for fact in ledger.facts if fact.is_key]
    return sum(one in set(cited) for one in keys) / len(keys) if keys else 1.0


def _cited(sentence: Sentence, ledger: Ledger) -> list[Fact]:
    return [fact for fact in ledger.facts if fact.fact_id in sentence.fact_ids]


def _without_words(text: str, cited: Sequence[Fact]) -> str:
    """Blank what the program itself says in words, which may hold numbers."""
    for fact in sorted(cited, key=lambda one: -len(str(one.value))):
        if fact.kind == "text" and len(str(fact.value)) > 2:
            text = re.sub(
                re.escape(str(fact.value)), lambda hit: "·" * len(hit[0]), text, flags=re.I
            )
    if any(_SCALE in fact.label for fact in cited):
        text = text.replace(_SCALE, "·" * len(_SCALE))
    return text


def _problems(
    sentence: Sentence,
    facts: dict[str, Fact],
    names: frozenset[str],
    zone: str,
    own: frozenset[str],
    checks: dict[str, bool],
) -> tuple[str, ...]:
    if not sentence.fact_ids:
        return ("it cites no fact",)
    unknown = [one for one in sentence.fact_ids if one not in facts]
    if unknown:
        return tuple(f"there is no fact {one}" for one in unknown)
    cited = [facts[one] for one in dict.fromkeys(sentence.fact_ids)]
    text = _without_words(sentence.text, cited)
    unnamed = names_in(names).sub("·", text)
    if len(unnamed) > MOST_LETTERS:
        return (f"it has more than {MOST_LETTERS:,} letters",)
    found = faults(unnamed)
    stated = tokens(text, names)
    matches = [[fact for fact in cited if states(token, fact, zone)] for token in stated]
    found += _of_names(stated, cited, own) + _of_values(text, stated, cited, matches)
    if not found:
        found = mispaired(text, stated, cited, zone, matches)
        found += unfounded(Reading(text, stated, matches, cited), checks)
    return tuple(found)


def _of_names(stated: Sequence[Token], cited: Sequence[Fact], own: frozenset[str]) -> list[str]:
    borne = {name for fact in cited for name in _accounts(fact)}
    said = {token.name for token in stated if token.kind == "account"} - own
    found = [f"no cited fact speaks of {name}" for name in sorted(said - borne)]
    for fact in cited:
        needed = _accounts(fact) if fact.kind in ("account", "path") else ()
        if said and len(fact.subjects) <= 2 and fact.kind not in ("account", "path", "text"):
            needed = fact.subjects
        left = [name for name in dict.fromkeys(needed) if name not in said]
        found += [f"{fact.fact_id} is about {name}, which it does not name" for name in left]
    return found


def _accounts(fact: Fact) -> tuple[str, ...]:
    path = fact.value if isinstance(fact.value, tuple) else ()
    alone = (str(fact.value),) if fact.kind == "account" else ()
    return (*alone, *path, *fact.subjects)


def _of_values(
    text: str, stated: Sequence[Token], cited: Sequence[Fact], matches: Sequence[Sequence[Fact]]
) -> list[str]:
    tx_ids = {str(tx_id) for fact in cited for tx_id in fact.tx_ids}
    found = []
    for token, of in zip(stated, matches, strict=True):
        if token.kind == "transaction" and token.name not in tx_ids:
            found.append(f"transaction {token.name} is behind none of the cited facts")
        elif token.kind not in ("account", "transaction") and not of:
            found.append(f"“{token.text}” stands in none of the cited facts")
    places = {fact.fact_id: n for n, fact in enumerate(cited)}
    numbered = [[places[fact.fact_id] for fact in of] for of in matches]
    if not found and not _all_distinct(stated, numbered):
        found.append("it states a value more often than its cited facts do")
    said = {n for of in numbered for n in of}
    for n, fact in enumerate(cited):
        if fact.kind in _VALUES and n not in said and not _goes_without(fact, text):
            found.append(f"it cites {fact.fact_id} ({fact.label}) and does not say its value")
    return found


def _goes_without(fact: Fact, text: str) -> bool:
    """Tell whether words say a value: none, a single one, both."""
    if fact.value == 0:
        return bool(_NONE.search(text))
    if fact.kind != "count":
        return False
    return fact.value == 1 or (fact.value == 2 and bool(_BOTH.search(text)))


def _all_distinct(values: Sequence[Token], matches: Sequence[Sequence[int]]) -> bool:
    """Tell whether each token can be a fact of its own; a day and its clock are of the same one."""
    for is_clock in (False, True):
        taken: dict[int, int] = {}
        wanted = [
            n
            for n, one in enumerate(values)
            if one.kind not in ("account", "transaction") and (one.kind == "clock") == is_clock
        ]
        if not all(_place(n, matches, taken, set()) for n in wanted):
            return False
    return True


def _place(
    token: int, matches: Sequence[Sequence[int]], taken: dict[int, int], tried: set[int]
) -> bool:
    """Find a fact for a token, moving others on where that helps (augmenting paths)."""
    for fact in matches[token]:
        if fact not in tried:
            tried.add(fact)
            if fact not in taken or _place(taken[fact], matches, taken, tried):
                taken[fact] = token
                return True
    return False
