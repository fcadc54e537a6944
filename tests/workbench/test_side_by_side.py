"""Two changes at once: each waits for the other, and never both; some need not wait at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from engine.workbench import clock, take_in
from engine.workbench.assignment import assign
from engine.workbench.case import alert_record, look
from engine.workbench.database import Workbench
from engine.workbench.outcome import work_out
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.saved_views import save_view
from engine.workbench.suppressions import Scope, suppress
from tests.workbench.alerts import add_alert
from tests.workbench.runs import RingOf, RunOf


def skip_one_at_a_time(workbench: Workbench) -> None:
    if workbench.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets in one change at a time")


def beside(workbench: Workbench, change: Callable[..., Any], *args: Any) -> None:
    """Make a change in a transaction of its own, beside the one that is under way."""
    with ThreadPoolExecutor() as pool:
        pool.submit(workbench.write, change, *args).result()


def test_alerts_are_suppressed_while_a_run_brings_them(
    workbench: Workbench, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.write(take_in.take, RunOf("run-0", 0, [RingOf("ABC")]).alerts())
    begun = threading.Event()

    def slow(*args: Any) -> Any:
        begun.set()
        time.sleep(0.5)
        return work_out(*args)

    monkeypatch.setattr(take_in, "work_out", slow)
    until = clock.now() + timedelta(days=7)
    with ThreadPoolExecutor() as pool:
        later = RunOf("run-1", 1, [RingOf("ABC"), RingOf("AXYZ")]).alerts()
        taken = pool.submit(workbench.write, take_in.take, later)
        assert begun.wait(5)
        workbench.write(suppress, anna, Scope(account="A"), "payroll", "", until)
        assert taken.result()["alerts"] == 2
    for alert_id in (1, 2):
        assert workbench.read(alert_record, anna, alert_id).suppressed_until == until


def test_who_looks_at_an_alert_can_be_given_another_meanwhile(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    skip_one_at_a_time(workbench)
    for _ in range(2):
        workbench.write(add_alert)

    def looks(session: Session) -> None:
        look(session, anna, 1)
        session.flush()
        beside(workbench, assign, rita, 2, None, "anna")

    workbench.write(looks)
    found = workbench.read(alert_record, anna, 2)
    assert found.assignee is not None
    assert found.assignee.login == "anna"


def test_who_saves_a_view_can_be_given_an_alert_meanwhile(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    skip_one_at_a_time(workbench)
    workbench.write(add_alert)

    class Chosen:
        """A filter that is asked while the view is being saved."""

        def to_params(self) -> dict[str, str]:
            beside(workbench, assign, rita, 1, None, "anna")
            return {}

    workbench.write(save_view, anna, "mine", cast("QueueFilter", Chosen()))
    assert workbench.read(alert_record, anna, 1).status == "in_review"


def test_who_looks_at_an_alert_does_not_wait_for_who_changes_it(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    skip_one_at_a_time(workbench)
    workbench.write(add_alert)

    def looked_at_meanwhile(session: Session) -> None:
        assign(session, rita, 1, None, "anna")
        beside(workbench, look, anna, 1)

    workbench.write(looked_at_meanwhile)
    assert workbench.read(alert_record, anna, 1).since_last_look is not None
