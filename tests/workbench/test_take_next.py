"""Next: one alert, one person, in the order of the queue; also when eight ask at once."""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from types import ModuleType

import pytest
from sqlalchemy.orm import Session

from engine.workbench import audit, clock
from engine.workbench.assignment import assign
from engine.workbench.database import Workbench
from engine.workbench.decisions import decide
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Alert
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.settings import change_setting
from engine.workbench.take_next import hold, release, take_next
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch
from tests.workbench.staff import hire
from tests.workbench.worker import work_through, work_through_alone

ANY = QueueFilter()


def several(session: Session, anna: int, ben: int) -> None:
    """Add alerts in no order; those that Anna may get are 3, 6, 2, 1, 7, in this order."""
    later = START + timedelta(days=1)
    add_alert(session, priority=2, score=0.7)  # 1
    add_alert(session, priority=2, score=0.8, due_at=later)  # 2
    add_alert(session, priority=1, score=0.1)  # 3
    add_alert(session, priority=1, score=0.9, snoozed_until=later)  # 4
    add_alert(session, priority=1, score=0.9, suppressed_until=later)  # 5
    add_alert(session, priority=2, score=0.8, due_at=START, assignee_id=anna)  # 6
    add_alert(session, priority=2, score=0.7, status="in_review")  # 7
    add_alert(session, priority=1, assignee_id=ben)  # 8
    add_alert(session, priority=1, status="closed")  # 9
    add_alert(session, priority=1, status="awaiting_approval")  # 10
    add_alert(session, priority=1, locked_by_id=ben, locked_until=later)  # 11


