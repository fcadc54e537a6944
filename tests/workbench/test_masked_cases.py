"""What the workbench says of alerts to who may not see account ids."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from engine.workbench import audit, case, notes, queue, saved_views, staff
from engine.workbench.database import Workbench
from engine.workbench.downloads import note_download
from engine.workbench.masked_cases import masked_cases
from engine.workbench.masking import Masker
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import QueueFilter
from tests.workbench.alerts import add_alert
from tests.workbench.staff import hire

MASKER = Masker(bytes(32))
PSEUDONYM = {account: MASKER.account(account) for account in ("C100", "C200", "C900")}


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
        lambda session: masked_cases(session, MASKER, case.alert_record(session, admin, alert_id))
    )
    assert record.title == f"Fan in to {PSEUDONYM['C100']}"
    assert {one.account for one in record.accounts} == {PSEUDONYM["C100"], PSEUDONYM["C200"]}
    assert PSEUDONYM["C900"] in record.notes[0].text
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
