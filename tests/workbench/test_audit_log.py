"""The audit as a page shows it: which entries, in which words, and to whom."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.audit_log import (
    AuditFilter,
    count_entries,
    known_actions,
    known_actors,
    page_entries,
    subject_name,
    verify_chain,
)
from engine.workbench.database import Workbench
from engine.workbench.permissions import Actor, NotAllowedError
from tests.workbench.staff import hire

ENTRIES: list[tuple[str, str, str, Any, Any]] = [
    ("system", "create_user", "user anna", None, {"name": "Anna", "role": "analyst"}),
    ("anna", "sign_in", "user anna", None, None),
    ("anna", "note", "alert 1", None, {"text": "known payer"}),
    ("anna", "note", "alert 12", None, {"text": "100% the same"}),
    ("rita", "set", "setting lock_minutes", 15, 20),
    ("rita", "set_role", "user anna", {"role": "analyst"}, {"role": "reviewer"}),
    ("rita", "deactivate", "user anna", {"is_active": True},
     {"is_active": False, "sign_ins_ended": 1}),
    ("system", "sign_in_failed", "unknown login ab12", None, {"reason": "unknown login"}),
]  # fmt: skip
WORDS = [
    "made the user anna (Anna), analyst",
    "signed in",
    "wrote a note: known payer",
    "wrote a note: 100% the same",
    "set setting lock_minutes: 15 → 20",
    "made anna reviewer, who was analyst",
    "deactivated anna; 1 sign-in ended",
    "refused a sign-in: nobody has the login that was typed",
]


def eight_entries(session: Session) -> None:
    for entry in ENTRIES:
        audit.append(session, *entry)


@pytest.fixture
def rita(workbench: Workbench) -> Actor:
    reviewer = hire(workbench, "rita", "reviewer")
    workbench.write(eight_entries)
    return reviewer


def test_entries_read_in_words_the_latest_first(workbench: Workbench, rita: Actor) -> None:
    lines = workbench.read(page_entries, rita, AuditFilter())
    assert [line.what for line in lines] == WORDS[::-1]
    assert [line.seq for line in lines] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (lines[1].actor, lines[1].who, lines[0].who) == ("rita", "Rita", "Ringleader")
    assert lines[1].after == {"is_active": False, "sign_ins_ended": 1}


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (AuditFilter(actor="rita"), [7, 6, 5]),
        (AuditFilter(action="note"), [4, 3]),
        (AuditFilter(subject="user ANNA"), [7, 6, 2, 1]),
        (AuditFilter(subject=" al-1 "), [3]),
        (AuditFilter(subject="AL-12"), [4]),
        (AuditFilter(subject=f"AL-{'1' * 5000}"), []),
        (AuditFilter(subject="alert 1"), [4, 3]),
        (AuditFilter(subject="%"), []),
        (AuditFilter(subject="lock_minutes"), [5]),
        (AuditFilter(actor="rita", action="set_role", subject="anna"), [6]),
        (AuditFilter(actor="nobody"), []),
    ],
)
def test_filters_keep_what_they_say(
    workbench: Workbench, rita: Actor, chosen: AuditFilter, numbers: list[int]
) -> None:
    assert [line.seq for line in workbench.read(page_entries, rita, chosen)] == numbers
    assert workbench.read(count_entries, rita, chosen) == len(numbers)


def test_pages_follow_each_other(workbench: Workbench, rita: Actor) -> None:
    pages = [workbench.read(page_entries, rita, AuditFilter(), page, 3) for page in (1, 2, 3, 4)]
    assert [[line.seq for line in page] for page in pages] == [[8, 7, 6], [5, 4, 3], [2, 1], []]


@pytest.mark.parametrize(("page", "size"), [(0, 10), (1, 0), (1, 501)])
def test_a_page_that_cannot_be_is_refused(
    workbench: Workbench, rita: Actor, page: int, size: int
) -> None:
    with pytest.raises(InputError, match="pages count from 1, with 1 to 500"):
        workbench.read(page_entries, rita, AuditFilter(), page, size)


def test_what_can_be_chosen_is_what_there_is(workbench: Workbench, rita: Actor) -> None:
    assert workbench.read(known_actors, rita) == {
        "anna": "anna", "system": "Ringleader", "rita": "Rita",
    }  # fmt: skip
    assert workbench.read(known_actions, rita) == [
        "create_user", "deactivate", "note", "set", "set_role", "sign_in", "sign_in_failed",
    ]  # fmt: skip


def test_the_proof_is_that_of_the_audit(workbench: Workbench, rita: Actor) -> None:
    assert workbench.read(verify_chain, rita) == workbench.read(audit.verify)
    assert workbench.read(verify_chain, rita, "ab" * 32).problems


@pytest.mark.parametrize("function", [count_entries, page_entries])
def test_analysts_do_not_read_the_audit(workbench: Workbench, function: Any) -> None:
    with pytest.raises(NotAllowedError, match="takes a reviewer or admin"):
        workbench.read(function, hire(workbench, "anna"), AuditFilter())


def test_subjects_are_named_as_on_pages() -> None:
    assert subject_name("alert 12") == "AL-12"
    assert subject_name("alert x") == "alert x"
    assert subject_name("user anna") == "user anna"
