"""The threshold bench: proposed changes, and samples from below the line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "threshold_changes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("base_id", _KEY, nullable=True),
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("proposed_by_id", _KEY, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by_id", _KEY, nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_comment", sa.Text(), nullable=True),
        sa.Column("applied_by_id", _KEY, nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"],
                name=op.f(f"fk_threshold_changes_{column}_{table}"),
            )
            for column, table in (
                ("base_id", "threshold_changes"), ("proposed_by_id", "users"),
                ("reviewed_by_id", "users"), ("applied_by_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold_changes")),
    )  # fmt: skip
    op.create_table(
        "line_samples",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("run_id", sa.String(length=200), nullable=False),
        sa.Column("made", sa.String(length=100), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("drawn_by_id", _KEY, nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["drawn_by_id"], ["users.id"], name=op.f("fk_line_samples_drawn_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_samples")),
    )
    op.create_index(op.f("ix_line_samples_run_id"), "line_samples", ["run_id"], unique=False)
    op.create_table(
        "line_items",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("sample_id", _KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ring_id", sa.String(length=40), nullable=True),
        sa.Column("tx_id", sa.BigInteger(), nullable=True),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("label", sa.BigInteger(), nullable=True),
        sa.Column("labelled_by_id", _KEY, nullable=True),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["labelled_by_id"], ["users.id"], name=op.f("fk_line_items_labelled_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["line_samples.id"], name=op.f("fk_line_items_sample_id_line_samples")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_items")),
        sa.UniqueConstraint("sample_id", "position", name=op.f("uq_line_items_sample_id_position")),
    )


def downgrade() -> None:
    """Drop the tables: all proposals and samples are lost."""
    op.drop_table("line_items")
    op.drop_table("line_samples")
    op.drop_table("threshold_changes")
