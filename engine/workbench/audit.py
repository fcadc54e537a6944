"""The audit: who did what, when, to which subject; added to, never changed, and chained by hashes.

Each entry's hash covers all of its columns and the hash of the entry before, so that a changed,
inserted, deleted or reordered entry breaks the chain; the head (number and hash of the last entry)
tells of entries cut off at the end. Whoever can write to the database could make a whole new
chain: keep a head somewhere else (``python -m engine.workbench verify`` prints it) and give it
later with ``--head``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench.bulk import AUDIT, insert_rows
from engine.workbench.clock import now
from engine.workbench.models import AuditEntry, AuditHead

#: What stands before the first entry.
GENESIS = "0" * 64

#: Who acts where no person does.
SYSTEM = "system"

#: Columns of an entry in the order in which they are hashed, and the hash.
_COLUMNS = ("seq", "at", "actor", "action", "subject", "before", "after", "previous", "hash")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain said: ``problems`` is empty where it holds."""

    entries: int
    head: str
    problems: tuple[str, ...]


def append(
    session: Session, actor: str, action: str, subject: str, before: Any = None, after: Any = None
) -> None:
    """Add an entry to the audit, in the transaction of what it tells of.

    Parameters
    ----------
    session
        Of the change. The head stays locked until it ends, so do this last.
    actor
        Login of who acts, or ``SYSTEM``.
    action
        What was done, e.g. ``note``.
    subject
        What it was done to, e.g. ``alert 12``.
    before, after
        What can be written as JSON: only what changed, before and after.
    """
    append_all(session, actor, [(action, subject, before, after)])


def append_all(session: Session, actor: str, told: Iterable[tuple[str, str, Any, Any]]) -> None:
    """Add entries to the audit as :func:`append` does: ``action, subject, before, after`` each."""
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    assert head is not None, "the first migration makes the head"
    previous, at = head.hash, now().isoformat(timespec="milliseconds")
    rows = []
    for number, (action, subject, before, after) in enumerate(told, start=head.seq + 1):
        values = (number, at, actor, action, subject, canonical(before), canonical(after), previous)
        previous = _hash(values)
        rows.append(dict(zip(_COLUMNS, (*values, previous), strict=True)))
    session.flush()
    insert_rows(session, AUDIT, rows)
    head.seq, head.hash = head.seq + len(rows), previous
    session.flush()


def verify(session: Session, known_head: str | None = None) -> Verdict:
    """Check the whole chain, entry by entry, in constant memory.

    Parameters
    ----------
    session
        Of a reading transaction.
    known_head
        Hash of an entry that was kept elsewhere: it must still be in the chain.
    """
    problems: list[str] = []
    expected, previous, found = 1, GENESIS, known_head is None
    entries = session.scalars(
        select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)
    )
    for entry in entries:
        problems += _problems(entry, expected, previous)
        expected, previous = entry.seq + 1, entry.hash
        found = found or entry.hash == known_head
    head = session.get(AuditHead, 1)
    if head is None or (head.seq, head.hash) != (expected - 1, previous):
        there = "is missing" if head is None else f"says entry {head.seq}, {head.hash[:12]}…"
        problems.append(
            f"the head {there}; the last entry is {expected - 1}, {previous[:12]}…: entries were "
            "cut off, or added past the program"
        )
    if not found:
        problems.append(f"no entry has the hash {known_head}: the chain is not the one of then")
    return Verdict(expected - 1, previous, tuple(problems))


def history(session: Session, subjects: Iterable[str], limit: int = 200) -> list[AuditEntry]:
    """Return the entries on some subjects, the latest first."""
    found = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject.in_(list(subjects)))
        .order_by(AuditEntry.seq.desc())
        .limit(limit)
    )
    return list(found)


def canonical(value: Any) -> str:
    """Write a value as JSON with sorted keys and no spaces, as it is hashed."""
    return _ENCODER.encode(value)


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 over the previous hash and all columns of an entry."""
    return _hash([getattr(entry, name) for name in _COLUMNS[:-1]])


def _hash(values: Sequence[Any]) -> str:
    return hashlib.sha256(canonical(values).encode()).hexdigest()


def _problems(entry: AuditEntry, expected: int, previous: str) -> list[str]:
    problems = []
    if entry.seq != expected:
        problems.append(f"entry {expected} is missing; entry {entry.seq} follows")
    if entry.previous != previous:
        problems.append(f"entry {entry.seq} does not follow the entry before it")
    if entry_hash(entry) != entry.hash:
        problems.append(f"entry {entry.seq} was changed")
    return problems


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written to the audit")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)
