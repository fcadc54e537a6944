"""What the workbench says of alerts to who may not see account ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.query.threshold_alerts import Thresholds
from engine.workbench import (
    assignment,
    audit,
    audit_log,
    case,
    clock,
    notes,
    queue,
    saved_views,
    staff,
    suppressions,
    thresholds,
)
from engine.workbench.database import Workbench
from engine.workbench.downloads import note_download
from engine.workbench.errors import ConflictError
from engine.workbench.masked_cases import masked_call, masked_cases
from engine.workbench.masking import HIDDEN, Masker
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import QueueFilter
from tests.workbench.alerts import add_alert
from tests.workbench.staff import hire

MASKER = Masker(bytes(32))
T = TypeVar("T")
PSEUDONYM = {account: MASKER.account(account) for account in ("C100", "C200", "C900")}


def masked(session: Session, call: Callable[[], T], asked: Sequence[str] = ()) -> T:
    return masked_call(session, MASKER, call, asked)


@pytest.fixture
def alert_id(workbench: Workbench) -> int:
    """An alert on C100 and C200, beside one on C900."""
    workbench.write(add_alert, ("C900",), number=2, title="Paid by C900")
    return workbench.write(add_alert, ("C100", "C200"), number=1, title="Fan in to C100")


@pytest.fixture
def admin(workbench: Workbench) -> Actor:
    return hire(workbench, "olga", "admin")


def test_the_titles_of_a_queue_name_pseudonyms(
    workbench: Workbench, alert_id: int, admin: Actor
) -> None:
    def read(session: Session) -> list[str]:
        page = queue.page(session, admin, QueueFilter(), 1, 100)
        return list(masked_cases(session, MASKER, page)["title"])

    assert sorted(workbench.read(read)) == sorted(
        [f"Fan in to {PSEUDONYM['C100']}", f"Paid by {PSEUDONYM['C900']}"]
    )


def test_a_case_names_none_in_its_title_its_accounts_or_what_people_wrote(
    workbench: Workbench, alert_id: int, admin: Actor
) -> None:
    anna = hire(workbench, "anna", "analyst")
    workbench.write(notes.add_note, anna, alert_id, "C100 pays C900, see C900's alert.")
    record = workbench.read(
        lambda session: masked(session, lambda: case.alert_record(session, admin, alert_id))
    )
    assert record.title == f"Fan in to {PSEUDONYM['C100']}"
    assert {one.account for one in record.accounts} == {PSEUDONYM["C100"], PSEUDONYM["C200"]}
    assert record.notes[0].text == HIDDEN
    assert f"wrote a note: {HIDDEN}" in [line.what for line in record.history]
    assert not [account for account in PSEUDONYM if account in str(record)]
    assert record.notes[0].author.login == "anna"


def test_a_view_that_looks_for_an_account_does_not_tell_which(
    workbench: Workbench, alert_id: int, admin: Actor
) -> None:
    workbench.write(saved_views.save_view, admin, "all of C100", QueueFilter(search="C100"))
    (view,) = workbench.read(
        lambda session: masked_cases(session, MASKER, saved_views.list_views(session, admin))
    )
    assert "C100" not in str(view)
    assert view.filter is not None
    assert MASKER.original(view.filter.search) == "C100"


def test_what_tells_of_people_and_numbers_stays_as_it_is(
    workbench: Workbench, alert_id: int, admin: Actor
) -> None:
    # An account may be called as somebody's login.
    workbench.write(add_alert, ("olga",), number=3)

    def read(session: Session) -> None:
        people = staff.list_users(session, admin)
        assert masked_cases(session, MASKER, people) is people
        assert masked_cases(session, MASKER, admin) is admin
        assert masked_cases(session, MASKER, 12) == 12
        assert masked_cases(session, MASKER, None) is None
        assert masked_cases(session, MASKER, ["march.csv"]) == ["march.csv"]

    workbench.read(read)


def test_a_download_is_written_down(workbench: Workbench, admin: Actor) -> None:
    workbench.write(note_download, admin, "run small", "ring_members", False)
    (entry,) = workbench.read(audit.history, ["run small"])
    assert (entry.actor, entry.action) == ("olga", "download")
    assert entry.after == '{"account_ids":false,"what":"ring_members"}'


@pytest.mark.parametrize(
    "written",
    ["ACME Holdings 77 paid it", "c100 in other letters", "C7777777, which no alert has", "C100"],
)
def test_nothing_that_people_wrote_is_shown_however_it_names_an_account(
    workbench: Workbench, alert_id: int, admin: Actor, written: str
) -> None:
    anna = hire(workbench, "anna")
    workbench.write(notes.add_note, anna, alert_id, written)
    later = clock.now() + timedelta(days=7)
    workbench.write(
        suppressions.suppress, anna, suppressions.Scope(account="ACME  Ltd"), "payroll", written,
        later,
    )  # fmt: skip
    workbench.write(saved_views.save_view, anna, written, QueueFilter(search=written))

    def everything(session: Session) -> str:
        record = masked(session, lambda: case.alert_record(session, admin, alert_id))
        listed = masked(session, lambda: suppressions.list_suppressions(session, admin))
        log = masked(
            session, lambda: audit_log.page_entries(session, admin, audit_log.AuditFilter())
        )
        return f"{record} {listed.to_dict()} {log}"

    said = workbench.read(everything)
    assert written not in said
    assert "ACME" not in said
    assert said.count(HIDDEN) >= 6


def test_why_thresholds_are_changed_or_sent_back_is_not_shown(
    workbench: Workbench, admin: Actor
) -> None:
    anna = hire(workbench, "anna")
    version = workbench.write(
        thresholds.propose, anna, Thresholds(0.6), Thresholds(), "run-1", {}, "C100 is missed"
    )
    workbench.write(thresholds.review, admin, version, accept=False, comment="c200 as well")
    (change,) = workbench.read(
        lambda session: masked(session, lambda: thresholds.list_changes(session, admin))
    )
    assert (change.comment, change.review_comment) == (HIDDEN, HIDDEN)


def test_a_conflict_quotes_no_note(workbench: Workbench, alert_id: int, admin: Actor) -> None:
    anna = hire(workbench, "anna")
    workbench.write(notes.add_note, anna, alert_id, "paid by C100 and c200")
    with pytest.raises(ConflictError) as refused:
        workbench.write(
            lambda session: masked(
                session, lambda: assignment.assign(session, admin, alert_id, 1, "olga")
            )
        )
    (change,) = refused.value.changes
    assert change.startswith(f"Anna wrote a note: {HIDDEN}, ")
    with pytest.raises(ConflictError) as shown:
        workbench.write(assignment.assign, admin, alert_id, 1, "olga")
    assert "paid by C100 and c200" in shown.value.changes[0]


def test_an_error_does_not_name_the_account_that_was_asked_for_by_its_pseudonym(
    workbench: Workbench,
) -> None:
    def refuse() -> None:
        raise InputError("there is no ring 'C100', nor one of C1000")

    with pytest.raises(InputError) as refused:
        workbench.read(lambda session: masked(session, refuse, ["C100"]))
    assert str(refused.value) == f"there is no ring '{PSEUDONYM['C100']}', nor one of C1000"


def test_an_answer_does_not_name_the_account_that_was_asked_for_by_its_pseudonym(
    workbench: Workbench,
) -> None:
    told = pd.DataFrame({"told": ["C100 is left out, C1000 is not"]})
    found = workbench.read(lambda session: masked(session, lambda: told, ["C100"]))
    assert found["told"].item() == f"{PSEUDONYM['C100']} is left out, C1000 is not"


def test_a_whole_search_finds_an_alert_or_an_account_and_no_part_of_one(
    workbench: Workbench, alert_id: int, admin: Actor
) -> None:
    workbench.write(add_alert, ("C10", "12345"), number=3, title="On C1005")
    workbench.write(notes.add_note, admin, alert_id, "C10")

    def found(search: str) -> list[int]:
        page = workbench.read(queue.page, admin, QueueFilter(search=search, whole=True), 1, 100)
        return sorted(int(number) for number in page["id"])

    assert found("C100") == [alert_id]
    assert found(f"AL-{alert_id}") == [alert_id]
    assert found("C10") == [alert_id + 1]
    assert found("12345") == [alert_id + 1]
    assert found("C1") == found("On") == found("1") == []
    other = QueueFilter(search="12345", whole=True, names_account=False)
    assert QueueFilter.from_params(other.to_params()) == other
    assert workbench.read(queue.page, admin, other, 1, 100).empty
