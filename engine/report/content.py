"""All that a report shows, gathered by others: from the run, the ledger, and the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from engine.explorer.scene import Scene
from engine.explorer.snapshot import Origin
from engine.formats import PLAIN, Style
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative
from engine.query.alert_detail import AlertDetail
from engine.query.ring_detail import RingDetail
from engine.trace import Trace


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run knows of an alert; :func:`engine.report.evidence.collect` reads it.

    Attributes
    ----------
    alert, ring
        ``ring`` is ``None`` for a lone transaction.
    members
        ``account, role, risk, in_count, in_amount, out_count, out_amount, first_time, last_time``
        (currency units), one row an account, in the order of the money: those who only send, who
        pass on, who only receive. Empty where the data have no accounts.
    transfers
        ``tx_id, time, sender, receiver, amount, type, final_risk``: the transactions that prove
        the alert, in time order; columns that the data lack are missing.
    scene
        The picture of those transfers; ``None`` where there is nothing to draw.
    traces
        Where the money of the largest first transfer went, by each method; empty where it went
        nowhere.
    origin
        The run, its input, and what detected.
    rows, rejected
        Of the input.
    period
        First and last moment of the run's transactions.
    settings
        ``setting, value, default``: what differs from the defaults.
    metrics
        Of the model on its test period, by name; empty where none was trained.
    notes
        What the run itself says of its limits.
    """

    alert: AlertDetail
    ring: RingDetail | None
    members: pd.DataFrame
    transfers: pd.DataFrame
    scene: Scene | None
    traces: tuple[Trace, ...]
    origin: Origin
    rows: int
    rejected: int
    period: tuple[datetime, datetime]
    settings: pd.DataFrame
    metrics: Mapping[str, float]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote on the alert; ``at`` is UTC."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was decided or approved: by whom, when (UTC), and why."""

    what: str
    person: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry of the audit, with its hash in the chain; ``at`` is UTC."""

    seq: int
    at: datetime
    actor: str
    action: str
    told: str
    hash: str


@dataclass(frozen=True, slots=True)
class Case:
    """What the workbench knows of an alert.

    It has no place for reports to an authority: that one was made, or not, is nowhere told.

    Attributes
    ----------
    number
        How people call the alert, e.g. ``AL-12``.
    state
        In words, e.g. ``Closed``.
    assignee
        Who works on it; empty where nobody does.
    due
        When it must be decided; ``None`` once it is.
    decision, decision_reason
        The disposition in words, and the reason; empty while there is none.
    steps
        Decisions, approvals, and refusals, in time order.
    notes
        In time order.
    earlier
        ``account, alerts``: how many earlier alerts an account of this one was in.
    audit
        Entries on this alert, in order; ``audit_head`` is the number and hash of the last one of
        the whole chain when the report was made.
    """

    number: str
    state: str
    assignee: str = ""
    due: datetime | None = None
    decision: str = ""
    decision_reason: str = ""
    steps: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    earlier: pd.DataFrame | None = None
    audit: tuple[AuditLine, ...] = ()
    audit_head: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that somebody made of the narrative; ``at`` is UTC.

    ``text`` is empty where who asks for the report may not read it.
    """

    person: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class ByPeople:
    """What people made of the narrative.

    Attributes
    ----------
    accepted
        Who stands for its text; ``None`` where nobody does.
    edit
        The text that was accepted; ``None`` where it is the narrative's own.
    pending
        A later text that nobody stands for.
    """

    accepted: Step | None = None
    edit: Edit | None = None
    pending: Edit | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """An alert's report. The same content is the same PDF, to the byte.

    Attributes
    ----------
    evidence, ledger, narrative
        All of the same alert, all with account ids or all with pseudonyms.
    case
        ``None`` where no workbench knows the alert.
    made_at
        When the report was made (UTC); it stands in the report, so whoever wants the same bytes
        again gives the same moment. Reports of a batch take one for all.
    author, reviewer
        Names of people; empty where there is none.
    style
        How numbers and moments are written.
    classification
        Stands on every page.
    by_people
        Of the narrative: its text as accepted stands in the report.
    """

    evidence: Evidence
    ledger: Ledger
    narrative: Narrative
    made_at: datetime
    case: Case | None = None
    author: str = ""
    reviewer: str = ""
    style: Style = PLAIN
    classification: str = "Confidential"
    by_people: ByPeople = ByPeople()

    @property
    def report_id(self) -> str:
        """Name the report after its alert and the hash of its facts, e.g. ``AL-12-1f3a9c20``."""
        name = self.case.number if self.case is not None else self.ledger.alert_id
        return f"{name}-{self.narrative.ledger_sha256[:8]}"


@dataclass(frozen=True, slots=True)
class RunContent:
    """A run's summary.

    Attributes
    ----------
    manifest
        ``run.json`` of the run.
    alerts
        ``alert_id, ring_id, tx_id, title, typology, score, amount, n_accounts, opened``: the worst
        ones, the worst first.
    typologies
        ``typology, alerts, amount, score`` (the highest): of rings, a row a typology.
    bands
        ``band, alerts``: alerts by range of score, the worst first.
    days
        ``time, transactions, amount, alerts``: the run by the hour, day, week, or month.
    currency
        Of all amounts, if the data name one.
    made_at, author, style, classification
        As of :class:`Content`.
    """

    manifest: Mapping[str, Any]
    alerts: pd.DataFrame
    typologies: pd.DataFrame
    bands: pd.DataFrame
    days: pd.DataFrame
    currency: str | None
    made_at: datetime
    author: str = ""
    style: Style = PLAIN
    classification: str = "Confidential"
