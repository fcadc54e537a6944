"""What models answered is asked once, and what they cost has a cap a day."""

from __future__ import annotations

from functools import partial

import pytest

from engine.narrative.verdict import Usage
from engine.workbench.database import Workbench
from engine.workbench.model_use import ModelBooks, Spending, add_use, spending
from engine.workbench.permissions import Actor
from engine.workbench.settings import change_setting
from tests.workbench.conftest import Watch


def books(workbench: Workbench, actor: Actor) -> ModelBooks:
    return ModelBooks(
        lambda function, *args: workbench.read(partial(function), actor, *args),
        lambda function, *args: workbench.write(partial(function), actor, *args),
    )


def use(cost: float | None) -> Usage:
    return Usage("us.model-1", "schema", 1_000_000, 100_000, cost, 1.0, 1)


def test_an_answer_is_found_by_its_key_and_a_later_one_takes_its_place(
    workbench: Workbench, anna: Actor, ben: Actor
) -> None:
    assert books(workbench, anna).get("k" * 64) is None
    books(workbench, anna).put("k" * 64, "one")
    books(workbench, ben).put("k" * 64, "two")
    assert books(workbench, anna).get("k" * 64) == "two"


def test_a_day_ends_at_midnight_utc(workbench: Workbench, watch: Watch, anna: Actor) -> None:
    mine = books(workbench, anna)
    mine.add(use(0.25))
    mine.add(use(0.5))
    assert (mine.spent_today(), mine.daily_cap()) == (0.75, 1.0)
    watch.passes(hours=11.9)
    assert mine.spent_today() == 0.75
    watch.passes(hours=0.2)
    assert mine.spent_today() == 0


def test_a_model_without_a_price_counts_as_a_dear_one(
    workbench: Workbench, anna: Actor, ada: Actor
) -> None:
    workbench.write(change_setting, ada, "model_usd_per_day", 20)
    workbench.write(add_use, anna, use(None))
    assert workbench.read(spending, anna) == Spending(pytest.approx(7.5), 20.0, 1, True)  # type: ignore[arg-type]
