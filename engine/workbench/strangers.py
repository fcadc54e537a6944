"""Logins that nobody has, as they are typed at the sign-in: counted and locked as real ones are.

The counts are kept in memory. Who types a thousand logins a minute must not fill the database with
them, and must not learn from a missing lock which of them there are.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock

from engine.workbench import clock

#: Most failures that are written down a minute; the next one that is tells how many were not.
MOST_A_MINUTE = 20

#: Most logins that are counted; the one that was typed longest ago is forgotten first.
_MOST_COUNTED = 10_000

_MINUTE = timedelta(minutes=1)


@dataclass
class _Stranger:
    failures: int = 0
    locked_until: datetime | None = None


@dataclass
class Strangers:
    """What is known of logins that nobody has, by what the audit calls them."""

    _known: OrderedDict[str, _Stranger] = field(default_factory=OrderedDict)
    _written: deque[datetime] = field(default_factory=deque)
    _left_out: int = 0
    _lock: Lock = field(default_factory=Lock)

    def locked_until(self, name: str) -> datetime | None:
        """Return until when a login is locked, ``None`` if it is not."""
        with self._lock:
            until = self._known.get(name, _Stranger()).locked_until
        return until if until is not None and until > clock.now() else None

    def fail(self, name: str, most: int, locked_for: timedelta) -> datetime | None:
        """Count a failure; return until when the login is locked, if this one locks it.

        Parameters
        ----------
        name
            The login, as the audit calls it.
        most
            Failures in a row after which it is locked.
        locked_for
            How long.
        """
        until = self.locked_until(name)
        if until is not None:
            return until
        with self._lock:
            stranger = self._known.setdefault(name, _Stranger())
            self._known.move_to_end(name)
            stranger.failures += 1
            if stranger.failures >= most:
                stranger.failures, stranger.locked_until = 0, clock.now() + locked_for
            if len(self._known) > _MOST_COUNTED:
                self._known.popitem(last=False)
            return stranger.locked_until if stranger.failures == 0 else None

    def to_write(self) -> int | None:
        """Return how many failures were left out since the last one that was written down.

        Returns
        -------
        int or None
            ``None`` where this one is to be left out too.
        """
        now = clock.now()
        with self._lock:
            while self._written and self._written[0] <= now - _MINUTE:
                self._written.popleft()
            if len(self._written) >= MOST_A_MINUTE:
                self._left_out += 1
                return None
            self._written.append(now)
            left_out, self._left_out = self._left_out, 0
            return left_out


@lru_cache(maxsize=16)
def strangers(key: bytes) -> Strangers:
    """Return those of the workbench with this secret, one object in a process."""
    return Strangers()
