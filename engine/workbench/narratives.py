"""Narratives of alerts: kept with their ledgers, edited, and accepted by who stands for them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.filing.recheck import recheck
from engine.narrative import ledger as ledgers
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative
from engine.workbench import clock, text_edits
from engine.workbench.changes import ANY_STATUS, MAX_ID, changing, found_row
from engine.workbench.errors import NotFoundError
from engine.workbench.names import Person, people
from engine.workbench.narrative_content import read, sha256, write
from engine.workbench.narrative_models import KeptNarrative
from engine.workbench.narrative_proof import problems
from engine.workbench.permissions import Actor, allows, guarded
from engine.workbench.text_edits import EditedText, Subject

#: Most narratives that a list has.
MAX_LISTED = 50

_LISTED = (
    "id", "alert_id", "run_id", "ledger_sha256", "sha256", "source", "model", "author_id", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NarrativeLine:
    """One narrative in a list; see :class:`~engine.workbench.narrative_models.KeptNarrative`."""

    narrative_id: int
    kept_with: int
    run_id: str
    ledger_sha256: str
    sha256: str
    source: str
    model: str | None
    author: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class NarrativeRecord(EditedText):
    """A narrative with its ledger and what people made of it.

    Attributes
    ----------
    narrative
        Its rejected sentences are there for who may approve, and for nobody else.
    problems
        How what is kept is not what was kept then.
    """

    line: NarrativeLine
    ledger: Ledger
    narrative: Narrative
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The number of a narrative, and the version of its alert with it."""

    narrative_id: int
    version: int


@guarded("work")
def keep(
    session: Session, actor: Actor, kept_with: int, ledger: Ledger, narrative: Narrative
) -> Kept:
    """Keep a narrative with its alert; the one that is the latest already is not kept twice.

    Parameters
    ----------
    session, actor
        Of a change, and who asks.
    kept_with
        The alert.
    ledger, narrative
        With account ids as they are.

    Raises
    ------
    InputError
        If the narrative is none of the ledger.
    NotFoundError
        If there is no such alert.
    """
    if narrative.ledger_sha256 != ledgers.sha256(ledger):
        raise InputError("the narrative was verified against another ledger; write it anew")
    row = _row(actor, kept_with, ledger, narrative)
    with changing(
        session, actor, "narrative_keep", kept_with, None, ANY_STATUS, minds_lock=False
    ) as change:
        last = _latest(session, kept_with)
        if last is not None and last.sha256 == row.sha256:
            return Kept(last.id, change.alert.version)
        session.add(row)
        session.flush()
        change.told = {
            "narrative": row.id, "run_id": row.run_id, "source": row.source, "model": row.model,
            "ledger_sha256": row.ledger_sha256, "sha256": row.sha256,
        }  # fmt: skip
    return Kept(row.id, change.alert.version)


@guarded("read")
def of_alert(session: Session, actor: Actor, alert_id: int) -> tuple[NarrativeLine, ...]:
    """Return the narratives kept with an alert, the latest first.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    found_row(session, alert_id)
    columns = [getattr(KeptNarrative, name) for name in _LISTED]
    rows = session.execute(
        select(*columns)
        .where(KeptNarrative.alert_id == alert_id)
        .order_by(KeptNarrative.id.desc())
        .limit(MAX_LISTED)
    )
    everybody = people(session)
    return tuple(_line(row, everybody) for row in rows)


@guarded("read")
def latest(session: Session, actor: Actor, alert_id: int) -> NarrativeRecord | None:
    """Return the latest narrative of an alert; ``None`` where none is kept.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    found_row(session, alert_id)
    row = _latest(session, alert_id)
    return None if row is None else _record(session, actor, row)


@guarded("read")
def read_narrative(session: Session, actor: Actor, narrative_id: int) -> NarrativeRecord:
    """Return a narrative, and whether it is still the one that was kept.

    Raises
    ------
    NotFoundError
        If there is no such narrative.
    """
    return _record(session, actor, row_of(session, narrative_id))


