"""What a report tells of the work on an alert, without a word on reports to an authority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pandas as pd

from app.ui import queue_words
from engine.narrative.gather import CaseFacts
from engine.plain_text import as_written
from engine.report.content import AuditLine, ByPeople, Case, Edit, Note, Step
from engine.workbench.audit_extract import AuditRow
from engine.workbench.case_record import AlertRecord, CaseDecision
from engine.workbench.text_edits import AcceptanceLine, EditLine

#: Endings that differ in whether a report was made: they read the same, and without their reason.
_SUSPICIOUS = ("suspicious_reported", "suspicious_not_reportable")


def case_of(alert: AlertRecord, rows: Sequence[AuditRow], known: CaseFacts) -> Case:
    """Return what a report shows of the work on an alert, as whoever asks may see it.

    Parameters
    ----------
    alert
        The alert.
    rows
        Of the audit, the earliest first.
    known
        Earlier alerts on its accounts.
    """
    made = next((one for one in alert.decisions if one.approval != "withdrawn"), None)
    is_over = alert.status == "closed" and made is not None
    return Case(
        number=alert.name,
        state=queue_words.STATUSES[alert.status],
        assignee=alert.assignee.name if alert.assignee else "",
        due=None if alert.status == "closed" else alert.due_at,
        decision=_ending(made) if is_over and made else "",
        decision_reason=_reason(made) if is_over and made else "",
        steps=tuple(step for one in reversed(alert.decisions) for step in _steps(one)),
        notes=tuple(Note(one.author.name, one.at, as_written(one.text)) for one in alert.notes),
        earlier=_earlier(known),
        audit=tuple(_line(row) for row in rows),
        audit_head=(rows[-1].seq, rows[-1].hash) if rows else None,
    )


def by_people(edits: Sequence[EditLine], by: AcceptanceLine | None, *, may_read: bool) -> ByPeople:
    """Return what people made of a narrative: the text that was accepted last, if any was.

    Parameters
    ----------
    edits
        Of the narrative, the earliest first.
    by
        Who accepted it last.
    may_read
        Whether who asks sees what people wrote.
    """
    last = edits[-1] if edits else None
    used = next((one for one in edits if by and one.edit_id == by.edit_id), None)
    return ByPeople(
        accepted=None if by is None else _accepted(by, may_read=may_read),
        edit=None if used is None else _edit(used, may_read=may_read),
        pending=None if last is None or last is used else _edit(last, may_read=False),
    )


def _accepted(by: AcceptanceLine, *, may_read: bool) -> Step:
    return Step("Accepted", by.author.name, by.at, by.comment if may_read else "")


def _edit(line: EditLine, *, may_read: bool) -> Edit:
    return Edit(line.author.name, line.at, line.text if may_read else "")


def changed_at(alert: AlertRecord, rows: Sequence[AuditRow]) -> datetime:
    """Return when the alert last changed: a report made twice in between bears that moment."""
    moments = [one.added_at for one in alert.evidence] + [one.at for one in alert.notes]
    moments += [datetime.fromisoformat(row.at) for row in rows]
    return max(moment.astimezone(UTC) for moment in moments)


def author_of(alert: AlertRecord) -> str:
    """Return who decided on the alert, else who works on it."""
    made = next((one for one in alert.decisions if one.approval != "withdrawn"), None)
    if made is not None:
        return made.decided_by.name
    return alert.assignee.name if alert.assignee else ""


def reviewer_of(alert: AlertRecord) -> str:
    """Return who approved the decision on the alert, if anybody did."""
    found = (one.approved_by for one in alert.decisions if one.approval == "approved")
    approver = next(found, None)
    return approver.name if approver else ""


def _ending(made: CaseDecision) -> str:
    if made.disposition in _SUSPICIOUS:
        return "Suspicious"
    return queue_words.disposition(made.disposition)


def _reason(made: CaseDecision) -> str:
    if made.disposition in _SUSPICIOUS:
        return ""
    return queue_words.reason(made.disposition, made.reason_code)


def _steps(made: CaseDecision) -> Iterator[Step]:
    is_told = made.disposition not in _SUSPICIOUS
    comment = as_written(made.comment) if is_told else ""
    reason = " — ".join(filter(None, (_reason(made), comment)))
    yield Step(f"Decided: {_ending(made)}", made.decided_by.name, made.decided_at, reason)
    if made.approval in ("approved", "rejected") and made.approved_by and made.approved_at:
        word = "Approved" if made.approval == "approved" else "Sent back"
        said = as_written(made.approval_comment or "") if is_told else ""
        yield Step(word, made.approved_by.name, made.approved_at, said)


def _earlier(known: CaseFacts) -> pd.DataFrame:
    counts = Counter(account for one in known.earlier for account in one.accounts)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame(rows, columns=["account", "alerts"])


def _line(row: AuditRow) -> AuditLine:
    at = datetime.fromisoformat(row.at)
    return AuditLine(row.seq, at, row.who, row.action or "withheld", row.told, row.hash)
