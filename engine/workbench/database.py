"""The workbench's database: SQLite in a file by default, PostgreSQL by address."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from engine.errors import InputError
from engine.workbench.errors import WorkbenchError

P = ParamSpec("P")
R = TypeVar("R")

#: File of the default database, beside the runs of a lake in a folder.
FILE_NAME = "workbench.sqlite"

#: How long a change waits for another one to end, in seconds.
BUSY_SECONDS = 5

#: Name of the execution option of a transaction that will write.
_WRITES = "workbench_writes"


class Workbench:
    """The database, with one way to read and one way to change it.

    Attributes
    ----------
    url
        Its address without the password, for messages.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.url = engine.url.render_as_string(hide_password=True)
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._change = threading.Lock()

    @classmethod
    def open(cls, url: str) -> Workbench:
        """Open the database at an address; its tables are not made here (``migrations.upgrade``).

        Raises
        ------
        InputError
            If the address is none of SQLite or PostgreSQL.
        """
        return cls(_engine(_address(url)))

    def read(
        self, function: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call ``function(session, …)`` to read.

        Raises
        ------
        WorkbenchError
            If the database cannot be used.
        """
        with self._session(writes=False) as session:
            return function(session, *args, **kwargs)

    def write(
        self, function: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call ``function(session, …)`` in one transaction: all of it is saved, or nothing.

        Raises
        ------
        WorkbenchError
            If the database is locked for longer than ``BUSY_SECONDS``, or cannot be used.
        """
        with self._turn(), self._session(writes=True) as session:
            return function(session, *args, **kwargs)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for one's turn at SQLite, which lets in whoever asks at the right moment.

        Of many that ask again and again some would wait for ever; those of one process line up.
        """
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._change.acquire(timeout=BUSY_SECONDS):
            raise WorkbenchError(
                f"the workbench's database ({self.url}) is busy with other changes. Nothing was "
                "saved; try again in a moment"
            )
        try:
            yield
        finally:
            self._change.release()

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        try:
            with self._sessions.begin() as session:
                session.connection(execution_options={_WRITES: writes})
                yield session
        except (DBAPIError, PoolTimeoutError) as error:
            if _is_defect(error):
                raise
            raise WorkbenchError(
                f"the workbench's database ({self.url}) cannot be used now: "
                f"{_cause(error)}. Nothing was saved; try again in a moment"
            ) from error


def default_url(folder: Path) -> str:
    """Return the address of the SQLite file in a folder."""
    return f"sqlite:///{(folder / FILE_NAME).resolve()}"


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise InputError(
            "DATABASE_URL is no address of a database; write postgresql://USER:PASSWORD@HOST/NAME "
            "or sqlite:////PATH/workbench.sqlite"
        ) from error
    if address.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return address.set(drivername="postgresql+psycopg")
    if address.drivername in ("sqlite", "sqlite+pysqlite") and address.database:
        return address
    raise InputError(
        f"DATABASE_URL names {address.drivername!r}; the workbench lives in SQLite (a file) or "
        "PostgreSQL"
    )


def _engine(address: URL) -> Engine:
    try:
        if address.get_backend_name() == "sqlite":
            return _sqlite(address)
        return create_engine(
            address, pool_pre_ping=True, pool_size=5, max_overflow=15, pool_timeout=BUSY_SECONDS,
            connect_args={
                "connect_timeout": BUSY_SECONDS,
                "options": f"-c lock_timeout={BUSY_SECONDS}s -c timezone=UTC",
            },
        )  # fmt: skip
    except NoSuchModuleError as error:
        raise InputError(f"no driver for {address.drivername}: {error}") from error


def _write_ahead(connection: Any) -> None:
    """Let reading go on beside a change. The first ones to open a file must not do so at once.

    For this SQLite does not wait as it does for a change.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _sqlite(address: URL) -> Engine:
    assert address.database is not None
    Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by itself, and only before the first change.
        connection.isolation_level = None
        _write_ahead(connection)
        # What somebody was told is saved is there after a loss of power too.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("casefold", 1, str.casefold, deterministic=True)

    @event.listens_for(engine, "begin")
    def begins(connection: Connection) -> None:
        # A change that reads first must not find at its end that another one came between.
        writes = connection.get_execution_options().get(_WRITES, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _is_defect(error: DBAPIError | PoolTimeoutError) -> bool:
    """Tell an error of this program (a broken constraint, wrong SQL) from one of the database."""
    name = type(error).__name__
    return name in ("IntegrityError", "ProgrammingError", "DataError", "NotSupportedError")


def _cause(error: DBAPIError | PoolTimeoutError) -> str:
    text = str(error.orig) if isinstance(error, DBAPIError) else "all its connections are busy"
    first = next(iter(text.strip().splitlines()), "it gave no reason")
    return "another program holds it locked" if "locked" in first else first
