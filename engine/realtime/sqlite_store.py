"""Profiles in an SQLite file: the embedded store. One writer at a time, readers beside it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.realtime.store import Answered, Change, Pointer, Reading, Stored, StoreError

_TABLES = """
CREATE TABLE IF NOT EXISTS profiles (
    account TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    key TEXT PRIMARY KEY, expires INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires);
"""
_NEVER = 2**62
_POINTER = "pointer"
#: Accounts asked for in one query: SQLite bounds the number of its parameters.
_AT_ONCE = 500
_BUSY_SECONDS = 10.0


class SqliteStore:
    """Profiles in an SQLite file; see :class:`engine.realtime.store.ProfileStore`.

    Threads may share it. A record lost its meaning when it expires, and is then deleted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._telling():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            # A commit survives the end of the process; one of the last second may not survive a
            # power cut, and then the next publishing brings it back.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def read(self, accounts: Sequence[str], request: str = "", now: int = 0) -> Reading:
        found: dict[str, Stored] = {}
        with self._telling():
            for start in range(0, len(accounts), _AT_ONCE):
                part = accounts[start : start + _AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(
                    f"SELECT account, body, version FROM profiles WHERE account IN ({marks})", part
                )
                found |= {account: Stored(body, version) for account, body, version in rows}
            answer = self._record(f"request:{request}", now) if request else None
        return Reading(found, answer)

    def commit(self, changes: Mapping[str, Change], answered: Answered | None = None) -> bool:
        with self._writing():
            for account, change in changes.items():
                if change.seen:
                    done = self._db.execute(
                        "UPDATE profiles SET body = ?, version = version + 1"
                        " WHERE account = ? AND version = ?",
                        (change.body, account, change.seen),
                    )
                else:
                    done = self._db.execute(
                        "INSERT OR IGNORE INTO profiles VALUES (?, 1, ?)", (account, change.body)
                    )
                if done.rowcount != 1:
                    self._db.execute("ROLLBACK")
                    return False
            if answered is not None and not self._insert(
                f"request:{answered.request}", answered.expires, answered.answer
            ):
                self._db.execute("ROLLBACK")
                return False
        return True

    def add(self, bodies: Iterable[tuple[str, bytes]]) -> None:
        with self._writing():
            self._db.executemany("INSERT OR IGNORE INTO profiles VALUES (?, 1, ?)", bodies)

    def claim(self, key: str, expires: int, now: int) -> bool:
        with self._writing():
            self._db.execute("DELETE FROM records WHERE expires <= ?", (now,))
            return self._insert(f"claim:{key}", expires, b"")

    def release(self, key: str) -> None:
        with self._writing():
            self._db.execute("DELETE FROM records WHERE key = ?", (f"claim:{key}",))

    def pointer(self) -> Pointer | None:
        with self._telling():
            content = self._record(_POINTER, 0)
        return None if content is None else Pointer.of(content)

    def point(self, pointer: Pointer, *, only_later: bool = False) -> bool:
        with self._writing():
            found = self._record(_POINTER, 0) if only_later else None
            if found is not None and Pointer.of(found).finished >= pointer.finished:
                return False
            self._db.execute(
                "INSERT OR REPLACE INTO records VALUES (?, ?, ?)",
                (_POINTER, _NEVER, pointer.to_bytes()),
            )
        return True

    def _insert(self, key: str, expires: int, body: bytes) -> bool:
        done = self._db.execute(
            "INSERT OR IGNORE INTO records VALUES (?, ?, ?)", (key, expires, body)
        )
        return done.rowcount == 1

    def _record(self, key: str, now: int) -> bytes | None:
        row = self._db.execute(
            "SELECT body FROM records WHERE key = ? AND expires > ?", (key, now)
        ).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Write in one transaction; a block that rolled back itself stays rolled back."""
        with self._telling():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            if self._db.in_transaction:
                self._db.execute("COMMIT")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Hold the lock, and turn what SQLite complains of into an error that says where."""
        with self._lock:
            try:
                yield
            except (sqlite3.Error, OSError) as error:
                raise StoreError(f"profiles {self.path}: {error}") from error
