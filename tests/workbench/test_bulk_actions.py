"""One action on many alerts: those that it does not fit are refused with their reasons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.bulk_actions import BulkAction, BulkResult, bulk
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.take_next import hold
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch


def test_what_can_be_done_is_done_and_the_rest_is_told(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    for columns in ({}, {"status": "closed"}, {}, {"status": "awaiting_approval"}):
        workbench.write(add_alert, **columns)
    workbench.write(hold, ben, 3)
    result = workbench.write(
        bulk, anna, "decide", [4, 3, 2, 1, 1, 99],
        disposition="false_positive", reason_code="payroll",
    )  # fmt: skip
    assert result == BulkResult(
        done=(1,),
        refused={
            2: "AL-2 is closed; it must be opened again first",
            3: "Ben has AL-3 open, until 12:15 UTC unless they go on; notes can be added meanwhile",
            4: "AL-4 waits for approval; approve it, send it back or withdraw it first",
            99: "there is no alert AL-99",
        },
    )
    assert [workbench.read(alert_record, anna, i).status for i in (1, 2, 3, 4)] == [
        "closed", "closed", "open", "awaiting_approval",
    ]  # fmt: skip


def test_each_alert_has_its_own_entry_in_the_audit(workbench: Workbench, anna: Actor) -> None:
    for _ in range(3):
        workbench.write(add_alert)
    workbench.write(bulk, anna, "assign", [3, 1, 2], login="anna")
    entries = [workbench.read(audit.history, [f"alert {number}"]) for number in (1, 2, 3)]
    assert [[entry.action for entry in one] for one in entries] == [["assign"]] * 3
    assert workbench.read(audit.verify).problems == ()


def test_whatever_version_was_seen(workbench: Workbench, watch: Watch, anna: Actor) -> None:
    workbench.write(add_alert, version=7)
    result = workbench.write(bulk, anna, "snooze", [1], until=START + timedelta(days=1))
    assert result.done == (1,)
    assert workbench.read(alert_record, anna, 1).version == 8


@pytest.mark.parametrize(
    "disposition", ["confirmed_fraud", "suspicious_reported", "suspicious_not_reportable", None]
)
def test_nobody_is_accused_by_the_dozen(
    workbench: Workbench, anna: Actor, disposition: str
) -> None:
    workbench.write(add_alert)
    with pytest.raises(InputError, match="false_positive, inconclusive, duplicate"):
        workbench.write(
            bulk, anna, "decide", [1], disposition=disposition, reason_code="other", comment="x"
        )


def test_duplicates_name_one_alert_and_that_one_is_refused(
    workbench: Workbench, anna: Actor
) -> None:
    for _ in range(3):
        workbench.write(add_alert)
    result = workbench.write(
        bulk, anna, "decide", [1, 2, 3],
        disposition="duplicate", reason_code="same_accounts", duplicate_of=1,
    )  # fmt: skip
    assert result.done == (2, 3)
    assert result.refused == {1: "AL-1 is no duplicate of itself; name another alert"}


def test_priorities_are_set_by_who_may(workbench: Workbench, anna: Actor, rita: Actor) -> None:
    workbench.write(add_alert)
    with pytest.raises(NotAllowedError):
        workbench.write(bulk, anna, "set_priority", [1], priority=1)
    assert workbench.write(bulk, rita, "set_priority", [1], priority=1).done == (1,)


@pytest.mark.parametrize(
    ("action", "ids", "told"),
    [
        ("delete", [1], "is none of assign, snooze, set_priority, decide"),
        ("assign", [], "0 alerts are chosen; choose 1 to 500"),
        ("assign", range(501), "501 alerts are chosen; choose 1 to 500"),
    ],
)
def test_what_is_no_bulk_action_is_refused(
    workbench: Workbench, anna: Actor, action: BulkAction, ids: list[int], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        workbench.write(bulk, anna, action, ids, login="anna")


def test_two_at_once_wait_for_each_other_not_in_a_circle(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    ids = [workbench.write(add_alert) for _ in range(40)]

    def assigned(order: list[int]) -> int:
        return len(workbench.write(bulk, rita, "assign", order, login="anna").done)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(assigned, [ids, ids[::-1]] * 4))
    assert done == [40] * 8
    assert workbench.read(audit.verify).entries == 40
