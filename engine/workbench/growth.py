"""When an alert is more than it was, and what its score and size ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.columns import MINOR_UNITS
from engine.risk_bands import FLOORS, band_of
from engine.workbench.run_alerts import Found
from engine.workbench.settings import Settings

Row = dict[str, Any]

#: Priority of each band of risk: the worst comes first.
PRIORITIES = {name: number for number, (name, _) in enumerate(FLOORS, start=1)}


@dataclass(frozen=True, slots=True)
class Basis:
    """What the decision on a closed alert rested on, with every typology seen until then."""

    n_accounts: int
    amount: float
    typologies: frozenset[str]


def has_grown(basis: Basis, found: Found, share: float) -> bool:
    """Tell whether a ring grew by a share since a decision, or has a typology not seen then."""
    if found.typology not in basis.typologies:
        return True
    return _is_more(basis.n_accounts, found.n_accounts, share) or _is_more(
        round(basis.amount * MINOR_UNITS), round(found.amount * MINOR_UNITS), share
    )


def priority_of(score: float) -> int:
    """Return the priority of a score: 1 for the worst band, 4 for the mildest."""
    return PRIORITIES[band_of(score)]


def due_at(opened_at: datetime, priority: int, settings: Settings) -> datetime:
    """Return until when an alert is to be decided."""
    return opened_at + timedelta(hours=settings.sla_hours[priority - 1])


def is_larger(before: Row, after: Row) -> bool:
    """Tell whether an alert has more accounts, more money or another typology than before."""
    return (
        after["typology"] != before["typology"]
        or _is_more(before["n_accounts"], after["n_accounts"])
        or _is_more(round(before["amount"] * MINOR_UNITS), round(after["amount"] * MINOR_UNITS))
    )


def _is_more(before: int, now: int, share: float = 0.0) -> bool:
    return now > before and now >= before * (1 + share)
