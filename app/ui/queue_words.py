"""How the state of an alert reads in the queue: its name, status, priority, and clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from app.ui import format as fmt
from engine.workbench.dispositions import DISPOSITIONS

Urgency = Literal["late", "soon", "calm", "over"]

#: What is due sooner than this is told apart.
SOON = timedelta(hours=8)

STATUSES = {
    "open": "Open",
    "in_review": "In review",
    "awaiting_approval": "Awaiting approval",
    "closed": "Closed",
}

#: 1 comes first. The number stands beside the word, so that neither has to be learned.
PRIORITIES = {1: "Urgent", 2: "High", 3: "Normal", 4: "Low"}


@dataclass(frozen=True, slots=True)
class Clock:
    """How the due moment reads, and how urgent that is; ``over`` where nothing is due any more."""

    text: str
    urgency: Urgency


def clock(due_at: datetime, status: str, now: datetime) -> Clock:
    """Say how long until an alert is due, or for how long it has been."""
    if status == "closed":
        return Clock(fmt.MISSING, "over")
    left = due_at - now
    if left < timedelta(0):
        return Clock(f"overdue {span(-left)}", "late")
    return Clock(f"{span(left)} left", "soon" if left < SOON else "calm")


def span(length: timedelta) -> str:
    """Write a length of time with its one largest unit, rounded down, e.g. ``3 h``."""
    minutes = int(length.total_seconds() // 60)
    if minutes >= 2 * 1440:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"


def priority(number: int) -> str:
    """Write a priority with its word, e.g. ``1 Urgent``."""
    return f"{number} {PRIORITIES[number]}"


def disposition(name: str | None) -> str:
    """Write a disposition for people; one that this version does not know stays as it is."""
    if name is None:
        return fmt.MISSING
    known = DISPOSITIONS.get(name)
    return known.words if known else name.replace("_", " ")


def reason(disposition_name: str, code: str) -> str:
    """Write the reason of a disposition for people."""
    known = DISPOSITIONS.get(disposition_name)
    return known.reasons.get(code, code) if known else code


def status(
    name: str,
    *,
    assignee: str | None = None,
    holder: str | None = None,
    ended: str | None = None,
    snoozed_until: datetime | None = None,
    suppressed_until: datetime | None = None,
    now: datetime,
) -> str:
    """Say in a few words where an alert stands and with whom.

    Parameters
    ----------
    name
        One of ``STATUSES``.
    assignee
        Name of who works on it.
    holder
        Name of somebody else who has it open.
    ended
        Its disposition, if it is closed.
    snoozed_until, suppressed_until
        Until when it waits, if it does.
    now
        The present moment.
    """
    if name == "closed":
        return disposition(ended) if ended else STATUSES[name]
    if holder:
        return f"{holder} has it open"
    waits = ("Snoozed", snoozed_until), ("Suppressed", suppressed_until)
    for word, until in waits:
        if until is not None and not pd.isna(until) and until > now:
            return f"{word}, {span(until - now)} left"
    words = STATUSES.get(name, name)
    return f"{words} · {assignee}" if assignee else words
