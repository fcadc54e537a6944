"""Notes: what somebody writes on an alert stays, whoever else works on it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.workbench import clock
from engine.workbench.changes import ANY_STATUS, changing
from engine.workbench.models import Note
from engine.workbench.permissions import Actor, guarded
from engine.workbench.texts import MAX_NOTE, checked


@guarded("work")
def add_note(session: Session, actor: Actor, alert_id: int, text: str) -> int:
    """Write a note on an alert, and return the alert's new version.

    Nothing stands in its way: no version, no lock, no status. An open alert is in review then.
    Who saw the version just before the new one has missed nothing but this note.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who writes.
    alert_id
        The alert.
    text
        Kept as it is written, 1 to 20,000 characters.

    Raises
    ------
    InputError
        If it is empty or too long.
    NotFoundError
        If there is no such alert.
    """
    kept = checked("the note", text, MAX_NOTE, needed=True)
    with changing(session, actor, "note", alert_id, None, ANY_STATUS, minds_lock=False) as change:
        note = Note(alert_id=alert_id, author_id=actor.user_id, at=clock.now(), text=kept)
        session.add(note)
        session.flush()
        change.told = {"note": note.id, "text": kept}
        if change.alert.status == "open":
            change.alert.status = "in_review"
    return change.alert.version