def test_next_goes_through_the_queue_in_the_order_of_work(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    workbench.write(several, anna.user_id, ben.user_id)
    passed: list[int] = []
    while (taken := workbench.write(take_next, anna, ANY, passed)) is not None:
        passed.append(taken)
    assert passed == [3, 6, 2, 1, 7]


def test_next_without_passing_stays_at_the_best(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    assert [workbench.write(take_next, anna, ANY) for _ in range(2)] == [1, 1]


def test_next_keeps_to_what_the_filter_is_about_not_to_its_order(
    workbench: Workbench, anna: Actor
) -> None:
    workbench.write(add_alert, data_set="april.csv", priority=1)
    workbench.write(add_alert, typology="fan_in", amount=1.0, priority=2)
    workbench.write(add_alert, typology="fan_in", amount=9.0, priority=3)
    chosen = QueueFilter(data_set="march.csv", typologies=("fan_in",), sort="amount", show="closed")
    assert workbench.write(take_next, anna, chosen) == 2


def test_where_approval_is_asked_for_next_takes_others_decisions_to_who_may_approve(
    workbench: Workbench, anna: Actor
) -> None:
    rita = hire(workbench, "rita", "reviewer")
    for actor in (anna, rita, anna):
        alert_id = workbench.write(add_alert)
        report = ("suspicious_reported", "layering", "passed on within the hour")
        workbench.write(decide, actor, alert_id, None, *report)
    waiting = QueueFilter(statuses=("awaiting_approval",))
    taken = [workbench.write(take_next, rita, waiting, passed) for passed in ([], [1], [1, 3])]
    assert taken == [1, 3, None]
    assert workbench.write(take_next, anna, waiting) is None
    assert workbench.write(take_next, rita, ANY) is None


def test_what_one_has_the_other_does_not_get(workbench: Workbench, anna: Actor, ben: Actor) -> None:
    for _ in range(2):
        workbench.write(add_alert)
    taken = [workbench.write(take_next, actor, ANY) for actor in (anna, ben)]
    assert taken == [1, 2]
    assert workbench.write(take_next, anna, ANY, [1]) is None


def test_next_lets_go_of_what_was_held_before(
    workbench: Workbench, anna: Actor, ben: Actor
) -> None:
    for _ in range(2):
        workbench.write(add_alert)
    assert workbench.write(take_next, anna, ANY) == 1
    assert workbench.write(take_next, anna, ANY, [1]) == 2
    assert workbench.write(take_next, ben, ANY) == 1


def test_a_lock_ends_by_itself_and_the_alert_is_there_for_others(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor, ada: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(change_setting, ada, "lock_minutes", 5)
    assert workbench.write(take_next, anna, ANY) == 1
    watch.passes(minutes=4.9)
    assert workbench.write(take_next, ben, ANY) is None
    watch.passes(minutes=0.1)
    assert workbench.write(take_next, ben, ANY) == 1


def test_work_renews_the_lock(workbench: Workbench, watch: Watch, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(take_next, anna, ANY)
    watch.passes(minutes=10)
    workbench.write(assign, anna, 1, 1, "anna")
    found = workbench.write(hold, anna, 1)
    assert found is not None
    assert found.until == START + timedelta(minutes=25)


def test_opening_an_alert_says_who_has_it_open(
    workbench: Workbench, watch: Watch, anna: Actor, ben: Actor
) -> None:
    workbench.write(add_alert)
    mine = workbench.write(hold, anna, 1)
    theirs = workbench.write(hold, ben, 1)
    assert mine is not None
    assert theirs is not None
    assert (mine.login, mine.is_mine, mine.until) == ("anna", True, START + timedelta(minutes=15))
    assert (theirs.name, theirs.is_mine, theirs.until) == ("Anna", False, mine.until)


def test_opening_another_alert_frees_the_one_before(
    workbench: Workbench, anna: Actor, ben: Actor
) -> None:
    for _ in range(2):
        workbench.write(add_alert)
    workbench.write(hold, anna, 2)
    workbench.write(hold, anna, 1)
    held = workbench.write(hold, ben, 2)
    assert held is not None
    assert held.is_mine
    # What somebody else has open leaves one's own as it was.
    workbench.write(hold, anna, 2)
    mine = workbench.write(hold, anna, 1)
    assert mine is not None
    assert mine.is_mine


def test_a_closed_alert_needs_no_lock(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert, status="closed")
    assert workbench.write(hold, anna, 1) is None


def test_who_can_only_read_does_not_lock(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    workbench.write(add_alert, assignee_id=anna.user_id)
    assert workbench.write(hold, ben, 1) is None
    mine = workbench.write(hold, anna, 1)
    assert mine is not None
    assert mine.is_mine
    # While it waits for approval it is for those who may approve it, and not for who asks.
    workbench.write(decide, anna, 1, 1, "suspicious_reported", "layering", "because")
    for reader in (anna, ben):
        assert workbench.write(hold, reader, 1) is None
    held = workbench.write(hold, rita, 1)
    assert held is not None
    assert held.is_mine


def test_a_lock_that_has_just_begun_is_not_written_anew(
    workbench: Workbench, watch: Watch, anna: Actor
) -> None:
    workbench.write(add_alert)
    until = []
    for _ in range(3):
        held = workbench.write(hold, anna, 1)
        assert held is not None
        until.append((held.until - START) / timedelta(minutes=1))
        watch.passes(minutes=1)
    assert until == [15, 15, 17]


def test_an_alert_that_is_not_there_is_told(workbench: Workbench, anna: Actor) -> None:
    for function in (hold, release):
        with pytest.raises(NotFoundError, match="no alert AL-7"):
            workbench.write(function, anna, 7)


def test_ones_own_lock_is_freed_by_oneself_anothers_by_who_assigns(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(hold, anna, 1)
    with pytest.raises(NotAllowedError, match="this takes a reviewer or admin"):
        workbench.write(release, ben, 1)
    workbench.write(release, rita, 1)
    (entry,) = workbench.read(audit.history, ["alert 1"])
    assert (entry.actor, entry.action, entry.before) == ("rita", "release", '{"locked_by":"anna"}')
    workbench.write(hold, ben, 1)
    workbench.write(release, ben, 1)
    workbench.write(release, ben, 1)
    assert workbench.write(take_next, anna, ANY) == 1
    assert workbench.read(audit.verify).entries == 1


def test_locks_are_no_changes_of_the_alert(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(take_next, anna, ANY)
    workbench.write(hold, anna, 1)
    assert workbench.read(lambda session: session.get_one(Alert, 1).version) == 1
    assert workbench.read(audit.verify).entries == 0


PEOPLE, ALERTS = 8, 200


def fill(workbench: Workbench) -> list[Actor]:
    def add(session: Session) -> None:
        for number in range(1, ALERTS + 1):
            add_alert(session, ["A"], number=number, score=number / ALERTS, priority=1)

    workbench.write(add)
    return [hire(workbench, f"person{number}") for number in range(PEOPLE)]


def check_shares(workbench: Workbench, taken: list[list[int]]) -> None:
    times = Counter(alert_id for one in taken for alert_id in one)
    assert set(times) == set(range(1, ALERTS + 1))
    assert set(times.values()) == {1}
    for one in taken:
        # Scores count up with the ids: each person got the better ones first.
        assert one == sorted(one, reverse=True)
    assert workbench.read(audit.verify).problems == ()


def test_eight_people_at_once_never_get_the_same_alert(workbench: Workbench) -> None:
    people = fill(workbench)
    with ThreadPoolExecutor(PEOPLE) as pool:
        taken = list(pool.map(partial(work_through, workbench), people))
    check_shares(workbench, taken)


@pytest.mark.slow
def test_eight_processes_at_once_never_get_the_same_alert(
    workbench: Workbench, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests of pages leave the app there, and each process would begin by running it.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    people = fill(workbench)
    # Each is a copy of a process that has loaded what they need and opened nothing.
    context = get_context("forkserver")
    context.set_forkserver_preload([work_through_alone.__module__])
    with ProcessPoolExecutor(PEOPLE, mp_context=context) as pool:
        taken = list(pool.map(work_through_alone, [url] * PEOPLE, people))
    check_shares(workbench, taken)


def test_eight_people_who_only_look_hold_eight_alerts(workbench: Workbench) -> None:
    people = fill(workbench)

    def pass_over(actor: Actor) -> int:
        passed: list[int] = []
        for _ in range(5):
            taken = workbench.write(take_next, actor, ANY, passed)
            assert taken is not None
            passed.append(taken)
        return passed[-1]

    with ThreadPoolExecutor(PEOPLE) as pool:
        last = list(pool.map(pass_over, people))

    def holders(session: Session) -> dict[int | None, int]:
        held = session.query(Alert).where(Alert.locked_until > clock.now())
        return {alert.locked_by_id: alert.id for alert in held}

    assert len(set(last)) == PEOPLE
    assert workbench.read(holders) == {
        actor.user_id: alert_id for actor, alert_id in zip(people, last, strict=True)
    }
