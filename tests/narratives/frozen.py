"""The frozen ledgers, by name."""

from __future__ import annotations

from functools import cache

from engine.narrative.ledger import Ledger, read
from tests.narratives.freeze import FROZEN


@cache
def frozen(name: str) -> Ledger:
    """Read a frozen ledger, e.g. ``inr-02-cycle``."""
    return read((FROZEN / f"{name}.json").read_text(encoding="utf-8"))


@cache
def names() -> tuple[str, ...]:
    """Return the names of all frozen ledgers, in order."""
    return tuple(sorted(path.stem for path in FROZEN.glob("*.json")))
