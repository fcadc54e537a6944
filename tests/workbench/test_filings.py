"""Drafts of reports: by the rules of the jurisdiction in force, edited, accepted, never told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.filing import jurisdiction
from engine.filing.attachment import Attachment, attachment
from engine.workbench import audit_extract, filings, narratives
from engine.workbench.database import Workbench
from engine.workbench.errors import ConflictError, NotFoundError, WorkbenchError
from engine.workbench.masked_cases import masked_call
from engine.workbench.masking import HIDDEN, Masker
from engine.workbench.permissions import Actor
from engine.workbench.settings import change_setting
from tests.engine.texts import LEDGER, NARRATIVE
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch

TRANSFERS = pd.DataFrame({"tx_id": [1], "sender": ["A1"], "receiver": ["B"], "amount": [1000.0]})
FILE = attachment(TRANSFERS, jurisdiction.load("us"), "AL-1")
COMPLETE = "Ring R-3 came to notice. It moved $1,000 among 3 accounts. The money left by B."


@pytest.fixture(autouse=True)
def no_flags(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """What a recheck finds is its own tests' matter."""
    monkeypatch.setattr(filings, "recheck", lambda *known: ())


@pytest.fixture
def alert_id(workbench: Workbench) -> int:
    return workbench.write(add_alert, ("A1", "B"))


@pytest.fixture
def draft(workbench: Workbench, anna: Actor, alert_id: int) -> int:
    return make(workbench, anna, alert_id)


def make(workbench: Workbench, actor: Actor, alert_id: int, file: Attachment = FILE) -> int:
    kept = workbench.write(narratives.keep, actor, alert_id, LEDGER, NARRATIVE).narrative_id
    return workbench.write(filings.draft_filing, actor, kept, file, date(2026, 8, 3))


def test_a_draft_follows_the_rules_of_the_jurisdiction_that_is_set(
    workbench: Workbench, anna: Actor, ada: Actor, alert_id: int
) -> None:
    first = make(workbench, anna, alert_id)
    workbench.write(change_setting, ada, "jurisdiction", "in")
    second = make(workbench, anna, alert_id)
    us, india = (workbench.read(filings.read_filing, anna, one) for one in (first, second))
    assert (us.rules.short, india.rules.short) == ("SAR", "STR")
    assert [one.due for one in us.deadlines] == [date(2026, 9, 2), date(2026, 10, 2)]
    assert [one.due for one in india.deadlines] == [date(2026, 8, 11)]
    assert us.are_rules_of_then
    assert us.attachment_csv.encode() == FILE.content
    assert workbench.read(filings.filing_ids, anna, alert_id) == (second, first)
    with pytest.raises(InputError, match="no rules of 'mars'"):
        workbench.write(change_setting, ada, "jurisdiction", "mars")


def test_what_is_left_to_state_keeps_a_draft_from_being_accepted(
    workbench: Workbench, anna: Actor, ben: Actor, draft: int
) -> None:
    with pytest.raises(InputError, match="cannot be accepted yet: 5 places in square brackets"):
        workbench.write(filings.accept_filing, anna, draft, None)
    edit = workbench.write(filings.edit_filing, anna, draft, COMPLETE, None)
    with pytest.raises(ConflictError, match="Anna edited it"):
        workbench.write(filings.accept_filing, ben, draft, None)
    workbench.write(filings.accept_filing, ben, draft, edit)
    record = workbench.read(filings.read_filing, anna, draft)
    assert record.is_accepted
    assert record.acceptance is not None
    assert (record.edits[0].author.name, record.acceptance.author.name) == ("Anna", "Ben")
    assert {one.rule for one in record.findings if not one.is_met} == {"when", "where", "why"}


def test_what_cannot_be_drafted_is_refused(
    workbench: Workbench, anna: Actor, alert_id: int
) -> None:
    large = replace(FILE, content=b"x" * 1_000_001)
    with pytest.raises(InputError, match="1,000,001 bytes; FinCEN takes 1,000,000"):
        make(workbench, anna, alert_id, large)
    later = date(2026, 8, 4)
    kept = workbench.write(narratives.keep, anna, alert_id, LEDGER, NARRATIVE).narrative_id
    with pytest.raises(InputError, match="still to come"):
        workbench.write(filings.draft_filing, anna, kept, FILE, later)
    with pytest.raises(NotFoundError, match="no draft of a report 9"):
        workbench.read(filings.read_filing, anna, 9)
    assert START.date() < later


def test_a_draft_is_not_changed(workbench: Workbench, draft: int) -> None:
    with pytest.raises((DatabaseError, WorkbenchError), match="filings are only added to"):
        workbench.write(lambda session: session.execute(text("DELETE FROM filings")))


def test_that_there_is_a_draft_is_not_told_outside(
    workbench: Workbench, anna: Actor, draft: int, alert_id: int
) -> None:
    workbench.write(filings.edit_filing, anna, draft, COMPLETE, None)
    rows = workbench.read(audit_extract.extract, anna, alert_id)
    assert [row.action for row in rows] == ["narrative_keep", "", ""]
    said = str([(row.action, row.before, row.after, row.told) for row in rows])
    assert not [word for word in ("SAR", "filing", "report") if word in said]


def test_who_sees_pseudonyms_gets_the_draft_with_them_and_no_file(
    workbench: Workbench, anna: Actor, ada: Actor, draft: int
) -> None:
    workbench.write(filings.edit_filing, anna, draft, f"{COMPLETE} He is C999.", None)
    by = Masker(bytes(32))

    def ask(session: Session) -> Any:
        return masked_call(session, by, lambda: filings.read_filing(session, ada, draft), ())

    record = workbench.read(ask)
    assert f"The money left by {by.account('B')}." in record.draft
    assert (record.attachment_csv, record.edits[0].text) == (HIDDEN, HIDDEN)
    assert "C999" not in str(record)
    assert record.rules == jurisdiction.load("us")
