"""Between which values the explorer's filters of a run can be set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger_file import open_ledger


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days from the first to the last transfer of a run, and the types that occur."""

    first: date
    last: date
    types: tuple[str, ...]


def bounds_of(paths: RunPaths) -> Bounds:
    """Return between which values the transfers of a run lie."""
    found = fetch(
        "SELECT min(time) AS first, max(time) AS last FROM read_parquet($path)",
        {"path": require(paths.augmented)},
    ).iloc[0]
    types = open_ledger(paths).types
    return Bounds(found["first"].date(), found["last"].date(), tuple(sorted(filter(None, types))))