@guarded("work")
def edit(
    session: Session,
    actor: Actor,
    narrative_id: int,
    text: str,
    seen_edit: int | None,
    comment: str = "",
) -> int:
    """Keep what somebody made of a narrative; return the number of the edit.

    What the text names and the facts do not is flagged, and kept nevertheless.

    Parameters
    ----------
    session, actor
        Of a change, and who asks.
    narrative_id
        The narrative.
    text
        All of it.
    seen_edit
        The last edit that the actor saw, ``None`` where there was none.
    comment
        Why.

    Raises
    ------
    NotFoundError
        If there is no such narrative.
    InputError
        If the text is empty, too long, or the one that there is already.
    ConflictError
        If somebody else edited it since.
    """
    row = row_of(session, narrative_id)
    narrative, ledger = content_of(row)
    flags = recheck(text, narrative, ledger)
    subject = _subject(row, narrative)
    return text_edits.add_edit(session, actor, subject, text, seen_edit, flags, comment)


@guarded("work")
def accept(
    session: Session, actor: Actor, narrative_id: int, seen_edit: int | None, comment: str = ""
) -> None:
    """Stand for a narrative's text as it stands: that of ``seen_edit``, or its own.

    Raises
    ------
    NotFoundError
        If there is no such narrative.
    ConflictError
        If somebody edited it since.
    """
    row = row_of(session, narrative_id)
    subject = _subject(row, read(row.narrative))
    text_edits.add_acceptance(session, actor, subject, seen_edit, comment)


def row_of(session: Session, narrative_id: int) -> KeptNarrative:
    """Return the row of a narrative (system).

    Raises
    ------
    NotFoundError
        If there is no such narrative.
    """
    row = session.get(KeptNarrative, narrative_id) if 0 < narrative_id <= MAX_ID else None
    if row is None:
        raise NotFoundError(f"there is no narrative {narrative_id}")
    return row


def content_of(row: KeptNarrative) -> tuple[Narrative, Ledger]:
    """Return the narrative and the ledger of a row (system)."""
    return read(row.narrative), ledgers.read(row.ledger)


def _row(actor: Actor, alert_id: int, ledger: Ledger, narrative: Narrative) -> KeptNarrative:
    content, usage = write(narrative), narrative.usage
    return KeptNarrative(
        alert_id=alert_id,
        run_id=ledger.run_id,
        ledger=ledgers.canonical(ledger),
        ledger_sha256=narrative.ledger_sha256,
        narrative=content,
        sha256=sha256(content),
        source=narrative.source,
        model=usage.model if usage is not None and narrative.source == "model" else None,
        usage=None if usage is None else asdict(usage),
        author_id=actor.user_id,
        at=clock.now(),
    )


def _latest(session: Session, alert_id: int) -> KeptNarrative | None:
    return session.scalars(
        select(KeptNarrative)
        .where(KeptNarrative.alert_id == alert_id)
        .order_by(KeptNarrative.id.desc())
        .limit(1)
    ).first()


def _subject(row: KeptNarrative, narrative: Narrative) -> Subject:
    return Subject("narrative", row.id, row.alert_id, narrative.text())


def _line(row: Any, everybody: dict[int, Person]) -> NarrativeLine:
    return NarrativeLine(
        row.id, row.alert_id, row.run_id, row.ledger_sha256, row.sha256, row.source, row.model,
        everybody[row.author_id], row.at,
    )  # fmt: skip


def _record(session: Session, actor: Actor, row: KeptNarrative) -> NarrativeRecord:
    narrative, ledger = content_of(row)
    if not allows(actor.role, "approve"):
        narrative = replace(narrative, rejected=())
    return NarrativeRecord(
        _line(row, people(session)), ledger, narrative, problems(session, row),
        **text_edits.made_of(session, _subject(row, narrative)),
    )  # fmt: skip
