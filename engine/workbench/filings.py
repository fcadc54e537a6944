"""Drafts of reports to an authority: made from narratives, edited, accepted; all of it audited.

That there is one is told to nobody outside: the entries' actions begin with ``filing``, which
:mod:`engine.workbench.audit_extract` leaves without words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.filing import jurisdiction
from engine.filing.attachment import Attachment
from engine.filing.check import Finding, broken, check
from engine.filing.clock import Deadline, deadlines
from engine.filing.draft import write_filing
from engine.filing.jurisdiction import Jurisdiction
from engine.filing.recheck import recheck
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative
from engine.workbench import clock, narratives, text_edits
from engine.workbench.changes import ANY_STATUS, MAX_ID, changing, found_row
from engine.workbench.errors import NotFoundError
from engine.workbench.names import Person, people
from engine.workbench.narrative_content import sha256
from engine.workbench.narrative_models import Filing
from engine.workbench.permissions import Actor, guarded
from engine.workbench.settings import current
from engine.workbench.text_edits import EditedText, Subject


@dataclass(frozen=True, slots=True)
class FilingRecord(EditedText):
    """The draft of a report with what people made of it.

    Attributes
    ----------
    rules
        Of its jurisdiction as they are now; ``are_rules_of_then`` tells whether they changed.
    findings
        The rules held against the text as it stands.
    deadlines
        The last day to file by each clock.
    attachment_csv
        The file that goes with it; ``None`` where account ids are hidden.
    """

    filing_id: int
    kept_with: int
    narrative_id: int
    rules: Jurisdiction
    are_rules_of_then: bool
    author: Person
    at: datetime
    findings: tuple[Finding, ...]
    deadlines: tuple[Deadline, ...]
    attachment_csv: str
    attachment_sha256: str
    ledger: Ledger
    narrative: Narrative


@guarded("read")
def rules_in_force(session: Session, actor: Actor) -> Jurisdiction:
    """Return the rules of the jurisdiction that the workbench is set to."""
    return jurisdiction.load(current(session).jurisdiction)


@guarded("work")
def draft_filing(
    session: Session, actor: Actor, narrative_id: int, attached: Attachment, starts: date
) -> int:
    """Make the draft of a report from a narrative that somebody accepted; return its number.

    Parameters
    ----------
    session, actor
        Of a change, and who asks.
    narrative_id
        The narrative.
    attached
        From :func:`engine.filing.attachment.attachment`, with account ids as they are.
    starts
        The day from which the clocks run, which is for a person to say.

    Raises
    ------
    NotFoundError
        If there is no such narrative.
    InputError
        If the attachment is too large, or the clocks would start after today.
    """
    rules = rules_in_force(session, actor)
    kept = narratives.row_of(session, narrative_id)
    if starts > clock.now().date():
        raise InputError(f"the clocks cannot start on {starts}: that day is still to come")
    if len(attached.content) > rules.most_bytes:
        raise InputError(
            f"the attachment has {len(attached.content):,} bytes; {rules.agency} takes "
            f"{rules.most_bytes:,}"
        )
    draft = write_filing(*narratives.content_of(kept), rules).text
    row = Filing(
        alert_id=kept.alert_id, narrative_id=narrative_id, jurisdiction=rules.code,
        rules_sha256=rules.sha256, starts_on=starts.isoformat(), draft=draft,
        sha256=sha256(draft), attachment=attached.content.decode(),
        attachment_sha256=attached.sha256, author_id=actor.user_id, at=clock.now(),
    )  # fmt: skip
    with changing(
        session, actor, "filing_draft", kept.alert_id, None, ANY_STATUS, minds_lock=False
    ) as change:
        session.add(row)
        session.flush()
        change.told = {
            "filing": row.id, "narrative": narrative_id, "report": rules.short,
            "jurisdiction": rules.code, "rules_sha256": rules.sha256, "starts_on": row.starts_on,
            "sha256": row.sha256, "attachment_sha256": row.attachment_sha256,
        }  # fmt: skip
    return row.id


@guarded("read")
def filing_ids(session: Session, actor: Actor, alert_id: int) -> tuple[int, ...]:
    """Return the drafts of reports on an alert, the latest first.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    found_row(session, alert_id)
    wanted = select(Filing.id).where(Filing.alert_id == alert_id).order_by(Filing.id.desc())
    return tuple(session.scalars(wanted))


@guarded("read")
def read_filing(session: Session, actor: Actor, filing_id: int) -> FilingRecord:
    """Return the draft of a report, held against the rules.

    Raises
    ------
    NotFoundError
        If there is no such draft.
    InputError
        If the rules of its jurisdiction are no longer there.
    """
    row = _row(session, filing_id)
    narrative, ledger = _content_of(session, row)
    rules = jurisdiction.load(row.jurisdiction)
    made = EditedText(**text_edits.made_of(session, _subject(row)))
    return FilingRecord(
        filing_id=row.id,
        kept_with=row.alert_id,
        narrative_id=row.narrative_id,
        rules=rules,
        are_rules_of_then=rules.sha256 == row.rules_sha256,
        author=people(session)[row.author_id],
        at=row.at,
        draft=made.draft,
        edits=made.edits,
        acceptance=made.acceptance,
        findings=check(made.text, narrative, ledger, rules),
        deadlines=deadlines(rules, date.fromisoformat(row.starts_on)),
        attachment_csv=row.attachment,
        attachment_sha256=row.attachment_sha256,
        ledger=ledger,
        narrative=narrative,
    )


@guarded("work")
def edit_filing(
    session: Session,
    actor: Actor,
    filing_id: int,
    text: str,
    seen_edit: int | None,
    comment: str = "",
) -> int:
    """Keep what somebody made of a draft; return the number of the edit.

    What the text names and the facts do not is flagged, and kept nevertheless.

    Raises
    ------
    NotFoundError
        If there is no such draft.
    InputError
        If the text is empty, too long, or the one that there is already.
    ConflictError
        If somebody else edited it since ``seen_edit``.
    """
    row = _row(session, filing_id)
    flags = recheck(text, *_content_of(session, row))
    return text_edits.add_edit(session, actor, _subject(row), text, seen_edit, flags, comment)


@guarded("work")
def accept_filing(
    session: Session, actor: Actor, filing_id: int, seen_edit: int | None, comment: str = ""
) -> None:
    """Stand for the text of a report as it stands; nothing is sent to anybody.

    Raises
    ------
    NotFoundError
        If there is no such draft.
    InputError
        If it breaks a rule that it must keep.
    ConflictError
        If somebody edited it since ``seen_edit``.
    """
    record = read_filing(session, actor, filing_id)
    reasons = broken(record.findings)
    if reasons and record.edit_id == seen_edit:
        raise InputError(f"the text cannot be accepted yet: {'; '.join(reasons)}")
    row = _row(session, filing_id)
    text_edits.add_acceptance(session, actor, _subject(row), seen_edit, comment)


def _row(session: Session, filing_id: int) -> Filing:
    row = session.get(Filing, filing_id) if 0 < filing_id <= MAX_ID else None
    if row is None:
        raise NotFoundError(f"there is no draft of a report {filing_id}")
    return row


def _content_of(session: Session, row: Filing) -> tuple[Narrative, Ledger]:
    return narratives.content_of(narratives.row_of(session, row.narrative_id))


def _subject(row: Filing) -> Subject:
    return Subject("filing", row.id, row.alert_id, row.draft)
