"""Sentences whose authors did not know the verifier, true and false: how well it tells them.

Each set was tried once before it was read; then the verifier was mended. The README tells what the
first tries gave. ``plain`` sentences keep the rules that a model is given, ``free`` ones do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Ledger
from engine.narrative.verify import verify
from tests.narratives.frozen import frozen

SETS = ("held_out", "blind")
_HERE = Path(__file__).parent


@dataclass
class Told:
    """How many true and false sentences of a set were tried, and those taken for the other.

    Attributes
    ----------
    n_true
        Of those in plain words; freer ones need not pass.
    """

    n_true: int = 0
    n_false: int = 0
    rejected: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


def tell(name: str) -> Told:
    """Verify each sentence of a set, with no other around it."""
    told = Told()
    for one, is_verified in _verified(name, "true"):
        if one["style"] == "plain":
            told.n_true += 1
            told.rejected += [] if is_verified else [one["text"]]
    for one, is_verified in _verified(name, "false"):
        told.n_false += 1
        told.accepted += [one["text"]] if is_verified else []
    return told


def _verified(name: str, kind: str) -> Iterator[tuple[dict[str, Any], bool]]:
    content = json.loads((_HERE / name / f"{kind}.json").read_text(encoding="utf-8"))
    for one in content:
        ledger = _frozen(one["ledger"])
        ids = tuple(
            cite if ledger.fact(cite) else ledger.of(cite)[0].fact_id for cite in one["cites"]
        )
        draft = Draft((Section("what", (Sentence(one["text"], ids),)),))
        yield one, verify(draft, ledger)[0].is_verified


@lru_cache(maxsize=64)
def _frozen(name: str) -> Ledger:
    return frozen(name)
