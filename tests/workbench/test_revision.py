"""The revision of the workbench."""

from __future__ import annotations

from pathlib import Path

import engine.workbench as workbench_package
from engine.workbench import assignment, notes, take_next
from engine.workbench.database import Workbench
from engine.workbench.revision import BESIDE_ALERTS, revision
from tests.workbench.alerts import add_alert
from tests.workbench.staff import hire


def test_a_change_makes_another_revision_and_a_look_a_lock_or_a_note_does_not(
    workbench: Workbench,
) -> None:
    anna = hire(workbench, "anna")
    alert_id = workbench.write(add_alert)
    before = workbench.read(revision, anna)
    workbench.write(take_next.hold, anna, alert_id)
    workbench.write(notes.add_note, anna, alert_id, "Called the branch")
    assert workbench.read(revision, anna) == before
    workbench.write(assignment.assign, anna, alert_id, None, "anna")
    assert workbench.read(revision, anna) == before + 2


def test_a_search_in_notes_holds_until_the_next_note(workbench: Workbench) -> None:
    anna = hire(workbench, "anna")
    alert_id = workbench.write(add_alert)
    before = workbench.read(revision, anna, with_notes=True)
    workbench.write(notes.add_note, anna, alert_id, "Called the branch")
    assert workbench.read(revision, anna, with_notes=True) == before + 1


def test_actions_beside_alerts_are_written_somewhere() -> None:
    """A name that nobody writes would let counts grow old unseen once it is given to an action."""
    source = "".join(one.read_text() for one in Path(workbench_package.__path__[0]).glob("*.py"))
    assert [one for one in BESIDE_ALERTS if source.count(f'"{one}"') < 2] == []
