"""Whatever several people do, in any order, the cases stay whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import EngineError
from engine.workbench import audit, clock
from engine.workbench.assignment import assign, set_priority
from engine.workbench.bulk_actions import bulk
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench, default_url
from engine.workbench.decisions import approve, decide, reopen, withdraw
from engine.workbench.migrations import upgrade
from engine.workbench.models import Alert, AuditEntry, Decision, Evidence, Note
from engine.workbench.notes import add_note
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.take_next import hold, release, take_next
from engine.workbench.waiting import snooze, wake
from tests.workbench.alerts import add_alert
from tests.workbench.staff import hire

Action = Callable[[Session, Actor, int, int | None], Any]

LOGINS = ("anna", "ben", "rita", "rolf")

#: What one may do to an alert; the last argument is the version that one believes it has.
ACTIONS: dict[str, Action] = {
    "take next": lambda s, who, a, v: take_next(s, who, QueueFilter()),
    "hold": lambda s, who, a, v: hold(s, who, a),
    "release": lambda s, who, a, v: release(s, who, a),
    "take": lambda s, who, a, v: assign(s, who, a, v, who.login),
    "give back": lambda s, who, a, v: assign(s, who, a, v, None),
    "give to Ben": lambda s, who, a, v: assign(s, who, a, v, "ben"),
    "prioritise": lambda s, who, a, v: set_priority(s, who, a, v, 1 + a % 4),
    "note": lambda s, who, a, v: add_note(s, who, a, f"seen by {who.name}"),
    "snooze": lambda s, who, a, v: snooze(s, who, a, v, clock.now() + timedelta(days=1)),
    "wake": lambda s, who, a, v: wake(s, who, a, v),
    "close": lambda s, who, a, v: decide(s, who, a, v, "false_positive", "payroll"),
    "duplicate": lambda s, who, a, v: decide(
        s, who, a, v, "duplicate", "same_activity", duplicate_of=1 + a % 3
    ),
    "report": lambda s, who, a, v: decide(s, who, a, v, "suspicious_reported", "layering", "x"),
    "approve": lambda s, who, a, v: approve(s, who, a, v, accept=True),
    "send back": lambda s, who, a, v: approve(s, who, a, v, accept=False, comment="no"),
    "withdraw": lambda s, who, a, v: withdraw(s, who, a, v),
    "reopen": lambda s, who, a, v: reopen(s, who, a, v, "again"),
    "assign all": lambda s, who, a, v: bulk(s, who, "assign", [1, 2, 3], login=who.login),
    "close all": lambda s, who, a, v: bulk(
        s, who, "decide", [1, 2, 3], disposition="inconclusive", reason_code="no_answer"
    ),
}  # fmt: skip

STEPS = st.lists(
    st.tuples(
        st.sampled_from(LOGINS),
        st.sampled_from(sorted(ACTIONS)),
        st.integers(1, 3),
        # Mostly the present version, sometimes that of a while ago, sometimes none.
        st.sampled_from([0, 0, 0, 1, None]),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workbench, list[Actor]]]:
    """A workbench with four people, for many days on end."""
    folder: Path = tmp_path_factory.mktemp("desk")
    workbench = Workbench.open(default_url(folder))
    upgrade(workbench)
    roles = ("analyst", "analyst", "reviewer", "reviewer")
    people = [hire(workbench, login, role) for login, role in zip(LOGINS, roles, strict=True)]  # type: ignore[arg-type]
    yield workbench, people
    workbench.close()


class UndoneError(Exception):
    """Ends a day; its transaction leaves nothing."""


def live_through(session: Session, people: list[Actor], steps: list[Any]) -> None:
    by_login = {actor.login: actor for actor in people}
    for _ in range(3):
        add_alert(session)
    for login, action, alert_id, behind in steps:
        before = {alert.id: facts(session, alert) for alert in alerts(session)}
        version = None if behind is None else before[alert_id]["version"] - behind
        try:
            ACTIONS[action](session, by_login[login], alert_id, version)
        except EngineError:
            session.flush()
            after = {alert.id: facts(session, alert) for alert in alerts(session)}
            assert after == before, f"{action} was refused and changed something"
        for alert in alerts(session):
            check(session, alert)
    assert audit.verify(session).problems == ()


def alerts(session: Session) -> list[Alert]:
    return list(session.scalars(select(Alert).order_by(Alert.id)))


def facts(session: Session, alert: Alert) -> dict[str, Any]:
    return {column.name: getattr(alert, column.name) for column in Alert.__table__.columns}


def check(session: Session, alert: Alert) -> None:
    approvals = list(
        session.scalars(
            select(Decision.approval).where(Decision.alert_id == alert.id).order_by(Decision.id)
        )
    )
    is_decided = alert.status in ("closed", "awaiting_approval")
    assert (alert.disposition is not None) == is_decided
    assert (alert.reason_code is not None) == is_decided
    assert (alert.closed_at is not None) == (alert.status == "closed")
    assert (alert.merged_into_id is not None) == (alert.disposition == "duplicate")
    assert approvals.count("pending") == (alert.status == "awaiting_approval")
    if alert.disposition == "suspicious_reported" and alert.status == "closed":
        assert approvals[-1] == "approved"
    if is_decided:
        assert approvals
        assert alert.locked_by_id is None or alert.status == "awaiting_approval"
    check_four_eyes(session, alert)
    check_versions(session, alert)


def check_four_eyes(session: Session, alert: Alert) -> None:
    for decision in session.scalars(select(Decision).where(Decision.alert_id == alert.id)):
        assert decision.approved_by_id != decision.decided_by_id
        if decision.disposition == "suspicious_reported":
            assert decision.approval != "not_needed"


def check_versions(session: Session, alert: Alert) -> None:
    told = session.scalars(
        select(AuditEntry.after).where(AuditEntry.subject == f"alert {alert.id}")
        .order_by(AuditEntry.seq)
    )  # fmt: skip
    versions = [after["version"] for after in map(json.loads, told) if "version" in after]
    assert versions == list(range(2, alert.version + 1)), "each change has its version and entry"


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_cases_stay_whole_whatever_people_do(
    desk: tuple[Workbench, list[Actor]], steps: list[Any]
) -> None:
    workbench, people = desk

    def day(session: Session) -> None:
        live_through(session, people, steps)
        raise UndoneError

    with pytest.raises(UndoneError):
        workbench.write(day)


#: One long day that comes by most corners, for both databases.
LONG_DAY = [
    (login, action, alert_id, 0)
    for number in range(3)
    for login, action, alert_id in [
        ("anna", "take next", 1), ("anna", "take", 1 + number), ("anna", "note", 1 + number),
        ("ben", "close", 1 + number), ("anna", "report", 1 + number),
        ("anna", "approve", 1 + number), ("rita", "send back", 1 + number),
        ("anna", "report", 1 + number), ("anna", "withdraw", 1 + number),
        ("rita", "report", 1 + number), ("rita", "approve", 1 + number),
        ("rolf", "approve", 1 + number), ("rolf", "reopen", 1 + number),
        ("ben", "assign all", 1), ("rita", "assign all", 1), ("ben", "snooze", 2),
        ("rita", "wake", 2), ("rita", "prioritise", 1 + number), ("rolf", "duplicate", 2),
        ("ben", "close all", 1),
    ]
]  # fmt: skip


def test_a_long_day_leaves_cases_whole(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    people = [anna, ben, rita, hire(workbench, "rolf", "reviewer")]
    workbench.write(live_through, people, LONG_DAY)
    assert workbench.read(audit.verify).entries > 20

    def counts(session: Session) -> list[int]:
        return [
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (Alert, Evidence, Note)
        ]

    assert workbench.read(counts) == [3, 3, 3]
    for alert_id in (1, 2, 3):
        assert workbench.read(alert_record, anna, alert_id).status == "closed"
