"""One alert as its page shows it, and what became of it since somebody last looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine.workbench.case import alert_record as record
from engine.workbench.case import earlier_alerts, look, resolve
from engine.workbench.database import Workbench
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Alert, AlertAccount
from engine.workbench.notes import add_note
from engine.workbench.permissions import Actor
from engine.workbench.take_next import hold
from tests.workbench.alerts import START, add_alert, add_evidence
from tests.workbench.conftest import Watch


def grows(session: Session) -> None:
    """Let two later runs bring B1 and B2, take A1 away, and B1 again."""
    alert = session.get_one(Alert, 1)
    alert.run_id, alert.amount, alert.n_accounts = "run-2", 1500.0, 5
    add_evidence(session, alert, state="grew", gained=["B1", "B2"], added_at=START)
    alert.run_id, alert.amount, alert.n_accounts, alert.typology = "run-3", 1400.0, 3, "fan_in"
    add_evidence(session, alert, state="shrank", lost=["A1", "B1"], added_at=START)


def test_a_record_holds_what_the_page_shows(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    workbench.write(add_alert, ["A2", "A1"], due_at=START - timedelta(hours=2))
    workbench.write(add_note, ben, 1, "first")
    workbench.write(add_note, anna, 1, "second")
    workbench.write(hold, ben, 1)
    found = workbench.read(record, anna, 1)
    assert (found.name, found.title, found.amount) == ("AL-1", "Cycle through 2 accounts", 1000.0)
    assert found.overdue_by == timedelta(hours=2)
    assert [one.account for one in found.accounts] == ["A1", "A2"]
    assert [(one.author.login, one.text) for one in found.notes] == [
        ("ben", "first"), ("anna", "second"),
    ]  # fmt: skip
    assert found.lock is not None
    assert (found.lock.name, found.lock.is_mine) == ("Ben", False)
    assert [line.text for line in found.history] == [
        "Anna wrote a note: second",
        "Ben wrote a note: first",
        "Run run-1 found it",
    ]


def test_each_run_says_what_it_added(workbench: Workbench, watch: Watch, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(grows)
    first, second, third = workbench.read(record, anna, 1).evidence
    assert (first.state, first.new_accounts, first.new_amount) == ("born", None, None)
    assert (second.gained, second.new_accounts, second.new_amount) == (("B1", "B2"), 2, 500.0)
    assert (third.lost, third.new_accounts, third.new_amount) == (("A1", "B1"), -2, -100.0)


def test_who_never_looked_is_told_nothing_of_since(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(grows)
    assert workbench.read(record, anna, 1).since_last_look is None


def test_what_became_of_it_since_one_looked(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(look, anna, 1)
    watch.passes(hours=1)
    workbench.write(grows)
    since = workbench.read(record, anna, 1).since_last_look
    assert since is not None
    assert (since.looked_at, since.gained, since.lost) == (START, ("B2",), ("A1",))
    assert (since.new_amount, since.new_typology, since.reopened) == (400.0, "fan_in", False)
    assert [one.run_id for one in since.evidence] == ["run-2", "run-3"]
    workbench.write(look, anna, 1)
    since = workbench.read(record, anna, 1).since_last_look
    assert since is not None
    assert (since.looked_at, since.gained, since.new_amount, since.evidence) == (
        START + timedelta(hours=1), (), 0.0, (),
    )  # fmt: skip
    assert workbench.read(record, ben, 1).since_last_look is None, "looks are each person's own"


def test_what_came_and_went_is_no_news(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(look, anna, 1)

    def back_and_forth(session: Session) -> None:
        alert = session.get_one(Alert, 1)
        add_evidence(session, alert, run_id="run-2", state="shrank", lost=["A1"], gained=["C1"])
        add_evidence(session, alert, run_id="run-3", state="grew", gained=["A1"], lost=["C1"])

    workbench.write(back_and_forth)
    since = workbench.read(record, anna, 1).since_last_look
    assert since is not None
    assert (since.gained, since.lost) == ((), ())


def test_earlier_alerts_share_accounts_the_most_first(
    workbench: Workbench, watch: Watch, anna: Actor
) -> None:
    workbench.write(add_alert, ["A1", "A2", "A3"])
    workbench.write(add_alert, ["A3", "X"], status="closed", disposition="false_positive")
    workbench.write(add_alert, ["A1", "A2"], data_set="april.csv")
    workbench.write(add_alert, ["A1"], opened_at=START + timedelta(days=1))
    workbench.write(add_alert, ["Y"])
    found = workbench.read(earlier_alerts, anna, 1)
    assert (found.total, found.ignored_hubs) == (3, 0)
    rows = found.alerts[["id", "shared_accounts", "status"]].to_numpy().tolist()
    assert rows == [[3, 2, "open"], [4, 1, "open"], [2, 1, "closed"]]
    assert found.alerts["disposition"].iloc[2] == "false_positive"


def test_a_hub_brings_no_alerts_together(workbench: Workbench, anna: Actor) -> None:
    def crowd(session: Session) -> None:
        add_alert(session, ["HUB", "A1"])
        add_alert(session, ["A1"])
        second = session.get_one(Alert, 2)
        columns = {one.name: getattr(second, one.name) for one in Alert.__table__.columns}
        session.execute(insert(Alert), [columns | {"id": number} for number in range(3, 504)])
        accounts = [
            {"alert_id": number, "account": "HUB" if number < 503 else "A1", "role": "member"}
            for number in range(3, 504)
        ]
        session.execute(insert(AlertAccount), accounts)

    workbench.write(crowd)
    found = workbench.read(earlier_alerts, anna, 1)
    assert (found.total, found.ignored_hubs, list(found.alerts["id"])) == (2, 1, [503, 2])


def test_fifty_earlier_alerts_are_named(workbench: Workbench, anna: Actor) -> None:
    for _ in range(53):
        workbench.write(add_alert, ["A1"])
    found = workbench.read(earlier_alerts, anna, 1)
    assert (found.total, len(found.alerts)) == (52, 50)


def test_an_alert_of_any_run_is_found(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert, number=12)
    workbench.write(add_alert, number=13)

    def found_again(session: Session) -> None:
        add_evidence(session, session.get_one(Alert, 1), run_id="run-2", run_alert_id="A000099")

    workbench.write(found_again)
    assert workbench.read(resolve, anna, "run-1", "A000012") == 1
    assert workbench.read(resolve, anna, "run-1", "A000013") == 2
    assert workbench.read(resolve, anna, "run-2", "A000099") == 1
    with pytest.raises(NotFoundError, match="no alert A000012 of run run-2"):
        workbench.read(resolve, anna, "run-2", "A000012")


@pytest.mark.parametrize("function", [record, look, earlier_alerts])
def test_an_alert_that_is_not_there_is_told(
    workbench: Workbench, anna: Actor, function: object
) -> None:
    for number in (5, 0, -1, 2**63, 10**25):
        with pytest.raises(NotFoundError, match=f"there is no alert AL-{number}"):
            workbench.write(function, anna, number)  # type: ignore[arg-type]
