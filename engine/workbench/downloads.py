"""Files that leave the app: who took what of a run."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.permissions import Actor, guarded


@guarded("export")
def note_download(
    session: Session, actor: Actor, run_id: str, what: str, with_account_ids: bool
) -> None:
    """Write down that somebody downloads something of a run, e.g. ``ring_members``."""
    audit.append(
        session, actor.login, "download", f"run {run_id}", None,
        {"what": what, "account_ids": with_account_ids},
    )  # fmt: skip
