"""Narratives, drafts of reports, and what models answered and cost."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = ("narratives", "filings", "text_edits", "text_acceptances")

_KEEP_SQLITE = """
CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are only added to'); END
"""
_KEEP_POSTGRESQL = """
CREATE FUNCTION keep_texts() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% are only added to', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    """Make the tables, and what keeps the rows of the texts."""
    _make(
        "narratives", _refers("alert_id", "alerts"), _string("run_id", 200), _text("ledger"),
        _string("ledger_sha256", 64), _text("narrative"), _string("sha256", 64),
        _string("source", 20), _string("model", 200, nullable=True),
        [sa.Column("usage", sa.JSON(none_as_null=True), nullable=True)],
    )  # fmt: skip
    _make(
        "filings", _refers("alert_id", "alerts"), _refers("narrative_id", "narratives"),
        _string("jurisdiction", 40), _string("rules_sha256", 64), _string("starts_on", 10),
        _text("draft"), _string("sha256", 64), _text("attachment"),
        _string("attachment_sha256", 64),
    )  # fmt: skip
    subjects = ("narrative_id", "narratives"), ("filing_id", "filings")
    _make(
        "text_edits", *(_refers(*one, nullable=True) for one in subjects), _text("text"),
        _string("sha256", 64), [sa.Column("flags", sa.JSON(), nullable=False)], _text("comment"),
    )  # fmt: skip
    _make(
        "text_acceptances", *(_refers(*one, nullable=True) for one in subjects),
        _refers("edit_id", "text_edits", nullable=True), _string("sha256", 64), _text("comment"),
    )  # fmt: skip
    _make_of_models()
    for table, column in (
        ("narratives", "alert_id"), ("filings", "alert_id"), ("text_edits", "narrative_id"),
        ("text_edits", "filing_id"), ("text_acceptances", "narrative_id"),
        ("text_acceptances", "filing_id"), ("model_uses", "day"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    _keep()


def downgrade() -> None:
    """Drop the tables: all narratives and drafts are lost."""
    for table in ("model_uses", "model_answers", *reversed(_KEPT)):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_texts()")


def _make_of_models() -> None:
    op.create_table(
        "model_answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_model_answers")),
    )
    numbers = ("input_tokens", "output_tokens", "calls")
    _make(
        "model_uses", _string("day", 10), _string("model", 200),
        [sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers],
        [sa.Column("cost_usd", sa.Double(), nullable=False)],
        [sa.Column("is_assumed", sa.Boolean(), nullable=False)],
    )  # fmt: skip


def _make(table: str, *parts: list[Any]) -> None:
    """Make a table of rows that somebody added at some moment."""
    columns = [column for part in parts for column in part]
    named = [
        one if isinstance(one, sa.Column) else sa.ForeignKeyConstraint(
            [one[0]], [f"{one[1]}.id"], name=op.f(f"fk_{table}_{one[0]}_{one[1]}")
        )
        for one in (*columns, *_refers("author_id", "users"))
    ]  # fmt: skip
    op.create_table(
        table,
        sa.Column("id", _KEY, nullable=False),
        *named,
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _refers(column: str, table: str, *, nullable: bool = False) -> list[Any]:
    return [sa.Column(column, _KEY, nullable=nullable), (column, table)]


def _string(column: str, length: int, *, nullable: bool = False) -> list[Any]:
    return [sa.Column(column, sa.String(length=length), nullable=nullable)]


def _text(column: str) -> list[Any]:
    return [sa.Column(column, sa.Text(), nullable=False)]


def _keep() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _KEPT:
            for what in ("UPDATE", "DELETE"):
                op.execute(_KEEP_SQLITE.format(table=table, what=what))
        return
    op.execute(_KEEP_POSTGRESQL)
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION keep_texts()"
        )
