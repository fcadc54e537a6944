"""What taking a run in starts from, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.workbench.growth import Basis, Row
from engine.workbench.run_alerts import RunAlerts
from engine.workbench.settings import Settings


@dataclass(frozen=True, slots=True)
class Taking:
    """One taking in of a run.

    Attributes
    ----------
    is_late
        Whether the queue knows of a run of this data set that started later.
    alerts
        Columns of the alerts known, by id.
    roles
        Accounts of rings known, by alert id: those of the newest evidence, with their roles.
    bases
        Of closed alerts, by id.
    logins
        Of people, by id.
    """

    run: RunAlerts
    settings: Settings
    now: datetime
    is_late: bool
    alerts: Mapping[int, Row]
    roles: Mapping[int, Mapping[str, str]]
    bases: Mapping[int, Basis]
    logins: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one alert that its history tells of."""

    action: str
    alert_id: int
    before: Row
    after: Row


@dataclass(slots=True)
class Outcome:
    """The rows to write, what histories tell, and how many alerts there were of each fate.

    Attributes
    ----------
    updated
        Columns to set of known alerts, with their ``id``, by the names of the columns.
    merged
        Ids of the alerts that merged into another.
    accounts
        Those that came to known alerts, changed their role, or left.
    """

    added: list[Row] = field(default_factory=list)
    updated: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)
    merged: list[int] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    new_accounts: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    told: list[Change] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def update(self, row: Row) -> None:
        """Set columns of a known alert, after what was set before."""
        self.updated.setdefault(tuple(row), []).append(row)
