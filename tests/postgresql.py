"""A PostgreSQL server of the tests' own: Debian's, in a folder of its own, on a free port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.ports import free_port

_VERSIONS = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server on loopback; everybody on this machine may connect as ``postgres``."""

    port: int
    control: tuple[str, ...]
    options: str

    def stop(self) -> None:
        """Stop the server as if it were unplugged."""
        _run([*self.control, "-m", "immediate", "stop"])

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        _run([*self.control, "-o", self.options, "-l", f"{self.control[-2]}/log", "start"])

    def url(self, database: str) -> str:
        """Return the address of a database as ``DATABASE_URL`` takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """Make a database of a fresh name, as a copy of another one, and return its name."""
        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name


@contextmanager
def started_postgresql() -> Iterator[PostgresServer]:
    """Run a fresh server; the tests fail, not skip, where there is none."""
    with tempfile.TemporaryDirectory(prefix="ringleader-postgresql-") as folder:
        yield from _served(Path(folder))


def _served(data: Path) -> Iterator[PostgresServer]:
    programs = _programs()
    # It refuses to run as root: then it runs as Debian's own user of it.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(data, "postgres")
    _run([*as_user, str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust",
          "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])  # fmt: skip
    port = free_port()
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off "
        "-c max_connections=100 -c full_page_writes=off"
    )
    control = (*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w")
    server = PostgresServer(port, control, options)
    server.start()
    try:
        yield server
    finally:
        if (data / "postmaster.pid").exists():
            server.stop()


def _programs() -> Path:
    found = sorted(_VERSIONS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.fail("no PostgreSQL found for the tests: `apt-get install postgresql`")
    return found[-1].parent


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, cwd="/", check=False, timeout=60,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
