"""The filter of the queue: what a link says of it, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.workbench.queue_filter import MAX_SEARCH, ORDERS, SHOWS, STATUSES, QueueFilter

MOMENTS = st.none() | st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
)
AMOUNTS = st.none() | st.floats(allow_nan=False)

FILTERS = st.builds(
    QueueFilter,
    data_set=st.none() | st.text(),
    show=st.sampled_from(SHOWS),
    statuses=st.lists(st.sampled_from(STATUSES)).map(tuple),
    typologies=st.lists(st.text()).map(tuple),
    min_score=st.floats(0, 1),
    min_amount=AMOUNTS,
    max_amount=AMOUNTS,
    start=MOMENTS,
    end=MOMENTS,
    search=st.text(max_size=MAX_SEARCH),
    assignee=st.none() | st.text(),
    overdue=st.booleans(),
    sort=st.sampled_from(ORDERS),
    descending=st.booleans(),
)


@given(FILTERS)
def test_a_filter_comes_back_from_its_parameters(chosen: QueueFilter) -> None:
    assert QueueFilter.from_params(chosen.to_params()) == chosen


def test_a_link_names_only_what_is_not_the_default() -> None:
    assert QueueFilter().to_params() == {}
    chosen = QueueFilter(data_set="a.csv", statuses=("open", "in_review"), overdue=True)
    assert chosen.to_params() == {
        "data_set": "a.csv", "statuses": ["open", "in_review"], "overdue": "yes",
    }  # fmt: skip


def test_other_parameters_of_the_address_are_left_alone() -> None:
    assert QueueFilter.from_params({"run": "r1", "alert": "12"}) == QueueFilter()


def test_one_value_of_many_may_stand_alone() -> None:
    assert QueueFilter.from_params({"typologies": "cycle"}).typologies == ("cycle",)


def test_a_moment_is_written_in_utc() -> None:
    noon_in_delhi = datetime(2026, 8, 3, 12, tzinfo=timezone(timedelta(hours=5.5)))
    assert QueueFilter(start=noon_in_delhi).to_params() == {"start": "2026-08-03T06:30:00+00:00"}
    bare = QueueFilter.from_params({"start": "2026-08-03"})
    assert bare.start == datetime(2026, 8, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"show": "hidden"}, "show is one of working"),
        ({"sort": "password_hash"}, "sort is one of queue"),
        ({"statuses": ["open", "gone"]}, "status is one of open"),
        ({"min_score": "2"}, "from 0 to 1, not 2"),
        ({"min_score": "high"}, "min_score cannot be 'high'"),
        ({"start": "tomorrow"}, "start cannot be 'tomorrow'"),
        ({"overdue": "maybe"}, "overdue is one of yes, no"),
        ({"search": "x" * 401}, "the search has 401 characters"),
        ({"search": []}, None),
    ],
)
def test_what_no_queue_has_is_refused(params: dict[str, str], told: str | None) -> None:
    if told is None:
        assert QueueFilter.from_params(params) == QueueFilter()
        return
    with pytest.raises(InputError, match=told):
        QueueFilter.from_params(params)
