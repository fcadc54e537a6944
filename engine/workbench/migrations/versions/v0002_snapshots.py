"""Frozen views of the explorer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_KEEP_SQLITE = """
CREATE TRIGGER snapshots_no_{what} BEFORE {what} ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are only added to'); END
"""
_KEEP_POSTGRESQL = """
CREATE FUNCTION keep_snapshots() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'snapshots are only added to'; END $$;
CREATE TRIGGER snapshots_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON snapshots
FOR EACH STATEMENT EXECUTE FUNCTION keep_snapshots()
"""


def upgrade() -> None:
    """Make the table, and what keeps its rows."""
    op.create_table(
        "snapshots",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("alert_id", _KEY, nullable=True),
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("ring_id", sa.String(length=40), nullable=True),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("n_accounts", sa.BigInteger(), nullable=False),
        sa.Column("n_edges", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("author_id", _KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_snapshots_alert_id_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_snapshots_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_index(op.f("ix_snapshots_alert_id"), "snapshots", ["alert_id"], unique=False)
    op.create_index(op.f("ix_snapshots_run_id"), "snapshots", ["run_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_KEEP_SQLITE.format(what="UPDATE"))
        op.execute(_KEEP_SQLITE.format(what="DELETE"))
    else:
        op.execute(_KEEP_POSTGRESQL)


def downgrade() -> None:
    """Drop the table: all snapshots are lost."""
    op.drop_table("snapshots")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_snapshots()")
