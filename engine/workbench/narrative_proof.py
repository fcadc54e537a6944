"""Whether a kept narrative is still the one that was kept (system)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench.models import AuditEntry
from engine.workbench.narrative_content import sha256
from engine.workbench.narrative_models import KeptNarrative


def problems(session: Session, row: KeptNarrative) -> tuple[str, ...]:
    """Say how a narrative is not the one of then: who changed a hash left the audit's."""
    told = _audited(session, row)
    if told is None:
        return ("the audit does not tell that it was kept",)
    found = {"sha256": sha256(row.narrative), "ledger_sha256": sha256(row.ledger)}
    words = {"sha256": "its text", "ledger_sha256": "its ledger"}
    return tuple(
        f"{words[name]} has the hash {found[name][:12]}…, and the audit has {told.get(name)}"
        for name in found
        if found[name] != told.get(name)
    )


def _audited(session: Session, row: KeptNarrative) -> dict[str, Any] | None:
    told = select(AuditEntry.after).where(
        AuditEntry.subject == f"alert {row.alert_id}", AuditEntry.action == "narrative_keep"
    )
    read_all = (json.loads(text) for text in session.scalars(told))
    return next((after for after in read_all if after.get("narrative") == row.id), None)
