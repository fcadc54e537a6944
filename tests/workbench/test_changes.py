"""Two people at one alert: nothing is overwritten, and the second sees what changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.assignment import assign, set_priority
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.decisions import approve, decide, reopen, withdraw
from engine.workbench.errors import ConflictError, NotFoundError
from engine.workbench.models import Alert
from engine.workbench.notes import add_note
from engine.workbench.permissions import Actor
from engine.workbench.take_next import hold
from engine.workbench.waiting import snooze, wake
from tests.workbench.alerts import START, add_alert, add_evidence
from tests.workbench.conftest import Watch

#: Every change but notes, with the status at which it makes sense.
CHANGES: dict[str, tuple[str, Callable[[Workbench, Actor, int | None], int]]] = {
    "assign": ("open", lambda bench, who, version: bench.write(assign, who, 1, version, None)),
    "set_priority": ("open", lambda bench, who, v: bench.write(set_priority, who, 1, v, 1)),
    "snooze": (
        "open",
        lambda bench, who, v: bench.write(snooze, who, 1, v, START + timedelta(days=1)),
    ),
    "wake": ("open", lambda bench, who, v: bench.write(wake, who, 1, v)),
    "decide": (
        "open",
        lambda bench, who, v: bench.write(decide, who, 1, v, "false_positive", "payroll"),
    ),
    "approve": ("awaiting_approval", lambda bench, who, v: bench.write(
        approve, who, 1, v, accept=True)),
    "withdraw": ("awaiting_approval", lambda bench, who, v: bench.write(withdraw, who, 1, v)),
    "reopen": ("closed", lambda bench, who, v: bench.write(reopen, who, 1, v, "why")),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_version_that_is_not_the_present_one_changes_nothing(
    workbench: Workbench, watch: Watch, rita: Actor, name: str
) -> None:
    status, change = CHANGES[name]
    workbench.write(add_alert, status=status, version=7)
    with pytest.raises(ConflictError, match="AL-1 was changed since you saw it"):
        change(workbench, rita, 6)
    found = workbench.read(alert_record, rita, 1)
    assert (found.version, found.status) == (7, status)
    assert workbench.read(audit.verify).entries == 0


@pytest.mark.parametrize("name", CHANGES)
def test_what_somebody_else_has_open_is_not_changed(
    workbench: Workbench, watch: Watch, anna: Actor, rita: Actor, name: str
) -> None:
    status, change = CHANGES[name]
    workbench.write(add_alert, status=status, locked_by_id=anna.user_id,
                    locked_until=START + timedelta(minutes=15))  # fmt: skip
    with pytest.raises(ConflictError, match="Anna has AL-1 open, until 12:15 UTC"):
        change(workbench, rita, 1)
    assert workbench.read(audit.verify).entries == 0


@pytest.mark.parametrize("name", CHANGES)
def test_an_action_goes_with_some_statuses_only(
    workbench: Workbench, watch: Watch, rita: Actor, name: str
) -> None:
    status, change = CHANGES[name]
    workbench.write(add_alert, status="open" if status == "closed" else "closed")
    with pytest.raises(ConflictError, match=r"AL-1 is (closed|not decided)"):
        change(workbench, rita, 1)
    assert workbench.read(audit.verify).entries == 0


@pytest.mark.parametrize("name", CHANGES)
def test_an_alert_that_is_not_there_is_told(
    workbench: Workbench, watch: Watch, rita: Actor, name: str
) -> None:
    with pytest.raises(NotFoundError, match="there is no alert AL-1"):
        CHANGES[name][1](workbench, rita, 1)


def test_a_number_that_no_alert_can_have_is_told(workbench: Workbench, rita: Actor) -> None:
    workbench.write(add_alert)
    with pytest.raises(NotFoundError, match=f"there is no alert AL-{10**25}"):
        workbench.write(assign, rita, 10**25, None, "rita")
    with pytest.raises(NotFoundError, match=f"there is no alert AL-{10**25}"):
        workbench.write(decide, rita, 1, 1, "duplicate", "same_activity", duplicate_of=10**25)


def test_the_second_of_two_people_is_told_what_the_first_did(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor, rita: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(assign, anna, 1, 1, "anna")
    seen = workbench.read(alert_record, ben, 1).version
    watch.passes(minutes=3, seconds=5)
    workbench.write(set_priority, rita, 1, 2, 1)
    watch.passes(hours=1)
    workbench.write(add_note, anna, 1, "Called the branch")
    with pytest.raises(ConflictError) as conflict:
        workbench.write(decide, ben, 1, seen, "false_positive", "payroll")
    assert conflict.value.changes == (
        "Rita set the priority to 1, 12:03:05 UTC",
        "Anna wrote a note: Called the branch, 13:03:05 UTC",
    )


def test_what_a_run_brought_meanwhile_is_told_too(
    workbench: Workbench, watch: Watch, anna: Actor
) -> None:
    workbench.write(add_alert)

    def run_brings(session: Session) -> None:
        alert = session.get_one(Alert, 1)
        alert.run_id, alert.version = "run-2", 2
        add_evidence(session, alert, state="grew", gained=["B1", "B2"], added_at=watch.moment)

    workbench.write(run_brings)
    with pytest.raises(ConflictError) as conflict:
        workbench.write(assign, anna, 1, 1, "anna")
    assert conflict.value.changes == (
        "Run run-2 found it again: it grew, by 2 accounts, 12:00:00 UTC",
    )


def test_a_lock_that_has_ended_stands_in_nobodys_way(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(hold, anna, 1)
    watch.passes(minutes=15)
    assert workbench.write(assign, ben, 1, 1, "ben") == 2


def test_notes_are_added_whatever_happens_beside(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    workbench.write(add_alert, status="closed")
    workbench.write(add_alert)
    workbench.write(hold, anna, 2)
    for alert_id in (1, 2, 2):
        workbench.write(add_note, ben, alert_id, "one more thing")
    assert workbench.read(alert_record, anna, 1).status == "closed"
    found = workbench.read(alert_record, anna, 2)
    assert (len(found.notes), found.version, found.status) == (2, 3, "in_review")
