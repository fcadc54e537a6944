"""What the audit holds of an alert, as it is taken away."""

from __future__ import annotations

import hashlib

import pytest

from engine.workbench import audit, decisions, notes
from engine.workbench.audit_extract import AuditRow, extract
from engine.workbench.database import Workbench
from engine.workbench.downloads import note_download
from engine.workbench.errors import NotFoundError
from engine.workbench.masked_cases import masked_call
from engine.workbench.masking import HIDDEN, Masker
from tests.workbench.alerts import add_alert
from tests.workbench.staff import hire


def hash_of(row: AuditRow) -> str:
    """Compute the hash of an entry from what was taken away, as a reader of it would."""
    values = [
        row.seq, row.at, row.actor, row.action, row.subject, audit.canonical(row.before),
        audit.canonical(row.after), row.previous,
    ]  # fmt: skip
    return hashlib.sha256(audit.canonical(values).encode()).hexdigest()


def test_entries_of_the_alert_alone_are_taken_away_with_hashes_that_hold(
    workbench: Workbench,
) -> None:
    anna = hire(workbench, "anna", "analyst")
    alert_id = workbench.write(add_alert, ("C100",), number=1, title="Fan in to C100")
    other = workbench.write(add_alert, ("C900",), number=2, title="Paid by C900")
    workbench.write(notes.add_note, anna, alert_id, "₹9,80,000 in a day")
    workbench.write(notes.add_note, anna, other, "nothing")
    workbench.write(notes.add_note, anna, alert_id, "asked the branch")
    before = workbench.read(extract, anna, alert_id)
    # Taking it away changes nothing of what is taken away.
    workbench.write(note_download, anna, f"alert {alert_id}", "report", True)
    found = workbench.read(extract, anna, alert_id)
    assert found == before
    assert [(row.who, row.action, row.subject) for row in found] == [
        (anna.name, "note", f"alert {alert_id}")
    ] * 2
    assert [hash_of(row) for row in found] == [row.hash for row in found]
    assert "asked the branch" in str(found[1].after)


def test_what_people_wrote_is_hidden_with_the_ids(workbench: Workbench) -> None:
    olga = hire(workbench, "olga", "admin")
    alert_id = workbench.write(add_alert, ("C100",), number=1, title="Fan in to C100")
    workbench.write(notes.add_note, hire(workbench, "anna", "analyst"), alert_id, "C100 pays C900")
    masker = Masker(bytes(32))
    (row,) = workbench.read(
        lambda session: masked_call(session, masker, lambda: extract(session, olga, alert_id), ())
    )
    assert HIDDEN in str(row.after)
    assert "C100" not in repr(row)


@pytest.mark.parametrize(
    ("disposition", "reason"),
    [("suspicious_reported", "layering"), ("suspicious_not_reportable", "already_reported")],
)
def test_nothing_tells_whether_a_report_was_made(
    workbench: Workbench, disposition: str, reason: str
) -> None:
    anna = hire(workbench, "anna", "analyst")
    alert_id = workbench.write(add_alert, ("C100",), number=1, title="Fan in to C100")
    workbench.write(decisions.decide, anna, alert_id, None, disposition, reason, "sent to the FIU")
    rows = workbench.read(extract, anna, alert_id)
    assert rows[-1].told == "did what is not told outside the workbench"
    assert (rows[-1].before, rows[-1].after, rows[-1].action) == (None, None, "")
    assert len(rows[-1].hash) == 64
    assert not {"report", "FIU"} & set(repr(rows).replace("_", " ").split())


def test_an_alert_that_is_not_there_is_named(workbench: Workbench) -> None:
    anna = hire(workbench, "anna", "analyst")
    with pytest.raises(NotFoundError, match="77"):
        workbench.read(extract, anna, 77)
