"""Files that leave the app: who took what."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.permissions import Actor, guarded


@guarded("export")
def note_download(
    session: Session, actor: Actor, subject: str, what: str, with_account_ids: bool
) -> None:
    """Write down that somebody takes something away, e.g. ``ring_members`` of ``run small``."""
    audit.append(
        session, actor.login, "download", subject, None,
        {"what": what, "account_ids": with_account_ids},
    )  # fmt: skip
