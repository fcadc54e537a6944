"""The tables of the workbench."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_KEEP_SQLITE = """
CREATE TRIGGER audit_no_{what} BEFORE {what} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
"""
_KEEP_POSTGRESQL = """
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$;
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()
"""


def upgrade() -> None:
    """Make all tables, the head of the audit, and what keeps its entries."""
    op.create_table(
        "audit",
        sa.Column("seq", _KEY, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "taken_runs",
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("made", sa.String(length=100), nullable=False),
        sa.Column("data_set", sa.String(length=300), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "made", name=op.f("pk_taken_runs")),
    )
    op.create_table(
        "users",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("login", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=True),
        sa.Column("failed_logins", sa.BigInteger(), nullable=False),
        sa.Column("locked_out_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preferences", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
        sa.UniqueConstraint("subject", name=op.f("uq_users_subject")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("data_set", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=100), nullable=False),
        sa.Column("typology", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("currency", sa.String(length=10), nullable=True),
        sa.Column("n_accounts", sa.BigInteger(), nullable=False),
        sa.Column("first_activity", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_activity", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lineage", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("run_alert_id", sa.String(length=40), nullable=False),
        sa.Column("ring_id", sa.String(length=40), nullable=True),
        sa.Column("tx_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("priority_set_by_id", _KEY, nullable=True),
        sa.Column("assignee_id", _KEY, nullable=True),
        sa.Column("locked_by_id", _KEY, nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suppressed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=40), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", _KEY, nullable=True),
        sa.Column("split_from_id", _KEY, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_alerts_assignee_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["locked_by_id"], ["users.id"], name=op.f("fk_alerts_locked_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["alerts.id"], name=op.f("fk_alerts_merged_into_id_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["priority_set_by_id"], ["users.id"], name=op.f("fk_alerts_priority_set_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["split_from_id"], ["alerts.id"], name=op.f("fk_alerts_split_from_id_alerts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_assignee_id"), "alerts", ["assignee_id"], unique=False)
    op.create_index(
        "ix_alerts_queue",
        "alerts",
        [
            "data_set", "priority", "score", "due_at", "id", "status",
            "snoozed_until", "suppressed_until", "assignee_id", "typology", "amount", "currency",
            "last_activity", "locked_until", "closed_at", "disposition",
        ],
        unique=False,
    )  # fmt: skip
    op.create_index(op.f("ix_alerts_locked_by_id"), "alerts", ["locked_by_id"], unique=False)
    op.create_index(op.f("ix_alerts_merged_into_id"), "alerts", ["merged_into_id"], unique=False)
    op.create_index("ix_alerts_run", "alerts", ["run_id", "run_alert_id"], unique=False)
    op.create_table(
        "login_sessions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("ticket_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_login_sessions_ticket_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    op.create_index(op.f("ix_login_sessions_user_id"), "login_sessions", ["user_id"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("owner_id", _KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_views_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_views_owner_id_name")),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("data_set", sa.String(length=300), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("typology", sa.String(length=40), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_by_id", _KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by_id", _KEY, nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_suppressions_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["users.id"], name=op.f("fk_suppressions_lifted_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
    )
    op.create_index(op.f("ix_suppressions_account"), "suppressions", ["account"], unique=False)
    op.create_table(
        "alert_accounts",
        sa.Column("alert_id", _KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_accounts_alert_id_alerts")
        ),
        sa.PrimaryKeyConstraint("alert_id", "account", name=op.f("pk_alert_accounts")),
    )
    op.create_index(op.f("ix_alert_accounts_account"), "alert_accounts", ["account"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("alert_id", _KEY, nullable=False),
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("made", sa.String(length=100), nullable=False),
        sa.Column("run_alert_id", sa.String(length=40), nullable=True),
        sa.Column("ring_id", sa.String(length=40), nullable=True),
        sa.Column("tx_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("typology", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("n_accounts", sa.BigInteger(), nullable=False),
        sa.Column("gained", sa.JSON(), nullable=False),
        sa.Column("lost", sa.JSON(), nullable=False),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_evidence_alert_id_alerts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint(
            "run_id", "made", "alert_id", name=op.f("uq_evidence_run_id_made_alert_id")
        ),
    )
    op.create_index(op.f("ix_evidence_alert_id"), "evidence", ["alert_id"], unique=False)
    op.create_index("ix_evidence_run", "evidence", ["run_id", "run_alert_id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("alert_id", _KEY, nullable=False),
        sa.Column("author_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_notes_alert_id_alerts")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_notes_author_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_alert_id"), "notes", ["alert_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("alert_id", _KEY, nullable=False),
        sa.Column("evidence_id", _KEY, nullable=False),
        sa.Column("disposition", sa.String(length=40), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_by_id", _KEY, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval", sa.String(length=20), nullable=False),
        sa.Column("approved_by_id", _KEY, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_decisions_alert_id_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_decisions_approved_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_decisions_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_decisions_evidence_id_evidence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_alert_id"), "decisions", ["alert_id"], unique=False)
    op.create_table(
        "looks",
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("alert_id", _KEY, nullable=False),
        sa.Column("evidence_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_looks_alert_id_alerts")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_looks_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_looks_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "alert_id", name=op.f("pk_looks")),
    )

    op.execute(f"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_KEEP_SQLITE.format(what="UPDATE"))
        op.execute(_KEEP_SQLITE.format(what="DELETE"))
    else:
        op.execute(_KEEP_POSTGRESQL)


def downgrade() -> None:
    """Drop all tables: everything that people did is lost."""
    op.drop_table("looks")
    op.drop_table("decisions")
    op.drop_table("notes")
    op.drop_table("evidence")
    op.drop_table("alert_accounts")
    op.drop_table("suppressions")
    op.drop_table("saved_views")
    op.drop_table("login_sessions")
    op.drop_table("alerts")
    op.drop_table("users")
    op.drop_table("taken_runs")
    op.drop_table("settings")
    op.drop_table("audit_head")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_audit()")
