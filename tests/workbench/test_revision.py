"""The revision of the workbench."""

from __future__ import annotations

from engine.workbench import notes, take_next
from engine.workbench.database import Workbench
from engine.workbench.revision import revision
from tests.workbench.alerts import add_alert
from tests.workbench.staff import hire


def test_a_change_makes_another_revision_and_a_look_or_a_lock_does_not(
    workbench: Workbench,
) -> None:
    anna = hire(workbench, "anna")
    alert_id = workbench.write(add_alert)
    before = workbench.read(revision, anna)
    workbench.write(take_next.hold, anna, alert_id)
    assert workbench.read(revision, anna) == before
    workbench.write(notes.add_note, anna, alert_id, "Called the branch")
    assert workbench.read(revision, anna) == before + 1
