"""One at a time: what two programs must not do side by side."""

from __future__ import annotations

import zlib

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Sets these locks apart from others of the database.
_SPACE = 7_102_027


def hold(session: Session, name: str, wait_seconds: int) -> None:
    """Wait until nobody else holds the lock of this name, and hold it until the transaction ends.

    On SQLite a change has the database for itself already.
    """
    if session.connection().dialect.name != "postgresql":
        return
    session.execute(text(f"SET LOCAL lock_timeout = '{wait_seconds:d}s'"))
    key = zlib.crc32(name.encode()) - 2**31
    session.execute(
        text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _SPACE, "key": key}
    )
