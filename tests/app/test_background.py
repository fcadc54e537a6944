"""Work that no click ends."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from app.ui import background
from app.ui.background import Tell

KEY = ("test", 1)


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    yield
    background.put_away(KEY)


def test_it_tells_what_comes_and_keeps_what_came_of_it() -> None:
    def do(tell: Tell) -> int:
        tell("one")
        tell("two")
        return 2

    background.begin(KEY, do)
    work = background.find(KEY)
    assert work is not None
    work.wait(10)
    assert (work.is_over, work.told, work.result()) == (True, ["one", "two"], 2)
    background.put_away(KEY)
    assert background.find(KEY) is None


def test_the_same_is_not_begun_twice_while_it_goes_on() -> None:
    go_on, begun = Event(), []

    def do(tell: Tell) -> None:
        begun.append(1)
        go_on.wait(10)

    background.begin(KEY, do)
    first = background.find(KEY)
    background.begin(KEY, do)
    assert background.find(KEY) is first
    go_on.set()
    assert first is not None
    first.wait(10)
    assert begun == [1]
    background.begin(KEY, do)
    assert background.find(KEY) is not first


def test_what_ended_it_is_raised_where_it_is_looked_at() -> None:
    def do(tell: Tell) -> None:
        raise ValueError("no")

    background.begin(KEY, do)
    work = background.find(KEY)
    assert work is not None
    with pytest.raises(ValueError, match="no"):
        work.result()
