"""What the audit says, in words: no person is shown what only a program reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.workbench.history import lines, sentence
from engine.workbench.models import AuditEntry

NAMES = {"anna": "Anna", "ben": "Ben", "system": "Ringleader"}


def entry(action: str, before: Any, after: Any, actor: str = "anna", subject: str = "alert 1",
          ) -> AuditEntry:  # fmt: skip
    return AuditEntry(
        seq=1, at="2026-08-03T12:03:05.000+00:00", actor=actor, action=action, subject=subject,
        before=json.dumps(before), after=json.dumps(after), previous="", hash="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "before", "after", "words"),
    [
        ("assign", {"assignee": None}, {"assignee": "anna"}, "took it"),
        ("assign", {"assignee": "ben"}, {"assignee": "anna"}, "took it over from Ben"),
        ("assign", {"assignee": None}, {"assignee": "ben"}, "assigned it to Ben"),
        ("assign", {"assignee": "anna"}, {"assignee": None}, "gave it back to the queue"),
        ("assign", {"assignee": "ben"}, {"assignee": None},
         "took it from Ben and gave it back to the queue"),
        ("assign", {"assignee": None}, {"assignee": "gone"}, "assigned it to gone"),
        ("set_priority", {"priority": 3}, {"priority": 1}, "set the priority to 1"),
        ("note", {}, {"text": "two\n lines"}, "wrote a note: two lines"),
        ("note", {}, {"text": "x" * 300}, f"wrote a note: {'x' * 199}…"),
        ("wake", {"snoozed_until": "2026-08-04T12:00:00+00:00"}, {"snoozed_until": None},
         "ended its snooze"),
        ("withdraw", {}, {"comment": ""}, "withdrew the decision"),
        ("release", {"locked_by": "ben"}, {}, "freed it, which Ben had open"),
        ("run_wakes", {}, {"run_id": "r2", "lineage": "grew", "snoozed_until": None},
         "ended its snooze: run r2 found more"),
        ("run_wakes", {"priority": 3},
         {"run_id": "r2", "priority": 1, "due_at": "2026-08-04T12:00:00+00:00"},
         "ended its snooze: run r2 found more; set the priority from 3 to 1, due 2026-08-04 12:00 "
         "UTC: run r2 changed its score"),
        ("run_rescores", {"priority": 3},
         {"run_id": "r2", "priority": 1, "due_at": "2026-08-04T12:00:00+00:00"},
         "set the priority from 3 to 1, due 2026-08-04 12:00 UTC: run r2 changed its score"),
        ("run_settles", {}, {"run_id": "r2", "status": "closed"},
         "closed it as it came, as a duplicate: run r2 found it to be a part of another alert"),
        ("run_reopens", {"n_accounts": 6, "amount": 1000.0, "typology": "cycle"},
         {"n_accounts": 9, "amount": 2500.5, "typology": "cycle", "run_id": "r2"},
         "opened it again: run r2 found more (accounts 6 → 9, amount 1,000.00 → 2,500.50)"),
        ("take_in", None, {"data_set": "d", "counts": {"born": 3, "same": 0, "grew": 2}},
         "took its alerts into the queue: 3 born, 2 grew"),
        ("run_merges", {}, {"duplicate_of": 5, "run_id": "r2"},
         "merged it into AL-5: run r2 found them to be one ring"),
    ],
)  # fmt: skip
def test_an_entry_reads_as_a_sentence(
    action: str, before: dict[str, Any], after: dict[str, Any], words: str
) -> None:
    assert sentence(entry(action, before, after), NAMES) == words


@pytest.mark.parametrize(
    ("action", "subject", "before", "after", "words"),
    [
        ("save_view", "view 4", None, {"name": "late", "filter": {"show": "all"}},
         "saved the view “late”"),
        ("save_view", "view 4", {"filter": {}}, {"name": "late", "filter": {"show": "all"}},
         "changed the filters of the view “late”"),
        ("share_view", "view 4", {"is_shared": False}, {"is_shared": True},
         "shared view 4 with all"),
        ("share_view", "view 4", {"is_shared": True}, {"is_shared": False},
         "no longer shares view 4"),
        ("delete_view", "view 4", {"name": "late"}, None, "deleted the view “late”"),
        ("set_preferences", "user anna", {"numbers": "auto"}, {"numbers": "indian"},
         "changed their own settings: numbers auto → indian"),
        ("download", "queue", None, {"what": "alerts", "account_ids": True},
         "downloaded alerts of the queue, with account ids"),
        ("suppress", "suppression 3", None,
         {"account": "A", "typology": "fan_in", "data_set": None, "reason_code": "payroll",
          "comment": "a mill", "hidden": 2},
         "suppressed fan in alerts on account A of all data sets (wages or pensions): a mill"),
        ("lift", "suppression 3", {"account": None, "typology": "cycle", "data_set": "d.csv"},
         {"comment": "", "back_in_queue": 1},
         "lifted the suppression of cycle alerts of d.csv; 1 alert came back into the queue"),
    ],
)  # fmt: skip
def test_what_is_not_about_an_alert_reads_as_a_sentence_too(
    action: str, subject: str, before: Any, after: Any, words: str
) -> None:
    assert sentence(entry(action, before, after, subject=subject), NAMES) == words


@pytest.mark.parametrize(
    ("action", "subject", "before", "after", "words"),
    [
        ("set", "setting lock_minutes", 15, 20, "set setting lock_minutes: 15 → 20"),
        ("set", "setting sla_hours", [24.0, 72.0], [12.0, 72.0],
         "set setting sla_hours: 24.00, 72.00 → 12.00, 72.00"),
        ("start", "run r1", None, {"data_set": "a.csv", "counts": {"born": 3}},
         "start run r1: counts born 3; data set a.csv"),
        ("sign_in", "user anna", None, None, "sign in user anna"),
    ],
)  # fmt: skip
def test_what_has_no_sentence_of_its_own_is_still_no_json(
    action: str, subject: str, before: Any, after: Any, words: str
) -> None:
    told = sentence(entry(action, before, after, subject=subject), NAMES)
    assert told == words
    assert "{" not in told


def test_a_line_says_who_and_when() -> None:
    (line,) = lines([entry("wake", {}, {}, actor="system")], NAMES)
    assert line.text == "Ringleader ended its snooze"
    assert line.at.isoformat() == "2026-08-03T12:03:05+00:00"
