"""The queue: who finds which alerts, in which order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import case, queue
from engine.workbench.database import Workbench
from engine.workbench.models import Alert, Note
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.queue_filter import QueueFilter
from tests.workbench.alerts import START, add_alert, add_evidence
from tests.workbench.conftest import Watch

ALL = QueueFilter(show="all", sort="id", descending=False)


def seven(session: Session, anna: int) -> None:
    """Add seven alerts, 1 to 7, each with something that sets it apart."""
    add_alert(session, ["IN-001", "IN-002"], number=1, score=0.9, priority=1, amount=500.0)
    add_alert(
        session, ["IN-003"], number=2, score=0.9, priority=1, amount=2_000.0, typology="fan_in",
        due_at=START + timedelta(hours=1), title="Fan-in to IN-003",
    )  # fmt: skip
    add_alert(
        session, ["IN-004"], number=3, score=0.95, priority=2, status="in_review",
        assignee_id=anna, last_activity=START - timedelta(days=30),
    )  # fmt: skip
    add_alert(session, ["IN-005"], number=4, snoozed_until=START + timedelta(days=1))
    add_alert(session, ["IN-006"], number=5, suppressed_until=START + timedelta(days=1))
    add_alert(
        session, ["IN-007"], number=6, status="closed", disposition="false_positive",
        reason_code="payroll", closed_at=START,
    )  # fmt: skip
    add_alert(
        session, ["IN-008"], number=7, data_set="april.csv", score=0.2, priority=4,
        due_at=START - timedelta(hours=1),
    )  # fmt: skip
    session.add(Note(alert_id=3, author_id=anna, at=START, text="The payer is 100% HERE_ again"))


@pytest.fixture
def full(workbench: Workbench, watch: Watch, anna: Actor) -> Callable[[QueueFilter], list[int]]:
    """Ask seven alerts for the ids that pass a filter."""
    workbench.write(seven, anna.user_id)

    def ids(chosen: QueueFilter) -> list[int]:
        found = list(workbench.read(queue.page, anna, chosen)["id"])
        assert workbench.read(queue.count, anna, chosen) == len(found)
        assert list(workbench.read(queue.export, anna, chosen)["id"]) == found
        return found

    return ids


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        # 2 comes before 1: the same priority and score, but due in an hour.
        (QueueFilter(), [2, 1, 3, 7]),
        (QueueFilter(data_set="march.csv"), [2, 1, 3]),
        (QueueFilter(show="snoozed"), [4]),
        (QueueFilter(show="suppressed"), [5]),
        (QueueFilter(show="closed"), [6]),
        (ALL, [1, 2, 3, 4, 5, 6, 7]),
        (QueueFilter(sort="amount"), [2, 3, 7, 1]),
        (QueueFilter(sort="amount", descending=False), [1, 3, 7, 2]),
        (QueueFilter(sort="last_activity", descending=False), [3, 1, 2, 7]),
        (QueueFilter(show="all", sort="closed_at"), [6, 1, 2, 3, 4, 5, 7]),
        (QueueFilter(statuses=("in_review",)), [3]),
        (QueueFilter(show="all", statuses=("in_review", "closed")), [3, 6]),
        (QueueFilter(typologies=("fan_in", "fan_out")), [2]),
        (QueueFilter(min_score=0.9), [2, 1, 3]),
        (QueueFilter(min_amount=500.0, max_amount=1_000.0), [1, 3, 7]),
        (QueueFilter(end=START - timedelta(days=2)), [3]),
        (QueueFilter(start=START - timedelta(days=2)), [2, 1, 7]),
        (QueueFilter(end=(START - timedelta(days=29)).replace(tzinfo=None)), [3]),
        (QueueFilter(assignee="me"), [3]),
        (QueueFilter(assignee="anna"), [3]),
        (QueueFilter(assignee="nobody"), [2, 1, 7]),
        (QueueFilter(assignee="no such login"), []),
        (QueueFilter(overdue=True), [7]),
    ],
)
def test_a_filter_keeps_what_it_asks_for(
    full: Callable[[QueueFilter], list[int]], chosen: QueueFilter, expected: list[int]
) -> None:
    assert full(chosen) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AL-3", [3]),
        ("al-3", [3]),
        ("AL-99", []),
        ("3", [2, 3]),  # the number of one, and part of the other's title
        ("A000004", [4]),
        ("a000004", [4]),
        ("fan-IN to", [2]),
        ("IN-001", [1]),  # whole
        ("in-00", [1, 2, 3, 4, 5, 6, 7]),  # part, in any case
        ("100%", [3]),  # a wildcard stands for itself
        ("here_", [3]),
        ("%", [3]),
        ("_", [3]),
        ("\\", []),
        ("payer", [3]),
        ("  payer  ", [3]),
        ("'; DROP TABLE alerts; --", []),
        ("\0", []),
        ("nothing like it", []),
    ],
)
def test_search_looks_at_names_titles_accounts_and_notes(
    full: Callable[[QueueFilter], list[int]], text: str, expected: list[int]
) -> None:
    chosen = QueueFilter(show="all", sort="id", descending=False, search=text)
    assert full(chosen) == expected


def test_search_knows_the_case_of_all_alphabets(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert, ["ИВАН-1"], title="Überweisung an Иван")
    for text in ("überWEISUNG", "ИВАН", "иван-1"):
        assert workbench.read(queue.count, anna, QueueFilter(search=text)) == 1, text


def test_a_page_beyond_the_last_is_empty_and_has_the_columns(
    workbench: Workbench, anna: Actor, watch: Watch
) -> None:
    workbench.write(seven, anna.user_id)
    pages = [workbench.read(queue.page, anna, ALL, number, 3) for number in (1, 2, 3, 4)]
    assert [list(page["id"]) for page in pages] == [[1, 2, 3], [4, 5, 6], [7], []]
    assert list(pages[3].columns) == list(pages[0].columns)
    assert pages[3].dtypes["due_at"] == pages[0].dtypes["due_at"]


@pytest.mark.parametrize(("page", "size"), [(0, 10), (1, 0), (1, 501)])
def test_a_page_out_of_range_is_refused(
    workbench: Workbench, anna: Actor, page: int, size: int
) -> None:
    with pytest.raises(InputError, match="pages count from 1, with 1 to 500 rows"):
        workbench.read(queue.page, anna, ALL, page, size)


def only(workbench: Workbench, actor: Actor) -> pd.Series:
    frame = workbench.read(queue.page, actor, ALL)
    assert len(frame) == 1
    return frame.iloc[0]


def test_a_row_names_who_has_it_and_who_has_it_open(
    workbench: Workbench, anna: Actor, ben: Actor, watch: Watch
) -> None:
    workbench.write(
        add_alert, assignee_id=anna.user_id, locked_by_id=ben.user_id,
        locked_until=START + timedelta(minutes=15),
    )  # fmt: skip
    row = only(workbench, anna)
    assert (row["assignee"], row["assignee_login"]) == ("Anna", "anna")
    assert (row["locked_by"], row["locked_by_login"]) == ("Ben", "ben")
    watch.passes(minutes=15)
    row = only(workbench, anna)
    assert pd.isna(row["locked_by"])
    assert pd.isna(row["locked_by_login"])


def test_evidence_is_news_to_who_has_seen_less(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    alert_id = workbench.write(add_alert)
    workbench.write(case.look, anna, alert_id)
    assert not only(workbench, anna)["is_new_evidence"]

    def grow(session: Session) -> None:
        alert = session.get_one(Alert, alert_id)
        alert.amount, alert.run_id = 2000.0, "run-2"
        add_evidence(session, alert, state="grew")

    workbench.write(grow)
    workbench.write(case.look, ben, alert_id)
    seen = [only(workbench, actor)["is_new_evidence"] for actor in (anna, ben, rita)]
    assert seen == [True, False, False]  # to Rita, who never looked, all of it is new


def test_typologies_are_those_of_the_data_set_whatever_else_is_asked(
    workbench: Workbench, anna: Actor
) -> None:
    workbench.write(seven, anna.user_id)
    chosen = QueueFilter(data_set="march.csv", search="no such", typologies=("fan_in",))
    counts = workbench.read(queue.typologies, anna, chosen)
    assert counts.to_numpy().tolist() == [["cycle", 5], ["fan_in", 1]]


def test_an_empty_workbench_has_an_empty_queue(workbench: Workbench, anna: Actor) -> None:
    assert workbench.read(queue.count, anna, QueueFilter()) == 0
    assert workbench.read(queue.page, anna, QueueFilter()).empty
    assert workbench.read(queue.typologies, anna, QueueFilter()).empty


def test_who_is_unknown_sees_nothing(workbench: Workbench) -> None:
    nobody = Actor(99, "nobody", "Nobody", "admin")
    with pytest.raises(NotAllowedError, match="no active user"):
        workbench.read(queue.page, nobody, QueueFilter())
