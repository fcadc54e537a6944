"""What people did with an alert, over later runs: it stays, or the audit tells of the change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.workbench import audit, clock
from engine.workbench.assignment import assign
from engine.workbench.database import Workbench
from engine.workbench.decisions import decide
from engine.workbench.models import Alert
from engine.workbench.permissions import Actor
from engine.workbench.take_in import take
from tests.workbench.runs import Payment, RingOf, RunOf

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
TWO_RINGS = (RingOf("ABC"), RingOf("KLMN"))
TWO_PAYMENTS = (Payment("P", "Q"), Payment("S", "T"))


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def run(workbench: Workbench, day: int, *found: RingOf | Payment) -> dict[str, int]:
    rings = [one for one in found if isinstance(one, RingOf)]
    payments = [one for one in found if isinstance(one, Payment)]
    return workbench.write(take, RunOf(f"run-{day}", day, rings, payments).alerts())


def alerts(workbench: Workbench) -> list[Alert]:
    return workbench.read(lambda session: list(session.scalars(select(Alert).order_by(Alert.id))))


def told(workbench: Workbench, alert_id: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the last action that the audit tells of an alert, before and after."""
    entry = workbench.read(audit.history, [f"alert {alert_id}"])[0]
    return entry.action, json.loads(entry.before), json.loads(entry.after)


def close_as_duplicate(workbench: Workbench, actor: Actor, alert_id: int, other: int) -> None:
    workbench.write(
        decide, actor, alert_id, None, "duplicate", "same_activity", duplicate_of=other
    )  # fmt: skip


def test_a_duplicate_closed_by_hand_stays_so_where_a_run_finds_it_again(
    workbench: Workbench, anna: Actor
) -> None:
    run(workbench, 0, *TWO_RINGS, *TWO_PAYMENTS)
    close_as_duplicate(workbench, anna, 2, 1)
    close_as_duplicate(workbench, anna, 4, 3)
    assert run(workbench, 1, *TWO_RINGS, *TWO_PAYMENTS) == {"alerts": 4, "same": 4, "suppressed": 0}
    assert [(one.status, one.merged_into_id, one.run_id) for one in alerts(workbench)] == [
        ("open", None, "run-1"), ("closed", 1, "run-1"),
        ("open", None, "run-1"), ("closed", 3, "run-1"),
    ]  # fmt: skip


def test_a_duplicate_closed_by_hand_that_grows_is_opened_and_none_any_more(
    workbench: Workbench, anna: Actor
) -> None:
    run(workbench, 0, *TWO_RINGS)
    close_as_duplicate(workbench, anna, 2, 1)
    assert run(workbench, 1, RingOf("ABC"), RingOf("KLMNO"))["reopened"] == 1
    assert [(one.status, one.merged_into_id) for one in alerts(workbench)] == [
        ("open", None), ("open", None),
    ]  # fmt: skip
    action, before, after = told(workbench, 2)
    assert (action, before["duplicate_of"], after["duplicate_of"]) == ("run_reopens", 1, None)


def test_a_duplicate_closed_by_hand_goes_into_its_other_where_they_are_one_ring(
    workbench: Workbench, anna: Actor
) -> None:
    run(workbench, 0, RingOf("AB"), RingOf("KLMNO"))
    workbench.write(decide, anna, 1, None, "false_positive", "payroll")
    close_as_duplicate(workbench, anna, 2, 1)
    whole = RingOf("ABKLMNO")
    assert run(workbench, 1, whole)["absorbed"] == 1
    assert [one.merged_into_id for one in alerts(workbench)] == [None, 1]
    # From now on it is a part of the other one.
    assert run(workbench, 2, whole) == {"alerts": 1, "same": 1, "suppressed": 0}


def test_a_run_that_says_not_where_it_started_did_so_in_utc(workbench: Workbench) -> None:
    run(workbench, 1, RingOf("ABC", amount=2000.0))
    found = RunOf("run-0", 0, [RingOf("ABC", amount=1000.0)]).alerts()
    for made, amount in [("2026-04-01T23:59:59", 2000.0), ("2026-04-02T00:00:01", 1000.0)]:
        workbench.write(take, replace(found, made=made))
        assert [one.amount for one in alerts(workbench)] == [amount]


def test_a_run_that_changes_a_priority_says_so(workbench: Workbench) -> None:
    run(workbench, 0, RingOf("ABC", score=0.3), Payment("P", "Q", score=0.6))
    run(workbench, 1, RingOf("ABC", score=0.95), Payment("P", "Q", score=0.7))
    assert told(workbench, 1) == (
        "run_rescores",
        {"priority": 4, "due_at": "2026-05-15T09:00:00+00:00"},
        {"run_id": "run-1", "lineage": "same", "priority": 1,
         "due_at": "2026-05-02T09:00:00+00:00"},
    )  # fmt: skip
    # 0.6 and 0.7 are of one band: nothing that is followed has changed.
    assert workbench.read(audit.history, ["alert 2"]) == []
    assert workbench.read(audit.verify).problems == ()


def test_a_run_that_opens_an_alert_again_says_whom_it_takes_it_from(
    workbench: Workbench, anna: Actor
) -> None:
    run(workbench, 0, RingOf("ABC", score=0.3))
    workbench.write(assign, anna, 1, None, "anna")
    workbench.write(decide, anna, 1, None, "false_positive", "payroll")
    run(workbench, 1, RingOf("ABCDE", score=0.95))
    action, before, after = told(workbench, 1)
    assert action == "run_reopens"
    assert before == {
        "status": "closed", "priority": 4, "assignee": "anna", "disposition": "false_positive",
        "reason_code": "payroll", "due_at": "2026-05-15T09:00:00+00:00",
        "n_accounts": 3, "amount": 1000.0, "typology": "cycle",
    }  # fmt: skip
    assert after == {
        "status": "open", "priority": 1, "assignee": None, "disposition": None,
        "reason_code": None, "due_at": "2026-05-02T09:00:00+00:00",
        "n_accounts": 5, "amount": 1000.0, "typology": "cycle",
        "run_id": "run-1", "lineage": "grew",
    }  # fmt: skip


def test_a_run_that_ends_the_wait_for_approval_says_so(workbench: Workbench, anna: Actor) -> None:
    run(workbench, 0, RingOf("AB"), RingOf("KLMNO"))
    for alert_id in (1, 2):
        workbench.write(
            decide, anna, alert_id, None, "suspicious_reported", "structuring", "many small ones"
        )
    run(workbench, 1, RingOf("ABKLMNO"))
    action, before, after = told(workbench, 1)
    assert (action, before["approval"], after["approval"]) == ("run_merges", "pending", "rejected")
    assert (before["status"], before["disposition"], before["reason_code"]) == (
        "awaiting_approval", "suspicious_reported", "structuring",
    )  # fmt: skip
    assert after["comment"] == "A later run found it to be one ring with another alert"
    assert workbench.read(audit.verify).problems == ()


def test_a_part_that_is_closed_as_it_comes_says_why(workbench: Workbench, anna: Actor) -> None:
    run(workbench, 0, RingOf("ABCDEFGH"))
    workbench.write(decide, anna, 1, None, "false_positive", "payroll")
    run(workbench, 1, RingOf("ABCDE"), RingOf("FGH"))
    assert told(workbench, 2) == (
        "run_settles",
        {"status": None, "disposition": None, "reason_code": None},
        {"status": "closed", "disposition": "duplicate", "reason_code": "same_activity",
         "run_id": "run-1", "lineage": "split"},
    )  # fmt: skip
