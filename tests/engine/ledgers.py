"""Small ledgers made by hand, for tests of the verifier."""

from __future__ import annotations

from pathlib import Path

from engine.narrative.draft import Draft, Role, Section, Sentence
from engine.narrative.ledger import Fact, Kind, Ledger, Value, read
from engine.narrative.verify import verify

FROZEN = sorted((Path(__file__).parents[1] / "narratives" / "ledgers").glob("*.json"))


def frozen(name: str) -> Ledger:
    """Return one of the frozen ledgers."""
    path = next(one for one in FROZEN if one.stem == name)
    return read(path.read_text(encoding="utf-8"))


def fact(fact_id: str, kind: Kind, value: Value, *subjects: str, unit: str = "") -> Fact:
    """Return a fact; its key is its kind, and so is its label but that of a number of transfers."""
    label = "transfers" if kind == "count" else kind
    return Fact(fact_id, kind, kind, value, unit, label, "what", subjects=subjects, tx_ids=(7, 8))


def ledger(*facts: Fact) -> Ledger:
    """Return a ledger of some facts."""
    return Ledger("run-1", "A000001", "R00001", "chain", "INR", "0" * 64, "0" * 64, "1", facts)


def problems(text: str, *facts: Fact, cites: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return what is wrong with a sentence that cites some facts: all of them by default."""
    ids = tuple(one.fact_id for one in facts) if cites is None else cites
    return verify(draft(text, fact_ids=ids), ledger(*facts))[0].problems


def draft(*texts: str, fact_ids: tuple[str, ...], role: Role = "what") -> Draft:
    """Return a draft of one section."""
    return Draft((Section(role, tuple(Sentence(text, fact_ids) for text in texts)),))
