"""Edits of a narrative or of the draft of a report, and who stands for the text (system)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.filing.difference import difference
from engine.filing.recheck import Flag
from engine.workbench import clock
from engine.workbench.changes import ANY_STATUS, changing
from engine.workbench.errors import ConflictError
from engine.workbench.names import Person, people
from engine.workbench.narrative_content import sha256
from engine.workbench.narrative_models import TextAcceptance, TextEdit
from engine.workbench.permissions import Actor
from engine.workbench.texts import checked

#: Longest text of a narrative or a report, in characters; what an authority takes is shorter.
MAX_TEXT = 100_000

Kind = Literal["narrative", "filing"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is edited: ``draft`` is the text that the program wrote."""

    kind: Kind
    number: int
    kept_with: int
    draft: str


@dataclass(frozen=True, slots=True)
class EditLine:
    """What somebody made of a draft; ``flags`` are its sentences that are in no fact."""

    edit_id: int
    author: Person
    at: datetime
    text: str
    comment: str
    flags: tuple[Flag, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class AcceptanceLine:
    """Who stands for which text: that of an edit, or the draft where ``edit_id`` is ``None``."""

    edit_id: int | None
    author: Person
    at: datetime
    comment: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedText:
    """What people made of a text that the program or a model drafted.

    Attributes
    ----------
    draft
        The text that people began from.
    edits
        The earliest first.
    acceptance
        The last one; it is of the text as it stands if its ``edit_id`` is that of the last edit.
    """

    draft: str
    edits: tuple[EditLine, ...]
    acceptance: AcceptanceLine | None

    @property
    def edit_id(self) -> int | None:
        """Number of the last edit; ``None`` where there is none."""
        return self.edits[-1].edit_id if self.edits else None

    @property
    def is_accepted(self) -> bool:
        """Whether somebody stands for the text as it stands."""
        return self.acceptance is not None and self.acceptance.edit_id == self.edit_id

    @property
    def text(self) -> str:
        """The text as it stands: the last edit, else the draft."""
        return self.edits[-1].text if self.edits else self.draft


def made_of(session: Session, subject: Subject) -> dict[str, Any]:
    """Return the attributes of :class:`EditedText` of a text."""
    return {
        "draft": subject.draft,
        "edits": _edits_of(session, subject.kind, subject.number),
        "acceptance": _acceptance_of(session, subject.kind, subject.number),
    }


def _edits_of(session: Session, kind: Kind, number: int) -> tuple[EditLine, ...]:
    """Return the edits of a text, the earliest first."""
    everybody = people(session)
    found = session.scalars(
        select(TextEdit).where(_column(TextEdit, kind) == number).order_by(TextEdit.id)
    )
    return tuple(
        EditLine(
            one.id, everybody[one.author_id], one.at, one.text, one.comment,
            tuple(Flag(text, tuple(problems)) for text, problems in one.flags), one.sha256,
        )
        for one in found
    )  # fmt: skip


def _acceptance_of(session: Session, kind: Kind, number: int) -> AcceptanceLine | None:
    """Return the last acceptance of a text, if any; edits may have come since."""
    found = session.scalars(
        select(TextAcceptance)
        .where(_column(TextAcceptance, kind) == number)
        .order_by(TextAcceptance.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    author = people(session)[found.author_id]
    return AcceptanceLine(found.edit_id, author, found.at, found.comment, found.sha256)


def add_edit(
    session: Session,
    actor: Actor,
    subject: Subject,
    text: str,
    seen_edit: int | None,
    flags: Sequence[Flag],
    comment: str,
) -> int:
    """Keep what somebody made of a text, and return the number of the edit.

    Raises
    ------
    InputError
        If the text is empty, too long, or the one that there is already.
    ConflictError
        If somebody else edited it since.
    """
    kept = checked("the text", text, MAX_TEXT, needed=True)
    why = checked("the comment", comment)
    edit = TextEdit(
        **_names(subject), text=kept, sha256=sha256(kept), comment=why,
        flags=[[one.text, list(one.problems)] for one in flags], author_id=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    with _changing(session, actor, subject, "edit") as change:
        edits = _unchanged_since(session, subject, seen_edit)
        if kept == _current(subject, edits):
            raise InputError("the text is the one that is kept already; change it first")
        session.add(edit)
        session.flush()
        change.told = {
            subject.kind: subject.number, "edit": edit.id, "sha256": edit.sha256,
            "flags": len(flags), "comment": why, "diff": _told_diff(subject.draft, kept),
        }  # fmt: skip
    return edit.id


def add_acceptance(
    session: Session,
    actor: Actor,
    subject: Subject,
    seen_edit: int | None,
    comment: str,
) -> None:
    """Keep that somebody stands for a text as it stands.

    Raises
    ------
    ConflictError
        If somebody edited it since.
    """
    why = checked("the comment", comment)
    with _changing(session, actor, subject, "accept") as change:
        edits = _unchanged_since(session, subject, seen_edit)
        text = _current(subject, edits)
        row = TextAcceptance(
            **_names(subject), edit_id=seen_edit, sha256=sha256(text), comment=why,
            author_id=actor.user_id, at=clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        change.told = {
            subject.kind: subject.number, "edit": seen_edit, "sha256": row.sha256, "comment": why,
            "author": edits[-1].author.login if edits else None, "text": text,
            "diff": _told_diff(subject.draft, text),
        }  # fmt: skip


def _changing(session: Session, actor: Actor, subject: Subject, did: str) -> Any:
    action, alert_id = f"{subject.kind}_{did}", subject.kept_with
    return changing(session, actor, action, alert_id, None, ANY_STATUS, minds_lock=False)


def _unchanged_since(
    session: Session, subject: Subject, seen_edit: int | None
) -> tuple[EditLine, ...]:
    edits = _edits_of(session, subject.kind, subject.number)
    last = edits[-1].edit_id if edits else None
    if last != seen_edit:
        who = f"{edits[-1].author.name} edited it" if edits else "it has no edit any more"
        raise ConflictError(f"{who} since you saw the text; nothing was kept. Look at it again")
    return edits


def _current(subject: Subject, edits: Sequence[EditLine]) -> str:
    return edits[-1].text if edits else subject.draft


def _told_diff(draft: str, text: str) -> str:
    """Write what differs as the audit keeps it: a line a change, ``-`` gone, ``+`` added."""
    signs = {"removed": "-", "added": "+"}
    changed = (one for one in difference(draft, text) if one.kind in signs)
    return "\n".join(f"{signs[one.kind]} {' '.join(one.text.split())}" for one in changed)


def _names(subject: Subject) -> dict[str, int]:
    return {f"{subject.kind}_id": subject.number}


def _column(table: Any, kind: Kind) -> Any:
    return getattr(table, f"{kind}_id")
