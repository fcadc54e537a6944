"""The figures over the queue, counted by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.workbench.database import Workbench
from engine.workbench.decisions import decide, reopen
from engine.workbench.models import Decision, Evidence
from engine.workbench.permissions import Actor
from engine.workbench.queue_figures import Precision, figures, wilson
from engine.workbench.queue_filter import QueueFilter
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch

LATE = START - timedelta(hours=1)


def some_work(session: Session, anna: int) -> None:
    add_alert(session, amount=100.0, due_at=LATE)
    add_alert(session, amount=20.0, status="in_review", assignee_id=anna)
    add_alert(session, amount=7.0, status="awaiting_approval", currency="USD",
              disposition="suspicious_reported")  # fmt: skip
    add_alert(session, amount=5.0, snoozed_until=START + timedelta(days=1), due_at=LATE)
    add_alert(session, amount=5.0, suppressed_until=START + timedelta(days=1))
    add_alert(session, amount=1000.0, data_set="april.csv", currency=None)
    closed = {
        "confirmed_fraud": 1, "suspicious_reported": 1, "suspicious_not_reportable": 1,
        "false_positive": 5, "inconclusive": 2, "duplicate": 2,
    }  # fmt: skip
    for disposition, number in closed.items():
        for _ in range(number):
            # The tests' day began 12 hours ago; all but the false positives are of yesterday.
            hours = 1 if disposition == "false_positive" else 13
            alert_id = add_alert(
                session, status="closed", disposition=disposition, due_at=LATE, assignee_id=anna,
                closed_at=START - timedelta(hours=hours),
            )  # fmt: skip
            newest = select(func.max(Evidence.id)).where(Evidence.alert_id == alert_id)
            session.add(
                Decision(
                    alert_id=alert_id, evidence_id=session.scalar(newest), disposition=disposition,
                    reason_code="other", comment="", decided_by_id=anna, decided_at=START,
                    approval="not_needed",
                )
            )  # fmt: skip


def test_figures_count_what_is_to_be_done_and_what_was(
    workbench: Workbench, anna: Actor, watch: Watch
) -> None:
    workbench.write(some_work, anna.user_id)
    found = workbench.read(figures, anna, QueueFilter(data_set="march.csv"))
    assert (found.open, found.overdue, found.mine) == (3, 1, 1)
    assert found.amounts == (("INR", 120.0), ("USD", 7.0))
    assert found.closed_today == 5
    assert (found.precision.right, found.precision.decided) == (3, 8)


def test_figures_are_of_the_alerts_content_whatever_their_state(
    workbench: Workbench, anna: Actor, watch: Watch
) -> None:
    workbench.write(some_work, anna.user_id)
    narrow = QueueFilter(show="closed", assignee="nobody", overdue=True, statuses=("closed",))
    found = workbench.read(figures, anna, narrow)
    assert (found.open, found.overdue, found.mine) == (4, 1, 1)
    assert found.amounts == ((None, 1000.0), ("INR", 120.0), ("USD", 7.0))
    large = workbench.read(figures, anna, QueueFilter(min_amount=101.0))
    assert (large.open, large.precision.decided) == (1, 8)  # what is closed is of 1,000 too


def test_what_waits_for_approval_is_counted_for_others_than_who_decided(
    workbench: Workbench, anna: Actor, ben: Actor
) -> None:
    for actor in (anna, anna, ben):
        alert_id = workbench.write(add_alert)
        workbench.write(decide, actor, alert_id, None, "suspicious_reported", "layering", "a note")
    found = [workbench.read(figures, actor, QueueFilter()).to_approve for actor in (anna, ben)]
    assert found == [1, 2]


def test_a_decision_counts_also_where_the_alert_was_opened_again(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    for _ in range(2):
        workbench.write(add_alert)
    workbench.write(decide, anna, 1, None, "false_positive", "payroll")
    workbench.write(reopen, rita, 1, None, "new complaint")
    workbench.write(decide, anna, 2, None, "suspicious_reported", "layering", "waits")
    right = workbench.read(figures, anna, QueueFilter()).precision
    assert (right.right, right.decided) == (0, 1)
    workbench.write(decide, anna, 1, None, "confirmed_fraud", "mule_account", "money mule")
    right = workbench.read(figures, anna, QueueFilter()).precision
    assert (right.right, right.decided) == (1, 1)


def test_the_day_begins_where_the_person_is(
    workbench: Workbench, anna: Actor, watch: Watch
) -> None:
    workbench.write(some_work, anna.user_id)
    in_delhi = START.replace(hour=0) - timedelta(hours=5.5)
    found = workbench.read(figures, anna, QueueFilter(), in_delhi)
    assert found.closed_today == 12


def test_an_empty_queue_has_no_precision(workbench: Workbench, anna: Actor) -> None:
    found = workbench.read(figures, anna, QueueFilter())
    assert (found.open, found.amounts) == (0, ())
    assert found.precision == Precision(0, 0, None, None, None)


@pytest.mark.parametrize(
    ("right", "decided", "low", "high"),
    [
        # 0 of n: the upper end is z²/(n + z²) = 3.8415/8.8415.
        (0, 5, 0.0, 0.4345),
        (5, 5, 0.5655, 1.0),
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81/263 and 15/148.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_the_interval_is_wilsons(right: int, decided: int, low: float, high: float) -> None:
    found = wilson(right, decided)
    assert found.share == right / decided
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
