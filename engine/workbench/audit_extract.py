"""What the audit holds of one alert, to be taken away with its report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench.changes import found_row
from engine.workbench.history import sentence, values
from engine.workbench.models import AuditEntry
from engine.workbench.names import names_by_login
from engine.workbench.permissions import Actor, guarded

#: Who took the alert away tells nothing of it, and would make each export another one.
_LEFT_OUT = ("download",)

#: Whether a report to an authority was made is told to nobody outside: so neither are the entries
#: that say it. Both endings look alike then.
_TELLING = re.compile(r'"suspicious_(?:not_)?report')
_OF_FILINGS = "filing"
_WITHHELD = "did what is not told outside the workbench"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit as it was hashed, and in words.

    Of an entry that would tell of a report to an authority only the frame is there, with its hash.

    Attributes
    ----------
    at
        UTC in ISO 8601.
    actor, who
        Login and name of who acted.
    before, after
        What changed, as JSON holds it.
    told
        What was done, in words that go on from ``who``.
    previous, hash
        Of the entry before in the chain, and of this one.
    """

    seq: int
    at: str
    actor: str
    who: str
    action: str
    subject: str
    before: Any
    after: Any
    told: str
    previous: str
    hash: str


@guarded("export")
def extract(session: Session, actor: Actor, alert_id: int) -> tuple[AuditRow, ...]:
    """Return the entries on an alert, the earliest first, but those of downloads.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    found_row(session, alert_id)
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == f"alert {alert_id}", AuditEntry.action.not_in(_LEFT_OUT))
        .order_by(AuditEntry.seq)
    )
    names = names_by_login(session)
    return tuple(_row(entry, names) for entry in entries)


def _row(entry: AuditEntry, names: dict[str, str]) -> AuditRow:
    is_told = not (
        entry.action.startswith(_OF_FILINGS) or _TELLING.search(entry.before + entry.after)
    )
    before, after = values(entry) if is_told else (None, None)
    return AuditRow(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        who=names.get(entry.actor, entry.actor),
        action=entry.action if is_told else "",
        subject=entry.subject,
        before=before,
        after=after,
        told=sentence(entry, names) if is_told else _WITHHELD,
        previous=entry.previous,
        hash=entry.hash,
    )
