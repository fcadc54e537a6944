"""Sentences whose authors did not know the verifier, true and false: how well it tells them.

``held_out`` was looked at while the verifier was made, after a first measure; ``blind`` was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Ledger
from engine.narrative.verify import verify
from tests.narratives.frozen import frozen

SETS = ("held_out", "blind")
_HERE = Path(__file__).parent


@dataclass
class Told:
    """How many true and false sentences of a set were tried, and those taken for the other."""

    n_true: int = 0
    n_false: int = 0
    rejected: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


def tell(name: str) -> Told:
    """Verify each sentence of a set, with no other around it."""
    told = Told()
    for text, is_verified in _verified(name, "true"):
        told.n_true += 1
        if not is_verified:
            told.rejected.append(text)
    for text, is_verified in _verified(name, "false"):
        told.n_false += 1
        if is_verified:
            told.accepted.append(text)
    return told


def _verified(name: str, kind: str) -> Iterator[tuple[str, bool]]:
    content = json.loads((_HERE / name / f"{kind}.json").read_text(encoding="utf-8"))
    for one in content:
        ledger = _frozen(one["ledger"])
        ids = tuple(
            cite if ledger.fact(cite) else ledger.of(cite)[0].fact_id for cite in one["cites"]
        )
        draft = Draft((Section("what", (Sentence(one["text"], ids),)),))
        yield one["text"], verify(draft, ledger)[0].is_verified


@lru_cache(maxsize=64)
def _frozen(name: str) -> Ledger:
    return frozen(name)
