"""Narratives are kept with their ledgers, edited, and accepted; nothing of it is changed later."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.filing.recheck import Flag
from engine.narrative.draft import Advice, Sentence
from engine.narrative.verdict import Narrative, Usage
from engine.workbench import audit, narratives, text_edits
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.errors import ConflictError, NotFoundError, WorkbenchError
from engine.workbench.masked_cases import masked_call
from engine.workbench.masking import HIDDEN, Masker
from engine.workbench.narrative_content import read, sha256, write
from engine.workbench.permissions import Actor, NotAllowedError
from tests.engine.texts import LEDGER, NARRATIVE
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch

EDITED = "Ring R-3 moved $5,000. It is known to C999."
BY_MODEL = replace(
    NARRATIVE,
    source="model",
    advice=Advice("high", (Sentence("The money left by B.", ("F3",)),)),
    usage=Usage("us.model-1", "schema", 900, 300, 0.002, 1.5, 1),
)


@pytest.fixture
def alert_id(workbench: Workbench) -> int:
    return workbench.write(add_alert, ("A1", "B"))


@pytest.fixture
def kept(workbench: Workbench, anna: Actor, alert_id: int) -> int:
    return workbench.write(narratives.keep, anna, alert_id, LEDGER, NARRATIVE).narrative_id


@pytest.fixture(autouse=True)
def flags(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a recheck finds is its own tests' matter."""

    def found(words: str, *known: object) -> tuple[Flag, ...]:
        return (Flag("It is known to C999.", ("C999 is in no fact",)),) if "C999" in words else ()

    monkeypatch.setattr(narratives, "recheck", found)


@pytest.mark.parametrize("narrative", [NARRATIVE, BY_MODEL])
def test_a_narrative_is_read_as_it_was_written(narrative: Narrative) -> None:
    assert read(write(narrative)) == narrative
    with pytest.raises(InputError, match="no narrative that can be read"):
        read("{}")


def test_a_narrative_is_kept_with_its_ledger(
    workbench: Workbench, watch: Watch, anna: Actor, rita: Actor, kept: int, alert_id: int
) -> None:
    (line,) = workbench.read(narratives.of_alert, anna, alert_id)
    assert (line.narrative_id, line.author.name, line.at) == (kept, "Anna", START)
    assert (line.run_id, line.source, line.model) == ("run-1", "template", None)
    record = workbench.read(narratives.read_narrative, rita, kept)
    assert (record.line, record.ledger, record.narrative) == (line, LEDGER, NARRATIVE)
    assert (record.text, record.is_accepted, record.problems) == (NARRATIVE.text(), False, ())
    assert workbench.read(narratives.latest, rita, alert_id) == record


def test_what_is_the_latest_already_is_not_kept_twice(
    workbench: Workbench, anna: Actor, kept: int, alert_id: int
) -> None:
    again = workbench.write(narratives.keep, anna, alert_id, LEDGER, NARRATIVE)
    assert (again.narrative_id, again.version) == (kept, 2)
    other = workbench.write(narratives.keep, anna, alert_id, LEDGER, BY_MODEL)
    assert (other.narrative_id, other.version) == (kept + 1, 3)
    assert workbench.read(narratives.of_alert, anna, alert_id)[0].model == "us.model-1"


def test_rejected_sentences_are_for_who_approves(
    workbench: Workbench, anna: Actor, rita: Actor, kept: int
) -> None:
    def rejected(actor: Actor) -> int:
        return len(workbench.read(narratives.read_narrative, actor, kept).narrative.rejected)

    assert (rejected(anna), rejected(rita)) == (0, 1)


def test_an_edit_and_its_acceptance_are_told_by_the_audit_with_the_difference(
    workbench: Workbench, anna: Actor, ben: Actor, kept: int, alert_id: int
) -> None:
    edit = workbench.write(narratives.edit, anna, kept, EDITED, None, "shorter")
    record = workbench.read(narratives.read_narrative, anna, kept)
    assert (record.text, record.edit_id, record.is_accepted) == (EDITED, edit, False)
    assert record.edits[0].flags == (Flag("It is known to C999.", ("C999 is in no fact",)),)
    workbench.write(narratives.accept, ben, kept, edit, "as told by the branch")
    record = workbench.read(narratives.read_narrative, anna, kept)
    assert record.is_accepted
    assert record.acceptance is not None
    assert (record.acceptance.author.name, record.acceptance.sha256) == ("Ben", sha256(EDITED))
    entry = workbench.read(audit.history, [f"alert {alert_id}"])[0]
    told = json.loads(entry.after)
    assert (entry.actor, told["author"], told["text"]) == ("ben", "anna", EDITED)
    assert "+ moved $5,000." in told["diff"]
    assert "- came\n" in told["diff"]
    lines = [line.text for line in workbench.read(alert_record, anna, alert_id).history]
    assert lines[:3] == [
        "Ben accepted the text of narrative 1: as told by the branch",
        "Anna edited narrative 1, 1 sentence beyond the facts: shorter",
        "Anna kept narrative 1, written by the program",
    ]
    assert workbench.read(audit.verify).problems == ()


