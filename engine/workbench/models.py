"""Tables of the workbench.

Moments are in UTC, amounts in currency units, scores in [0, 1]. What the engine computed stands in
the lake; here stands what people did with it, and of each alert what a queue sorts and searches by.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite has no time zones and gives back what it was told, without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone: it would mean another one on each machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: SQLite counts only an INTEGER primary key up by itself.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """All tables, with names of constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, str: Text, int: BigInteger}  # noqa: RUF012


class User(Base):
    """A person who may sign in.

    ``login`` is lower case and never reused. ``password_hash`` is missing for people of an OpenID
    provider, who are known by ``subject`` (``issuer|sub``).
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    login: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str | None] = mapped_column(String(500), unique=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_out_until: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class LoginSession(Base):
    """A signed-in browser. ``token_hash`` is the SHA-256 of the cookie, never the cookie itself.

    ``ticket_hash`` is that of the one-time ticket which the browser changes for its cookie.
    """

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    ticket_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Alert(Base):
    """One ring, or one lone transaction, as a piece of work; later runs add to it.

    Attributes
    ----------
    data_set
        Name of the input whose runs may bring more of it.
    kind, fingerprint
        ``ring`` with the ring's fingerprint, or ``transaction`` with the hash of its content.
    run_id, run_alert_id, ring_id, tx_id
        Where the newest evidence lies in the lake.
    score, amount, n_accounts, typology, title, first_activity, last_activity
        Those of the newest evidence.
    lineage
        What the newest run made of it: a state of :mod:`engine.rings.lineage`, ``same`` for a
        transaction seen again.
    status
        ``open``, ``in_review``, ``awaiting_approval``, ``closed``.
    priority, priority_set_by_id
        1 (first) to 4; by the band of the score unless somebody set it.
    locked_by_id, locked_until
        The soft lock of who has it open.
    suppressed_until
        The latest expiry of the suppressions that fit it.
    disposition, reason_code
        Of the decision in force, or waiting for approval.
    version
        Counts changes; an action says which version it saw.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        # All that the queue's order, filters and figures ask for: no count reads the rows.
        Index(
            "ix_alerts_queue",
            *("data_set", "priority", "score", "due_at", "id", "status", "snoozed_until"),
            *("suppressed_until", "assignee_id", "typology", "amount", "currency"),
            *("last_activity", "locked_until", "closed_at", "disposition"),
        ),
        Index("ix_alerts_run", "run_id", "run_alert_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    data_set: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(100))
    typology: Mapped[str] = mapped_column(String(40))
    title: Mapped[str]
    score: Mapped[float]
    amount: Mapped[float]
    currency: Mapped[str | None] = mapped_column(String(10))
    n_accounts: Mapped[int]
    first_activity: Mapped[datetime]
    last_activity: Mapped[datetime]
    lineage: Mapped[str] = mapped_column(String(20))
    run_id: Mapped[str] = mapped_column(String(200))
    run_alert_id: Mapped[str] = mapped_column(String(40))
    ring_id: Mapped[str | None] = mapped_column(String(40))
    tx_id: Mapped[int | None]

    status: Mapped[str] = mapped_column(String(20), default="open")
    priority: Mapped[int]
    priority_set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    locked_until: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    suppressed_until: Mapped[datetime | None]
    disposition: Mapped[str | None] = mapped_column(String(40))
    reason_code: Mapped[str | None] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"))
    version: Mapped[int] = mapped_column(default=1)


class AlertAccount(Base):
    """An account that an alert is about, ever since its first evidence; ``role`` in its ring."""

    __tablename__ = "alert_accounts"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(40))
    is_current: Mapped[bool] = mapped_column(default=True)


class Evidence(Base):
    """What one run knew of an alert; the first row is what opened it.

    ``made`` tells one making of the run from the next, as in :class:`TakenRun`.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("run_id", "made", "alert_id"),
        Index("ix_evidence_run", "run_id", "run_alert_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    run_id: Mapped[str] = mapped_column(String(200))
    made: Mapped[str] = mapped_column(String(100), default="")
    run_alert_id: Mapped[str | None] = mapped_column(String(40))
    ring_id: Mapped[str | None] = mapped_column(String(40))
    tx_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20))
    typology: Mapped[str] = mapped_column(String(40))
    score: Mapped[float]
    amount: Mapped[float]
    n_accounts: Mapped[int]
    gained: Mapped[list[str]] = mapped_column(JSON, default=list)
    lost: Mapped[list[str]] = mapped_column(JSON, default=list)
    reopened: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]


class TakenRun(Base):
    """A run whose alerts are in the queue; ``made`` tells one making of it from the next."""

    __tablename__ = "taken_runs"

    run_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    made: Mapped[str] = mapped_column(String(100), primary_key=True)
    data_set: Mapped[str] = mapped_column(String(300))
    taken_at: Mapped[datetime]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class Note(Base):
    """What somebody wrote on an alert; notes are added, never changed."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    text: Mapped[str]


class Decision(Base):
    """A disposition, with its reason and, where four eyes are asked for, its approval.

    ``approval`` is ``not_needed``, ``pending``, ``approved``, ``rejected``, or ``withdrawn`` by who
    decided. ``evidence_id`` is what the decision rested on.
    """

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    disposition: Mapped[str] = mapped_column(String(40))
    reason_code: Mapped[str] = mapped_column(String(40))
    comment: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime]
    approval: Mapped[str] = mapped_column(String(20))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    approval_comment: Mapped[str | None]


class Look(Base):
    """The newest evidence of an alert that somebody has seen."""

    __tablename__ = "looks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    at: Mapped[datetime]


class Suppression(Base):
    """Alerts of this scope wait until it expires; what is missing in the scope fits all.

    ``account`` or ``typology`` is always given.
    """

    __tablename__ = "suppressions"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    data_set: Mapped[str | None] = mapped_column(String(300))
    account: Mapped[str | None] = mapped_column(index=True)
    typology: Mapped[str | None] = mapped_column(String(40))
    reason_code: Mapped[str] = mapped_column(String(40))
    comment: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    lifted_at: Mapped[datetime | None]


class SavedView(Base):
    """A filter of the queue under a name; a shared one is offered to all."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(200))
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Setting(Base):
    """One setting of the workbench that differs from its default."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Snapshot(Base):
    """A view of the explorer as it was; snapshots are added, never changed: triggers refuse it.

    Attributes
    ----------
    alert_id
        The alert it is kept with; ``None`` where it belongs to none.
    ring_id, accounts
        What the view began from: a ring of the run, or accounts.
    n_accounts, n_edges
        How much it shows, so that a list need not read the content.
    content
        Canonical JSON in ASCII, as :mod:`engine.explorer.snapshot` writes it.
    sha256
        Of ``content``; the audit has it too.
    """

    __tablename__ = "snapshots"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    run_id: Mapped[str] = mapped_column(String(200), index=True)
    ring_id: Mapped[str | None] = mapped_column(String(40))
    accounts: Mapped[list[str]] = mapped_column(JSON)
    n_accounts: Mapped[int]
    n_edges: Mapped[int]
    comment: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    content: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))


class AuditEntry(Base):
    """Who did what to which subject, before and after; each entry holds the hash of the one before.

    ``at``, ``before`` and ``after`` are text, as they were hashed: ISO 8601 in UTC and canonical
    JSON. Triggers refuse to change or delete a row.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject"),)

    seq: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    before: Mapped[str]
    after: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last entry of the audit: its number and hash. Who appends locks this one row first."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
