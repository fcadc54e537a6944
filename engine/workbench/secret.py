"""The workbench's own secret: random, made at first use, shown nowhere.

It makes pseudonyms that nobody can work out from a list of account ids. It lies in the database:
whoever may read that needs no pseudonym turned back.
"""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy.orm import Session

from engine.workbench.database import Workbench
from engine.workbench.models import AuditHead, Setting

#: Name of its row among the settings; no field of ``Settings`` is called so.
_NAME = "masking_key"


def secret(workbench: Workbench) -> bytes:
    """Return the secret, made where there is none yet (system)."""
    kept = workbench.read(_find)
    return bytes.fromhex(kept if kept is not None else workbench.write(_make))


def keyed_hash(key: bytes, purpose: str, text: str) -> bytes:
    """Return the HMAC-SHA-256 of a text; the same text differs from purpose to purpose."""
    # Ids come from files: a lone surrogate in one must not end the page.
    message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, message, "sha256")


def _find(session: Session) -> str | None:
    row = session.get(Setting, _NAME)
    return None if row is None else str(row.value)


def _make(session: Session) -> str:
    # Of two programs that start at once one makes it: the head of the audit lets one in at a time.
    session.get(AuditHead, 1, with_for_update=True)
    kept = _find(session)
    if kept is not None:
        return kept
    made = secrets.token_hex(32)
    session.add(Setting(name=_NAME, value=made))
    session.flush()
    return made
