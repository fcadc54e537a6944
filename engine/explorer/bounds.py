"""Between which values the explorer's filters of a run can be set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger_file import open_ledger


@dataclass(frozen=True, slots=True)
class Bounds:
    """The moments of the first and the last transfer of a run, and the types that occur."""

    first: datetime
    last: datetime
    types: tuple[str, ...]


def bounds_of(paths: RunPaths) -> Bounds:
    """Return between which values the transfers of a run lie."""
    found = fetch(
        "SELECT min(time) AS first, max(time) AS last FROM read_parquet($path)",
        {"path": require(paths.augmented)},
    ).iloc[0]
    types = open_ledger(paths).types
    first, last = (found[name].to_pydatetime() for name in ("first", "last"))
    return Bounds(first, last, tuple(sorted(filter(None, types))))
