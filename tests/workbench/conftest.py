"""The workbench's tests run on SQLite and on PostgreSQL, each test on a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from engine.workbench import passwords
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.permissions import Actor
from tests.postgresql import PostgresServer
from tests.workbench.alerts import START
from tests.workbench.staff import hire


@pytest.fixture(scope="session")
def template(postgresql: PostgresServer) -> str:
    """Name of a PostgreSQL database with the tables in it, to be copied."""
    name = postgresql.create_database()
    bench = Workbench.open(postgresql.url(name))
    upgrade(bench)
    bench.close()
    return name


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the tables in it, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    bench = Workbench.open(default_url(folder))
    upgrade(bench)
    bench.close()
    (file,) = folder.iterdir()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database with the tables in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_file"), tmp_path)
        return default_url(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.url(server.create_database(request.getfixturevalue("template")))


@pytest.fixture
def workbench(url: str) -> Iterator[Workbench]:
    """An empty workbench."""
    bench = Workbench.open(url)
    yield bench
    bench.close()


@pytest.fixture
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with little work: what is tested is who gets in, not how hard a hash is."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    monkeypatch.setattr(passwords, "_NOBODY", passwords.make_hash("nobody"))


class Watch:
    """The moment that the workbench takes for the present one."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """Stand in for :func:`engine.workbench.clock.now`."""
        return self.moment

    def passes(self, **time: float) -> None:
        """Let time pass, e.g. ``passes(minutes=16)``."""
        self.moment += timedelta(**time)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that stands still at ``START`` until it is told that time passes."""
    made = Watch()
    monkeypatch.setattr("engine.workbench.clock.now", made.now)
    monkeypatch.setattr("engine.workbench.audit.now", made.now)
    return made


@pytest.fixture
def anna(workbench: Workbench) -> Actor:
    """An analyst."""
    return hire(workbench, "anna")


@pytest.fixture
def ben(workbench: Workbench) -> Actor:
    """Another analyst."""
    return hire(workbench, "ben")


@pytest.fixture
def rita(workbench: Workbench) -> Actor:
    """A reviewer."""
    return hire(workbench, "rita", "reviewer")


@pytest.fixture
def ada(workbench: Workbench) -> Actor:
    """An admin."""
    return hire(workbench, "ada", "admin")
