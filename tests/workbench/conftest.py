"""The workbench's tests run on SQLite and on PostgreSQL, each test on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from engine.workbench import passwords
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from tests.postgresql import PostgresServer


@pytest.fixture(scope="session")
def template(postgresql: PostgresServer) -> str:
    """Name of a PostgreSQL database with the tables in it, to be copied."""
    name = postgresql.create_database()
    bench = Workbench.open(postgresql.url(name))
    upgrade(bench)
    bench.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database with the tables in it."""
    if request.param == "sqlite":
        return default_url(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.url(server.create_database(request.getfixturevalue("template")))


@pytest.fixture
def workbench(url: str) -> Iterator[Workbench]:
    """An empty workbench."""
    bench = Workbench.open(url)
    upgrade(bench)
    yield bench
    bench.close()


@pytest.fixture
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with little work: what is tested is who gets in, not how hard a hash is."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    monkeypatch.setattr(passwords, "_NOBODY", passwords.make_hash("nobody"))
