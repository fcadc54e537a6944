"""The steps of the tables: they make what the models say, once, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.models import Base
from tests.postgresql import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database without tables."""
    if request.param == "sqlite":
        return default_url(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.url(server.create_database())


def test_the_steps_make_exactly_the_tables_of_the_models(workbench: Workbench) -> None:
    def differences(session: Session) -> list[object]:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    assert workbench.read(differences) == []


def test_a_database_is_made_on_first_use_and_left_alone_then(empty_url: str) -> None:
    bench = Workbench.open(empty_url)
    upgrade(bench)
    bench.write(lambda session: audit.append(session, "anna", "note", "alert 1"))
    upgrade(bench)
    assert bench.read(audit.verify).entries == 1


def test_programs_that_start_at_the_same_time_make_the_tables_once(empty_url: str) -> None:
    benches = [Workbench.open(empty_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(upgrade, benches))
    assert benches[0].read(lambda session: session.scalar(text("SELECT count(*) FROM audit_head")))
    tables = inspect(benches[0].engine).get_table_names()
    assert set(tables) == {*Base.metadata.tables, "alembic_version"}


def test_a_database_of_a_later_version_is_refused_and_not_touched(workbench: Workbench) -> None:
    def later(session: Session) -> None:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    workbench.write(later)
    with pytest.raises(InputError, match=r"version 9999.*later one"):
        upgrade(workbench)
    assert workbench.read(
        lambda session: session.scalar(text("SELECT version_num FROM alembic_version"))
    ) == "9999"  # fmt: skip
