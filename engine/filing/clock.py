"""By when a report is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.filing.jurisdiction import Clock, Jurisdiction


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to file by one clock."""

    clock: Clock
    starts: date
    due: date


def deadlines(rules: Jurisdiction, starts: date) -> tuple[Deadline, ...]:
    """Return the last day by each clock of a jurisdiction.

    Parameters
    ----------
    rules
        Of the jurisdiction.
    starts
        The day on which somebody found what each clock says; the day of an alert is not that day.
    """
    return tuple(Deadline(clock, starts, _due(clock, starts)) for clock in rules.clocks)


def _due(clock: Clock, starts: date) -> date:
    if clock.kind == "calendar":
        return starts + timedelta(days=clock.days)
    due, left = starts, clock.days
    while left:
        due += timedelta(days=1)
        left -= due.isoweekday() not in clock.rest_days
    return due