def test_an_acceptance_is_of_the_text_of_then(workbench: Workbench, anna: Actor, kept: int) -> None:
    workbench.write(narratives.accept, anna, kept, None)
    assert workbench.read(narratives.read_narrative, anna, kept).is_accepted
    workbench.write(narratives.edit, anna, kept, EDITED, None)
    assert not workbench.read(narratives.read_narrative, anna, kept).is_accepted


def test_nobody_overwrites_or_accepts_what_they_have_not_seen(
    workbench: Workbench, anna: Actor, ben: Actor, kept: int
) -> None:
    workbench.write(narratives.edit, anna, kept, EDITED, None)
    with pytest.raises(ConflictError, match="Anna edited it since you saw the text"):
        workbench.write(narratives.edit, ben, kept, "Other.", None)
    with pytest.raises(ConflictError, match="Anna edited it"):
        workbench.write(narratives.accept, ben, kept, None)


def test_what_is_no_edit_is_refused(
    workbench: Workbench, anna: Actor, kept: int, alert_id: int
) -> None:
    for words, said in (
        (" ", "the text is empty"), (NARRATIVE.text(), "kept already"),
        ("x" * (text_edits.MAX_TEXT + 1), "100,001 characters"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            workbench.write(narratives.edit, anna, kept, words, None)
    other = replace(LEDGER, run_id="run-2")
    with pytest.raises(InputError, match="against another ledger"):
        workbench.write(narratives.keep, anna, alert_id, other, NARRATIVE)
    with pytest.raises(NotFoundError, match="no narrative 99"):
        workbench.write(narratives.accept, anna, 99, None)


def past_the_program(session: Session, change: str) -> None:
    session.execute(text(change))


@pytest.mark.parametrize("table", ["narratives", "text_edits", "text_acceptances"])
def test_nothing_of_it_is_changed_or_deleted(
    workbench: Workbench, anna: Actor, kept: int, table: str
) -> None:
    edit = workbench.write(narratives.edit, anna, kept, EDITED, None)
    workbench.write(narratives.accept, anna, kept, edit)
    for change in (f"UPDATE {table} SET sha256 = ''", f"DELETE FROM {table}"):
        with pytest.raises((DatabaseError, WorkbenchError), match=f"{table} are only added to"):
            workbench.write(past_the_program, change)


def test_a_narrative_that_was_changed_past_the_program_is_shown_as_such(
    workbench: Workbench, anna: Actor, kept: int
) -> None:
    def tamper(session: Session) -> None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(text("DROP TRIGGER " + (
            "narratives_no_UPDATE" if is_sqlite else "narratives_keep ON narratives"
        )))  # fmt: skip
        session.execute(text("UPDATE narratives SET narrative = replace(narrative, '1,000', '9')"))

    workbench.write(tamper)
    (problem,) = workbench.read(narratives.read_narrative, anna, kept).problems
    assert problem.startswith("its text has the hash ")


def test_who_sees_pseudonyms_gets_ledger_and_text_with_them_and_no_written_text(
    workbench: Workbench, anna: Actor, ada: Actor, kept: int, alert_id: int
) -> None:
    edit = workbench.write(narratives.edit, anna, kept, EDITED, None, "B is her brother")
    workbench.write(narratives.accept, anna, kept, edit)
    by = Masker(bytes(32))

    def ask(session: Session) -> list[Any]:
        return [
            masked_call(session, by, lambda: narratives.read_narrative(session, ada, kept), ()),
            masked_call(session, by, lambda: alert_record(session, ada, alert_id), ()),
        ]

    record, case = workbench.read(ask)
    assert record.ledger.facts[2].value == by.account("B")
    assert record.ledger.facts[2].subjects == (by.account("A1"),)
    assert f"The money left by {by.account('B')}." in record.narrative.text()
    assert record.narrative.rejected == ()
    assert (record.text, record.edits[0].flags) == (HIDDEN, (Flag(HIDDEN, (HIDDEN,)),))
    assert record.problems == ()
    for shown in (str(record), str(case)):
        assert not [name for name in ("C999", "brother", "$5,000") if name in shown]


def test_narratives_are_read_by_all_and_made_by_who_works(
    workbench: Workbench, anna: Actor, kept: int
) -> None:
    gone = replace(anna, user_id=999)
    with pytest.raises(NotAllowedError):
        workbench.read(narratives.read_narrative, gone, kept)
