"""What the audit holds of one alert, to be taken away with its report."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit as it was hashed, and in words.

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
    before, after = values(entry)
    return AuditRow(
        entry.seq, entry.at, entry.actor, names.get(entry.actor, entry.actor), entry.action,
        entry.subject, before, after, sentence(entry, names), entry.previous, entry.hash,
    )  # fmt: skip
