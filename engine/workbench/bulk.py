"""Many rows at once: what SQLAlchemy does row by row, by the fastest way of each database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, Table, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.workbench.models import Alert, AlertAccount, AuditEntry, Base, Evidence, Moment

Rows = Sequence[Mapping[str, Any]]


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


ALERTS, ALERT_ACCOUNTS, EVIDENCE, AUDIT = map(_table, (Alert, AlertAccount, Evidence, AuditEntry))


def new_ids(session: Session, table: Table, count: int) -> list[int]:
    """Reserve ids for rows that are yet to be added, counting up."""
    if _is_postgresql(session):
        named = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        )
        return list(session.scalars(named, {"name": table.name, "count": count}))
    # On SQLite a change has the database for itself.
    last = session.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
    return list(range(last + 1, last + 1 + count))


def insert_rows(session: Session, table: Table, rows: Rows) -> None:
    """Add rows; all of them name the same columns, with every value that has no default."""
    if not rows:
        return
    columns = [table.c[name] for name in rows[0]]
    if _is_postgresql(session):
        _copy(session, table.name, columns, rows)
        return
    names = ", ".join(column.name for column in columns)
    marks = ", ".join("?" * len(columns))
    session.connection().exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) VALUES ({marks})",
        list(_values(columns, rows, moments_as_text=True)),
    )


def update_rows(session: Session, table: Table, rows: Rows) -> None:
    """Set columns of the rows named by ``id``; all of them name the same columns."""
    if not rows:
        return
    columns = [table.c[name] for name in rows[0] if name != "id"]
    if not _is_postgresql(session):
        pairs = ", ".join(f"{column.name} = ?" for column in columns)
        session.connection().exec_driver_sql(
            f"UPDATE {table.name} SET {pairs} WHERE id = ?",
            list(_values([*columns, table.c.id], rows, moments_as_text=True)),
        )
        return
    names = ", ".join(["id", *(column.name for column in columns)])
    session.execute(
        text(f"CREATE TEMPORARY TABLE incoming AS SELECT {names} FROM {table.name} WITH NO DATA")
    )
    _copy(session, "incoming", [table.c.id, *columns], rows)
    # In the order of their ids, as all do who change several: nobody waits in a circle.
    session.execute(
        text(
            f"SELECT count(*) FROM (SELECT FROM {table.name} JOIN incoming USING (id) "
            f"ORDER BY id FOR NO KEY UPDATE OF {table.name}) AS held"
        )
    )
    pairs = ", ".join(f"{column.name} = incoming.{column.name}" for column in columns)
    session.execute(
        text(f"UPDATE {table.name} SET {pairs} FROM incoming WHERE {table.name}.id = incoming.id")
    )
    session.execute(text("DROP TABLE incoming"))


def _copy(session: Session, name: str, columns: Sequence[Column[Any]], rows: Rows) -> None:
    statement = f"COPY {name} ({', '.join(column.name for column in columns)}) FROM STDIN"
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for values in _values(columns, rows, moments_as_text=False):
                copy.write_row(values)
    except errors.Error as error:
        # As if SQLAlchemy had asked: what catches its errors need not know the driver's.
        raise DBAPIError.instance(statement, None, error, errors.Error) from error


def _values(
    columns: Sequence[Column[Any]], rows: Rows, *, moments_as_text: bool
) -> Iterable[tuple[Any, ...]]:
    """Return the values of the columns, row by row, as the driver takes them."""
    converted = []
    for column in columns:
        values = [row[column.name] for row in rows]
        convert = _converter(column, moments_as_text)
        converted.append(values if convert is None else list(map(convert, values)))
    return zip(*converted, strict=True)


def _converter(column: Column[Any], moments_as_text: bool) -> Callable[[Any], Any] | None:
    if isinstance(column.type, JSON):
        return lambda value: json.dumps(value) if value else "[]"
    if isinstance(column.type, Moment) and moments_as_text:
        return _moment_text
    return None


def _moment_text(value: datetime | None) -> str | None:
    """Write a moment as SQLAlchemy keeps it in SQLite."""
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _is_postgresql(session: Session) -> bool:
    return session.connection().dialect.name == "postgresql"
