"""Who works on an alert, and how soon it is due."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.assignment import assign, set_priority, workers
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.errors import ConflictError, NotFoundError
from engine.workbench.models import User
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.settings import change_setting
from engine.workbench.take_next import hold
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch


def test_taking_an_alert_puts_it_in_review_and_tells_the_audit(
    workbench: Workbench, anna: Actor
) -> None:
    workbench.write(add_alert)
    assert workbench.write(assign, anna, 1, 1, "anna") == 2
    found = workbench.read(alert_record, anna, 1)
    assert (found.assignee and found.assignee.name, found.status, found.version) == (
        "Anna", "in_review", 2,
    )  # fmt: skip
    (entry,) = workbench.read(audit.history, ["alert 1"])
    assert (entry.actor, entry.action) == ("anna", "assign")
    assert json.loads(entry.before) == {"assignee": None, "status": "open"}
    assert json.loads(entry.after) == {"assignee": "anna", "status": "in_review", "version": 2}


def test_assigning_to_who_has_it_changes_nothing(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    versions = [workbench.write(assign, anna, 1, version, "anna") for version in (1, 2)]
    assert versions == [2, 2]
    assert workbench.read(audit.verify).entries == 1


def test_an_alert_goes_back_to_the_queue(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(assign, anna, 1, 1, "anna")
    workbench.write(hold, anna, 1)
    workbench.write(assign, anna, 1, 2, None)
    found = workbench.read(alert_record, anna, 1)
    assert (found.assignee, found.lock, found.status) == (None, None, "in_review")


def test_an_analyst_assigns_to_nobody_else_and_takes_nothing_away(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    workbench.write(add_alert)
    with pytest.raises(NotAllowedError):
        workbench.write(assign, anna, 1, 1, "ben")
    workbench.write(assign, ben, 1, 1, "ben")
    for login in ("anna", None):
        with pytest.raises(NotAllowedError):
            workbench.write(assign, anna, 1, 2, login)
    assert workbench.read(audit.verify).entries == 1
    assert workbench.write(assign, rita, 1, 2, "anna") == 3
    assert workbench.write(assign, rita, 1, 3, None) == 4


def test_nobody_is_assigned_who_cannot_work(
    workbench: Workbench, anna: Actor, rita: Actor, ben: Actor
) -> None:
    workbench.write(add_alert)

    def leaves(session: Session) -> None:
        session.get_one(User, ben.user_id).is_active = False

    workbench.write(leaves)
    with pytest.raises(InputError, match="Ben may not work on alerts"):
        workbench.write(assign, rita, 1, 1, "ben")
    with pytest.raises(NotFoundError, match="nobody with the login 'mallory'"):
        workbench.write(assign, rita, 1, 1, "mallory")
    assert workbench.read(workers, anna) == {"anna": "Anna", "rita": "Rita"}


def test_a_priority_set_by_hand_moves_what_is_due(
    workbench: Workbench, watch: Watch, anna: Actor, rita: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(set_priority, rita, 1, 1, 1)
    found = workbench.read(alert_record, anna, 1)
    assert (found.priority, found.due_at) == (1, START + timedelta(hours=24))
    assert found.priority_set_by is not None
    assert found.priority_set_by.login == "rita"
    workbench.write(set_priority, rita, 1, 2, 4)
    assert workbench.read(alert_record, anna, 1).due_at == START + timedelta(hours=336)


def test_what_is_due_goes_by_the_hours_of_now_from_when_its_clock_began(
    workbench: Workbench, watch: Watch, anna: Actor, rita: Actor, ada: Actor
) -> None:
    workbench.write(add_alert)  # of priority 3: due 168 hours after it was opened
    workbench.write(change_setting, ada, "sla_hours", [1, 100, 200, 300])
    watch.passes(minutes=30)
    workbench.write(set_priority, rita, 1, 1, 1)
    assert workbench.read(alert_record, anna, 1).due_at == START + timedelta(hours=1)


@pytest.mark.parametrize("priority", [0, 5, "1"])
def test_a_priority_is_one_of_four(workbench: Workbench, rita: Actor, priority: int) -> None:
    workbench.write(add_alert)
    with pytest.raises(InputError, match="a priority is 1, 2, 3 or 4"):
        workbench.write(set_priority, rita, 1, 1, priority)


def test_a_closed_alert_is_not_assigned(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert, status="closed")
    with pytest.raises(ConflictError, match="AL-1 is closed; it must be opened again first"):
        workbench.write(assign, anna, 1, 1, "anna")
