"""Which text of a narrative a report prints: the one that was accepted last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.ui.report_case import by_people
from engine.report.content import ByPeople
from engine.workbench.names import Person
from engine.workbench.text_edits import AcceptanceLine, EditLine

ASHA, OMAR = Person("asha", "Asha"), Person("omar", "Omar")
MOMENT = datetime(2026, 2, 1, 10, tzinfo=UTC)


def made(
    edits: tuple[int, ...], accepted: tuple[int | None, ...], *, may_read: bool = True
) -> ByPeople:
    """Return what people made of a narrative, of the numbers of its edits and the one accepted."""
    written = [EditLine(n, ASHA, MOMENT, f"text {n}", "", (), "") for n in edits]
    by = AcceptanceLine(accepted[0], OMAR, MOMENT, "why", "") if accepted else None
    return by_people(written, by, may_read=may_read)


@pytest.mark.parametrize(
    ("edits", "accepted", "text", "is_pending"),
    [
        ((), (), None, False),
        ((1,), (), None, True),
        ((), (None,), None, False),
        ((1,), (None,), None, True),
        ((1, 2), (2,), "text 2", False),
        ((1, 2), (1,), "text 1", True),
    ],
)
def test_the_accepted_text_is_printed_and_a_later_one_is_told_of(
    edits: tuple[int, ...], accepted: tuple[int | None, ...], text: str | None, is_pending: bool
) -> None:
    found = made(edits, accepted)
    assert (found.edit.text if found.edit else None) == text
    assert (found.pending is not None) == is_pending
    assert (found.accepted.person if found.accepted else None) == ("Omar" if accepted else None)


def test_who_sees_no_account_ids_reads_nothing_that_people_wrote() -> None:
    found = made((1,), (1,), may_read=False)
    assert found.edit is not None
    assert found.accepted is not None
    assert (found.edit.text, found.accepted.reason) == ("", "")
