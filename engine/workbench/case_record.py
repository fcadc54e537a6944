"""What one alert is, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from engine.workbench.history import HistoryLine
from engine.workbench.names import Person, alert_name
from engine.workbench.take_next import Lock

#: Actions of people and of runs that open a closed alert again.
_OPENING = ("reopen", "run_reopens")


@dataclass(frozen=True, slots=True)
class CaseAccount:
    """An account of the alert; ``is_current`` unless the newest evidence lacks it."""

    account: str
    role: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class CaseNote:
    """A note, exactly as it was written."""

    note_id: int
    author: Person
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """A decision; ``approval`` is ``not_needed``, ``pending``, ``approved``, ``rejected`` or
    ``withdrawn``, the latter three by ``approved_by`` (nobody where withdrawn) at a moment.
    """

    decision_id: int
    disposition: str
    reason_code: str
    comment: str
    decided_by: Person
    decided_at: datetime
    evidence_id: int
    approval: str
    approved_by: Person | None
    approved_at: datetime | None
    approval_comment: str | None


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What one run knew of the alert.

    ``new_accounts`` and ``new_amount`` are the differences to the evidence before; ``None`` for the
    first. ``made`` tells the making of the run from a later one under its name, as
    :func:`engine.workbench.run_alerts.made` does.
    """

    evidence_id: int
    run_id: str
    run_alert_id: str | None
    ring_id: str | None
    tx_id: int | None
    state: str
    typology: str
    score: float
    amount: float
    n_accounts: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    reopened: bool
    added_at: datetime
    new_accounts: int | None
    new_amount: float | None
    made: str


@dataclass(frozen=True, slots=True)
class SinceLastLook:
    """What became of the alert since who asks last looked at it.

    Attributes
    ----------
    looked_at
        When that was.
    gained, lost
        Accounts that are in it now and were not then, and the other way round.
    new_amount
        Difference of the amount, in currency units.
    new_typology
        Its typology, where it is another one than then.
    reopened
        Whether a run opened it again.
    evidence
        What runs have brought since, the latest last.
    """

    looked_at: datetime
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    new_amount: float
    new_typology: str | None
    reopened: bool
    evidence: tuple[CaseEvidence, ...]


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert with all that people did with it; columns as in :class:`models.Alert`.

    ``evidence`` and ``notes`` stand in the order in which they came, ``decisions`` and ``history``
    with the latest first. ``duplicates`` are the alerts that were closed as duplicates of this one.
    ``since_last_look`` is ``None`` for who never looked at it.
    """

    alert_id: int
    data_set: str
    kind: str
    title: str
    typology: str
    score: float
    amount: float
    currency: str | None
    n_accounts: int
    first_activity: datetime
    last_activity: datetime
    lineage: str
    run_id: str
    run_alert_id: str
    ring_id: str | None
    tx_id: int | None
    status: str
    priority: int
    priority_set_by: Person | None
    assignee: Person | None
    lock: Lock | None
    snoozed_until: datetime | None
    suppressed_until: datetime | None
    disposition: str | None
    reason_code: str | None
    opened_at: datetime
    due_at: datetime
    overdue_by: timedelta | None
    closed_at: datetime | None
    duplicate_of: int | None
    duplicates: tuple[int, ...]
    split_from: int | None
    version: int
    accounts: tuple[CaseAccount, ...]
    notes: tuple[CaseNote, ...]
    decisions: tuple[CaseDecision, ...]
    evidence: tuple[CaseEvidence, ...]
    since_last_look: SinceLastLook | None
    history: tuple[HistoryLine, ...]

    @property
    def name(self) -> str:
        """The name of the alert, e.g. ``AL-12``."""
        return alert_name(self.alert_id)

    @property
    def made(self) -> str:
        """Which making of ``run_id`` it is that knows the alert as ``run_alert_id``."""
        return next(
            one.made
            for one in reversed(self.evidence)
            if (one.run_id, one.run_alert_id) == (self.run_id, self.run_alert_id)
        )

    @property
    def pending(self) -> CaseDecision | None:
        """The decision that waits for approval, if any."""
        return next((one for one in self.decisions if one.approval == "pending"), None)

    @property
    def undone(self) -> CaseDecision | None:
        """The last decision on an alert in work: it was sent back, or the alert opened again."""
        if self.status not in ("open", "in_review"):
            return None
        return next((one for one in self.decisions if one.approval != "withdrawn"), None)

    @property
    def opened_again(self) -> HistoryLine | None:
        """Who opened the alert again last, and why."""
        return next((one for one in self.history if one.action in _OPENING), None)


@dataclass(frozen=True, slots=True)
class EarlierAlerts:
    """Other alerts on the same accounts.

    Attributes
    ----------
    alerts
        ``id, title, typology, score, amount, currency, status, disposition, opened_at, closed_at,
        shared_accounts``: those that share the most accounts first, then the newest.
    total
        How many there are; ``alerts`` holds the first of them.
    ignored_hubs
        Accounts that lie in so many alerts that they bring nothing together.
    """

    alerts: pd.DataFrame
    total: int
    ignored_hubs: int
