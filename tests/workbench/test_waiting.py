"""Snoozed alerts come back by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.errors import InputError
from engine.workbench import queue
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.settings import change_setting
from engine.workbench.take_next import hold
from engine.workbench.waiting import snooze, wake
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch

TOMORROW = START + timedelta(days=1)


def queued(workbench: Workbench, actor: Actor, **wanted: str) -> int:
    return workbench.read(queue.count, actor, QueueFilter.from_params(wanted))


def test_a_snoozed_alert_leaves_the_queue_until_its_moment(
    workbench: Workbench, watch: Watch, anna: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(hold, anna, 1)
    assert workbench.write(snooze, anna, 1, 1, TOMORROW, "payroll day") == 2
    assert (queued(workbench, anna), queued(workbench, anna, show="snoozed")) == (0, 1)
    found = workbench.read(alert_record, anna, 1)
    assert (found.snoozed_until, found.status, found.lock) == (TOMORROW, "open", None)
    assert found.history[0].text == ("Anna snoozed it until 2026-08-04 12:00 UTC: payroll day")
    watch.passes(days=1)
    assert (queued(workbench, anna), queued(workbench, anna, show="snoozed")) == (1, 0)


def test_a_snooze_is_ended_before(workbench: Workbench, watch: Watch, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(snooze, anna, 1, 1, TOMORROW)
    assert workbench.write(wake, anna, 1, 2) == 3
    assert queued(workbench, anna) == 1
    assert workbench.write(wake, anna, 1, 3) == 3, "there is nothing to end"


def test_a_snooze_is_no_way_out_of_being_late(
    workbench: Workbench, watch: Watch, anna: Actor
) -> None:
    workbench.write(add_alert, due_at=START + timedelta(hours=1))
    workbench.write(snooze, anna, 1, 1, TOMORROW)
    watch.passes(hours=3)
    assert workbench.read(alert_record, anna, 1).overdue_by == timedelta(hours=2)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (START, "in the future"),
        (START + timedelta(days=7, seconds=1), "lasts 7 days at most"),
        (datetime(2026, 8, 4), "no time zone"),
    ],
)
def test_a_moment_out_of_range_is_refused(
    workbench: Workbench, watch: Watch, anna: Actor, ada: Actor, until: datetime, told: str
) -> None:
    workbench.write(add_alert)
    workbench.write(change_setting, ada, "snooze_days_max", 7)
    with pytest.raises(InputError, match=told):
        workbench.write(snooze, anna, 1, 1, until)
    assert workbench.write(snooze, anna, 1, 1, START + timedelta(days=7)) == 2
