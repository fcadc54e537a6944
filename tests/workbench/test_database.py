"""The database: its addresses, all or nothing, and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import database
from engine.workbench.database import Workbench, default_url
from engine.workbench.errors import WorkbenchError
from engine.workbench.migrations import upgrade
from engine.workbench.models import Setting, TakenRun

MOMENT = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)


def set_value(session: Session, name: str, value: object) -> None:
    session.add(Setting(name=name, value=value))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Setting)) or 0


def test_a_change_is_saved_whole_or_not_at_all(workbench: Workbench) -> None:
    def half(session: Session) -> None:
        set_value(session, "a", 1)
        session.flush()
        raise KeyError

    with pytest.raises(KeyError):
        workbench.write(half)
    assert workbench.read(count) == 0
    workbench.write(set_value, "a", 1)
    assert workbench.read(count) == 1


def test_what_is_saved_is_on_the_disk_before_anybody_is_told(tmp_path: Path) -> None:
    """2 is FULL: with NORMAL, the last changes can be lost with the power."""
    bench = Workbench.open(default_url(tmp_path))
    assert bench.read(lambda session: session.scalar(text("PRAGMA synchronous"))) == 2
    assert bench.read(lambda session: session.scalar(text("PRAGMA journal_mode"))) == "wal"
    bench.close()


def test_a_broken_rule_of_the_tables_is_a_defect_and_not_bad_luck(workbench: Workbench) -> None:
    workbench.write(set_value, "a", 1)
    with pytest.raises(IntegrityError):
        workbench.write(set_value, "a", 2)


def test_a_moment_comes_back_as_the_same_moment(workbench: Workbench) -> None:
    run = TakenRun(run_id="r", made="1", data_set="d", taken_at=MOMENT, counts={"born": 3})
    workbench.write(lambda session: session.add(run))
    found = workbench.read(lambda session: session.get(TakenRun, ("r", "1")))
    assert found is not None
    assert (found.taken_at, found.taken_at.tzinfo, found.counts) == (MOMENT, UTC, {"born": 3})


def test_a_moment_without_a_zone_is_refused(workbench: Workbench) -> None:
    run = TakenRun(
        run_id="r", made="1", data_set="d", taken_at=MOMENT.replace(tzinfo=None), counts={}
    )
    with pytest.raises(StatementError, match="no time zone"):
        workbench.write(lambda session: session.add(run))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://localhost/x", "names 'mysql'"),
        ("sqlite://", "names 'sqlite'"),
        ("the database", "no address"),
    ],
)
def test_another_address_is_refused_with_what_to_write(address: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        Workbench.open(address)


def test_a_password_is_in_no_message() -> None:
    bench = Workbench.open("postgres://anna:secret@127.0.0.1:1/rings")
    with pytest.raises(WorkbenchError, match="Nothing was saved") as error:
        bench.read(count)
    assert "secret" not in str(error.value)


def test_a_file_locked_by_another_program_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    bench = Workbench.open(default_url(tmp_path))
    upgrade(bench)
    with sqlite3.connect(tmp_path / database.FILE_NAME) as other:
        other.execute("BEGIN IMMEDIATE")
        assert bench.read(count) == 0, "reading goes on beside a change"
        with pytest.raises(WorkbenchError, match="another program holds it locked"):
            bench.write(set_value, "a", 1)
        other.rollback()
    bench.write(set_value, "a", 1)
    assert bench.read(count) == 1


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / database.FILE_NAME).write_text("no database at all, but a long enough text")
    with pytest.raises(WorkbenchError, match="not a database"):
        upgrade(Workbench.open(default_url(tmp_path)))
