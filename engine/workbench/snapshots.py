"""Snapshots: what somebody saw in the explorer, kept as it was, with its hash in the audit too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.explorer import snapshot
from engine.explorer.snapshot import Frozen
from engine.workbench import audit, clock
from engine.workbench.changes import ANY_STATUS, MAX_ID, changing, found_row
from engine.workbench.errors import NotFoundError
from engine.workbench.models import AuditEntry, Evidence, Snapshot
from engine.workbench.names import Person, people
from engine.workbench.permissions import Actor, guarded
from engine.workbench.texts import checked

#: Longest content that is kept, in characters; a full view with its events has about 3 million.
MAX_CONTENT = 20_000_000

#: Most snapshots that a list has.
MAX_LISTED = 100

_LISTED = (
    "id", "alert_id", "run_id", "ring_id", "accounts", "n_accounts", "n_edges", "comment",
    "author_id", "at", "sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """One snapshot in a list.

    Attributes
    ----------
    kept_with
        The alert it belongs to, if any.
    ring_id, accounts
        What the view began from.
    n_accounts, n_edges
        How much it shows.
    comment
        What who froze it wrote.
    sha256
        Of its content.
    """

    snapshot_id: int
    kept_with: int | None
    run_id: str
    ring_id: str | None
    accounts: tuple[str, ...]
    n_accounts: int
    n_edges: int
    comment: str
    author: Person
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """A snapshot with what it shows; ``problems`` says how its content is not the one of then."""

    line: SnapshotLine
    frozen: Frozen
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The number of a new snapshot, and the version of its alert with it."""

    snapshot_id: int
    version: int | None


@guarded("work")
def freeze(
    session: Session, actor: Actor, kept_with: int | None, content: str, comment: str = ""
) -> Kept:
    """Keep a view with an alert, or with none.

    As with a note nothing stands in its way: no version, no lock, no status.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who froze the view.
    kept_with
        The alert.
    content
        From :func:`engine.explorer.snapshot.freeze`, with account ids as they are.
    comment
        What it shows, in the words of who froze it.

    Raises
    ------
    InputError
        If the content is none of a snapshot, or too long, or the comment is.
    NotFoundError
        If there is no such alert.
    """
    row = _row(actor, kept_with, content, comment)
    if kept_with is None:
        session.add(row)
        session.flush()
        audit.append(session, actor.login, "freeze", f"snapshot {row.id}", None, _told(row))
        return Kept(row.id, None)
    with changing(
        session, actor, "freeze", kept_with, None, ANY_STATUS, minds_lock=False
    ) as change:
        session.add(row)
        session.flush()
        change.told = _told(row)
    return Kept(row.id, change.alert.version)


@guarded("read")
def alert_of_ring(session: Session, actor: Actor, run_id: str, ring_id: str) -> int | None:
    """Return the alert that a ring of a run is; ``None`` where the queue has none of it."""
    found = session.scalars(
        select(Evidence.alert_id)
        .where(Evidence.run_id == run_id, Evidence.ring_id == ring_id)
        .order_by(Evidence.id.desc())
        .limit(1)
    ).first()
    merged = None if found is None else found_row(session, found).merged_into_id
    return found if merged is None else merged


@guarded("read")
def of_alert(session: Session, actor: Actor, alert_id: int) -> tuple[SnapshotLine, ...]:
    """Return the snapshots kept with an alert, the latest first.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    found_row(session, alert_id)
    return _lines(session, _listed().where(Snapshot.alert_id == alert_id))


@guarded("read")
def of_run(session: Session, actor: Actor, run_id: str) -> tuple[SnapshotLine, ...]:
    """Return the snapshots of views of a run, the latest first."""
    return _lines(session, _listed().where(Snapshot.run_id == run_id))


@guarded("read")
def read_snapshot(session: Session, actor: Actor, snapshot_id: int) -> SnapshotRecord:
    """Return a snapshot, and whether its content still has the hash of then.

    Raises
    ------
    NotFoundError
        If there is no such snapshot.
    InputError
        If its content cannot be read.
    """
    row = session.get(Snapshot, snapshot_id) if 0 < snapshot_id <= MAX_ID else None
    if row is None:
        raise NotFoundError(f"there is no snapshot {snapshot_id}")
    (line,) = _lines(session, _listed().where(Snapshot.id == snapshot_id))
    return SnapshotRecord(line, snapshot.read(row.content), _problems(session, row))


def _row(actor: Actor, kept_with: int | None, content: str, comment: str) -> Snapshot:
    if len(content) > MAX_CONTENT:
        raise InputError(
            f"the view has {len(content):,} characters; {MAX_CONTENT:,} can be kept: narrow it by "
            "amount or time first"
        )
    frozen = snapshot.read(content)
    return Snapshot(
        alert_id=kept_with,
        run_id=frozen.origin.run_id,
        ring_id=frozen.view.start.ring_id,
        accounts=list(frozen.view.start.accounts),
        n_accounts=len(frozen.scene.nodes),
        n_edges=len(frozen.scene.edges),
        comment=checked("the comment", comment),
        author_id=actor.user_id,
        at=clock.now(),
        content=content,
        sha256=snapshot.sha256(content),
    )


def _told(row: Snapshot) -> dict[str, Any]:
    return {
        "snapshot": row.id, "run_id": row.run_id, "n_accounts": row.n_accounts,
        "n_edges": row.n_edges, "sha256": row.sha256, "comment": row.comment,
    }  # fmt: skip


def _listed() -> Select[Any]:
    """Return the question for snapshots without their content, which is long."""
    columns = [getattr(Snapshot, name) for name in _LISTED]
    return select(*columns).order_by(Snapshot.id.desc()).limit(MAX_LISTED)


def _lines(session: Session, question: Select[Any]) -> tuple[SnapshotLine, ...]:
    everybody = people(session)
    return tuple(
        SnapshotLine(
            snapshot_id=row.id,
            kept_with=row.alert_id,
            author=everybody[row.author_id],
            accounts=tuple(row.accounts),
            **{
                name: getattr(row, name)
                for name in _LISTED
                if name not in ("id", "alert_id", "author_id", "accounts")
            },
        )
        for row in session.execute(question)
    )


def _problems(session: Session, row: Snapshot) -> tuple[str, ...]:
    """Say how the content is not the one of then: who changed the hash too left it in the audit."""
    found = snapshot.sha256(row.content)
    problems = []
    if found != row.sha256:
        problems.append(f"its content has the hash {found[:12]}…, and was kept as {row.sha256}")
    told = _audited_hash(session, row)
    if told is None:
        problems.append("the audit does not tell that it was frozen")
    elif told != found:
        problems.append(f"the audit has the hash {told}, and its content {found}")
    return tuple(problems)


def _audited_hash(session: Session, row: Snapshot) -> str | None:
    subject = f"snapshot {row.id}" if row.alert_id is None else f"alert {row.alert_id}"
    told = select(AuditEntry.after).where(
        AuditEntry.subject == subject, AuditEntry.action == "freeze"
    )
    for text in session.scalars(told):
        after = json.loads(text)
        if after.get("snapshot") == row.id:
            return str(after.get("sha256"))
    return None
