"""Notes are kept exactly as they are written."""

from __future__ import annotations

import json

import pytest

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.assignment import set_priority
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.errors import NotFoundError
from engine.workbench.notes import add_note
from engine.workbench.permissions import Actor
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch

HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u202egnihton\u202c and ₹4.1 lakh 🙂",
    "  leading, trailing\n\n lines \t",
    "'; DROP TABLE notes; --",
    "x" * 20_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_note_is_kept_as_it_is(
    workbench: Workbench, watch: Watch, anna: Actor, text: str
) -> None:
    workbench.write(add_alert)
    workbench.write(add_note, anna, 1, text)
    (note,) = workbench.read(alert_record, anna, 1).notes
    assert (note.text, note.author.name, note.at) == (text, "Anna", START)
    (entry,) = workbench.read(audit.history, ["alert 1"])
    told = json.loads(entry.after)
    assert (told["text"], told["note"]) == (text, note.note_id)
    assert workbench.read(audit.verify).problems == ()


def test_a_note_tells_whether_others_changed_the_alert_before_it(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    workbench.write(add_alert)
    assert workbench.write(add_note, anna, 1, "seen at version 1") == 2
    workbench.write(set_priority, rita, 1, 2, 1)
    assert workbench.write(add_note, anna, 1, "seen at version 2, which is 3 by now") == 4


def test_what_is_no_character_is_replaced_not_lost(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)
    workbench.write(add_note, anna, 1, "a\0b\ud800c")
    (note,) = workbench.read(alert_record, anna, 1).notes
    assert note.text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the note is empty"),
        (" \n\t", "the note is empty"),
        ("x" * 20_001, "the note has 20,001 characters; 20,000 fit"),
    ],
)
def test_an_empty_or_endless_note_is_refused(
    workbench: Workbench, anna: Actor, text: str, told: str
) -> None:
    workbench.write(add_alert)
    with pytest.raises(InputError, match=told):
        workbench.write(add_note, anna, 1, text)
    assert workbench.read(alert_record, anna, 1).version == 1


def test_a_note_on_no_alert_is_refused(workbench: Workbench, anna: Actor) -> None:
    with pytest.raises(NotFoundError, match="no alert AL-1"):
        workbench.write(add_note, anna, 1, "text")
