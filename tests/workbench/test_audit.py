"""The audit: what it keeps, and that no row of it can be changed unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.database import Workbench


def three_entries(session: Session) -> None:
    audit.append(session, "anna", "note", "alert 1", None, {"text": "₹ ring"})
    audit.append(session, "ben", "assign", "alert 1", {"assignee": None}, {"assignee": "ben"})
    audit.append(session, "anna", "close", "alert 2", {"status": "open"}, {"status": "closed"})


def unguarded(session: Session, statement: str) -> None:
    """Change the table as somebody with the database's password would."""
    sqlite = session.connection().dialect.name == "sqlite"
    if sqlite:
        for what in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_no_{what}"))
    else:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
    session.execute(text(statement))


def test_an_untouched_chain_holds(workbench: Workbench) -> None:
    workbench.write(three_entries)
    verdict = workbench.read(audit.verify)
    assert (verdict.entries, verdict.problems) == (3, ())
    assert len(verdict.head) == 64


def test_an_empty_chain_holds(workbench: Workbench) -> None:
    assert workbench.read(audit.verify) == audit.Verdict(0, audit.GENESIS, ())


TAMPERING = {
    **{f"{column} of entry {seq}": (f"UPDATE audit SET {column} = '{value}' WHERE seq = {seq}", seq)
       for column, value in {
           "at": "2020-01-01T00:00:00.000+00:00", "actor": "mallory", "action": "none",
           "subject": "alert 99", "before": "{}", "after": "{}", "previous": "ab", "hash": "cd",
       }.items() for seq in (1, 2, 3)},
    "number of the last entry": ("UPDATE audit SET seq = 7 WHERE seq = 3", 3),
    "first deleted": ("DELETE FROM audit WHERE seq = 1", 1),
    "middle deleted": ("DELETE FROM audit WHERE seq = 2", 2),
    "last deleted": ("DELETE FROM audit WHERE seq = 3", 3),
    "all deleted": ("DELETE FROM audit", 1),
    "one added": (
        "INSERT INTO audit SELECT 4, at, actor, action, subject, before, after, hash, hash "
        "FROM audit WHERE seq = 3", 4),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_with_any_row_is_found(workbench: Workbench, name: str) -> None:
    workbench.write(three_entries)
    statement, _ = TAMPERING[name]
    workbench.write(unguarded, statement)
    assert workbench.read(audit.verify).problems


def test_a_wholly_new_chain_is_told_by_a_head_kept_elsewhere(workbench: Workbench) -> None:
    workbench.write(three_entries)
    kept = workbench.read(audit.verify).head
    workbench.write(unguarded, "DELETE FROM audit")
    workbench.write(
        lambda session: session.execute(
            text("UPDATE audit_head SET seq = 0, hash = :hash"), {"hash": audit.GENESIS}
        )
    )
    workbench.write(three_entries)
    assert workbench.read(audit.verify).problems == ()
    (problem,) = workbench.read(audit.verify, kept).problems
    assert kept in problem


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_an_entry(
    workbench: Workbench, statement: str
) -> None:
    workbench.write(three_entries)
    with pytest.raises(DBAPIError, match="only added to"):
        workbench.write(lambda session: session.execute(text(statement)))
    assert workbench.read(audit.verify).problems == ()


def test_a_change_that_fails_leaves_no_entry(workbench: Workbench) -> None:
    def fails(session: Session) -> None:
        three_entries(session)
        raise KeyError("then something broke")

    with pytest.raises(KeyError):
        workbench.write(fails)
    assert workbench.read(audit.verify).entries == 0


def test_the_history_of_a_subject_is_the_latest_first(workbench: Workbench) -> None:
    workbench.write(three_entries)
    found = workbench.read(audit.history, ["alert 1"])
    assert [(entry.actor, entry.action) for entry in found] == [("ben", "assign"), ("anna", "note")]
