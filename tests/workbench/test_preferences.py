"""Preferences: defaults, what is kept, and what makes no sense."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.database import Workbench
from engine.workbench.models import User
from engine.workbench.preferences import (
    Preferences,
    preferences,
    save_preferences,
    time_zones,
)
from tests.workbench.staff import hire


def test_who_chose_nothing_has_the_defaults(workbench: Workbench) -> None:
    assert workbench.read(preferences, hire(workbench, "anna").user_id) == Preferences()
    assert workbench.read(preferences, 999) == Preferences()


def test_a_choice_is_kept_for_who_made_it_and_audited(workbench: Workbench) -> None:
    anna, ben = hire(workbench, "anna"), hire(workbench, "ben")
    chosen = Preferences("indian", "Asia/Kolkata", 200)
    workbench.write(save_preferences, anna, chosen)
    workbench.write(save_preferences, anna, chosen)
    assert workbench.read(preferences, anna.user_id) == chosen
    assert workbench.read(preferences, ben.user_id) == Preferences()
    (entry,) = workbench.read(audit.history, ["user anna"])
    assert entry.action == "set_preferences"
    assert json.loads(entry.before)["time_zone"] == "auto"
    assert json.loads(entry.after)["time_zone"] == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (Preferences(time_zone="Asia/Calcuta"), r"no time zone 'Asia/Calcuta'; did you mean Asia/"),
        (Preferences(time_zone="kolkata"), r"did you mean Asia/Kolkata\?"),
        (Preferences(time_zone="new york"), r"did you mean America/New_York\?"),
        (Preferences(time_zone="???"), "write one like Asia/Kolkata, or UTC"),
        (Preferences(time_zone="../../etc/passwd"), "there is no time zone"),
        (Preferences(numbers="roman"), "numbers are auto, indian, western"),  # type: ignore[arg-type]
        (Preferences(queue_page_size=7), "50, 100, 200, 500 alerts, not 7"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(
    workbench: Workbench, chosen: Preferences, said: str
) -> None:
    anna = hire(workbench, "anna")
    with pytest.raises(InputError, match=said):
        workbench.write(save_preferences, anna, chosen)
    assert workbench.read(preferences, anna.user_id) == Preferences()


def test_what_a_later_version_kept_is_let_be(workbench: Workbench) -> None:
    anna = hire(workbench, "anna")

    def later(session: Session) -> None:
        session.get_one(User, anna.user_id).preferences = {"theme": "x", "numbers": "western"}

    workbench.write(later)
    assert workbench.read(preferences, anna.user_id) == Preferences(numbers="western")


def test_every_time_zone_on_offer_may_be_chosen(workbench: Workbench) -> None:
    assert {"UTC", "Asia/Kolkata", "Europe/Berlin"} <= set(time_zones())
