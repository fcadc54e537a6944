"""Settings: defaults, ranges, and what the audit says of a change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.database import Workbench
from engine.workbench.permissions import NotAllowedError
from engine.workbench.settings import RANGES, Settings, change_setting, current
from tests.workbench.staff import hire


def test_nothing_changed_means_the_defaults(workbench: Workbench) -> None:
    assert workbench.read(current) == Settings()


def test_a_change_is_kept_and_audited_with_before_and_after(workbench: Workbench) -> None:
    admin = hire(workbench, "root", "admin")
    workbench.write(change_setting, admin, "lock_minutes", 30)
    workbench.write(change_setting, admin, "sla_hours", [8, 24, 72, 168])
    assert workbench.read(current) == Settings(lock_minutes=30, sla_hours=(8.0, 24.0, 72.0, 168.0))
    (entry,) = workbench.read(audit.history, ["setting lock_minutes"])
    assert (entry.actor, entry.action, entry.before, entry.after) == ("root", "set", "15", "30")
    (entry,) = workbench.read(audit.history, ["setting sla_hours"])
    assert json.loads(entry.before) == [24.0, 72.0, 168.0, 336.0]


def test_the_same_value_again_is_no_change(workbench: Workbench) -> None:
    admin = hire(workbench, "root", "admin")
    workbench.write(change_setting, admin, "sla_hours", (24, 72, 168, 336))
    assert workbench.read(audit.verify).entries == 0


def test_the_way_back_to_the_default_is_a_change(workbench: Workbench) -> None:
    admin = hire(workbench, "root", "admin")
    workbench.write(change_setting, admin, "default_role", "reviewer")
    workbench.write(change_setting, admin, "default_role", "analyst")
    assert workbench.read(current) == Settings()
    assert workbench.read(audit.verify).entries == 2


@pytest.mark.parametrize("role", ["analyst", "reviewer"])
def test_only_an_admin_changes_settings(workbench: Workbench, role: Any) -> None:
    with pytest.raises(NotAllowedError, match="takes an admin"):
        workbench.write(change_setting, hire(workbench, "anna", role), "lock_minutes", 30)
    assert workbench.read(current) == Settings()


@pytest.mark.parametrize("name", sorted(RANGES))
@pytest.mark.parametrize("end", [0, 1])
def test_the_ends_of_a_range_are_in_it_and_beyond_is_refused(
    workbench: Workbench, name: str, end: int
) -> None:
    admin, value = hire(workbench, "root", "admin"), RANGES[name][end]
    beyond = value * 2 if end else value / 2

    def whole(number: float) -> Any:
        return [number] * 4 if name == "sla_hours" else number

    workbench.write(change_setting, admin, name, whole(value))
    with pytest.raises(InputError, match=f"{name} is a (whole )?number"):
        workbench.write(change_setting, admin, name, whole(beyond))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("lock_minutes", "15", "lock_minutes is a number from 1 to 240, not '15'"),
        ("lock_minutes", True, "not True"),
        ("lock_minutes", 7.5, "lock_minutes is a whole number, not 7.5"),
        ("reopen_growth", float("nan"), "not nan"),
        ("sla_hours", [24, 72, 168], "4 numbers, one a priority"),
        ("sla_hours", [24, 12, 168, 336], "must not fall"),
        ("sla_hours", 24, "4 numbers"),
        ("default_role", "admin", "default_role is analyst or reviewer, not 'admin'"),
        ("colour", "red", "there is no setting 'colour'; there are lock_minutes, sla_hours"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    workbench: Workbench, name: str, value: Any, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        workbench.write(change_setting, hire(workbench, "root", "admin"), name, value)
    assert workbench.read(current) == Settings()
