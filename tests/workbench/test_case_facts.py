"""Earlier alerts on the same accounts, as a narrative tells of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.workbench import case_facts, decisions
from engine.workbench.database import Workbench
from engine.workbench.permissions import Actor
from tests.workbench.alerts import START, add_alert
from tests.workbench.staff import hire


@pytest.fixture
def anna(workbench: Workbench) -> Actor:
    return hire(workbench, "anna", "analyst")


def test_alerts_that_ended_before_are_told_with_the_accounts_both_have(
    workbench: Workbench, anna: Actor
) -> None:
    ended = START - timedelta(days=30)
    old = workbench.write(add_alert, ("C1", "C2", "C7"), number=1, last_activity=ended)
    own = workbench.write(add_alert, ("C1", "C2", "C3"), number=2)
    workbench.write(add_alert, ("C3",), number=3, last_activity=START)  # later
    workbench.write(add_alert, ("C9",), number=4, last_activity=ended)  # on others
    workbench.write(decisions.decide, anna, old, None, "false_positive", "payroll")
    (found,) = workbench.read(case_facts.case_facts, anna, own).earlier
    assert (found.alert, found.opened, found.disposition, found.accounts) == (
        f"AL-{old}", ended, "false positive", ("C1", "C2"),
    )  # fmt: skip


def test_of_the_same_moment_the_one_of_the_lower_number_came_before(
    workbench: Workbench, anna: Actor
) -> None:
    first, second = (workbench.write(add_alert, ("C1",), number=number) for number in (1, 2))
    assert workbench.read(case_facts.case_facts, anna, first).earlier == ()
    (found,) = workbench.read(case_facts.case_facts, anna, second).earlier
    assert (found.alert, found.disposition) == (f"AL-{first}", None)


def test_a_narrative_is_not_told_whether_a_report_was_made(
    workbench: Workbench, anna: Actor
) -> None:
    old = workbench.write(add_alert, ("C1",), number=1)
    own = workbench.write(add_alert, ("C1",), number=2)
    workbench.write(
        decisions.decide, anna, old, None, "suspicious_not_reportable", "already_reported", "see it"
    )
    (found,) = workbench.read(case_facts.case_facts, anna, own).earlier
    assert found.disposition == "suspicious"


def test_a_hub_of_the_input_brings_nothing_together(
    workbench: Workbench, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_facts, "MAX_ALERTS_OF_ACCOUNT", 2)
    for number in (1, 2):
        workbench.write(add_alert, ("HUB",), number=number)
    own = workbench.write(add_alert, ("HUB", "C1"), number=3)
    assert workbench.read(case_facts.case_facts, anna, own).earlier == ()
