"""Attacks: what a model would write that text in the data, or its own invention, leads astray."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.narrative.draft import Advice, Draft, Role, Section, Sentence
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.settle import settle
from engine.narrative.verdict import Narrative
from tests.narratives.frozen import frozen

FOLDER = Path(__file__).parent / "attacks"


@dataclass(frozen=True, slots=True)
class Attack:
    """A draft in which some sentences are true and the others must not be shown."""

    name: str
    ledger: Ledger
    draft: Draft
    honest: tuple[str, ...]
    bad: tuple[str, ...]

    def shown(self) -> tuple[list[str], Narrative]:
        """Return the bad sentences that are shown, repeated as they are when repair is asked."""
        told = settle(self.draft, self.draft, self.ledger)
        lines = [line.text for part in told.parts for line in part.lines]
        advice = [one.text for one in told.advice.reasons] if told.advice else []
        return [one for one in self.bad if one in {*lines, *advice}], told


def attacks() -> list[Attack]:
    """Read the attacks in the order of their files."""
    return [_read(path) for path in sorted(FOLDER.glob("*.json"))]


def _read(path: Path) -> Attack:
    content = json.loads(path.read_text(encoding="utf-8"))
    ledger = frozen(content["ledger"])
    honest = [_sentence(one, ledger) for one in content["honest"]]
    bad = [_sentence(one, ledger) for one in content["attack"]]
    roles: dict[Role, list[Sentence]] = {}
    for role, sentence in (*honest, *bad):
        roles.setdefault(role, []).append(sentence)
    sections = tuple(Section(role, tuple(of)) for role, of in roles.items())
    reasons = tuple(sentence for _, sentence in bad)
    return Attack(
        path.stem, ledger, Draft(sections, Advice("low", reasons)),
        tuple(one.text for _, one in honest), tuple(one.text for one in reasons),
    )  # fmt: skip


def _sentence(content: Mapping[str, Any], ledger: Ledger) -> tuple[Role, Sentence]:
    cites = tuple(_fact_id(one, ledger.facts) for one in content["cites"])
    return content["role"], Sentence(content["text"], cites)


def _fact_id(cited: str, facts: Sequence[Fact]) -> str:
    """Find a fact by its key, and its accounts: ``transfer.amount@679>1220``; ``F9`` is an id."""
    key, _, accounts = cited.partition("@")
    if "." not in key:
        return key
    about = tuple(accounts.split(">")) if accounts else None
    return next(one.fact_id for one in facts if one.key == key and about in (None, one.subjects))
