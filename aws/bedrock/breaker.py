"""A circuit breaker: a model that keeps failing is left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: Narratives in a row that a model may fail before it is left alone.
_FAILURES = 3
#: Seconds it is left alone: after passing failures, and where it cannot be used at all.
_REST, _LONG_REST = 60.0, 300.0


@dataclass(slots=True)
class _Record:
    failures: int = 0
    until: float = 0.0


@dataclass(slots=True)
class Breaker:
    """What models have done lately; shared by threads.

    After its rest a model is tried once more, and left alone again if that fails.
    """

    clock: Callable[[], float] = time.monotonic
    _records: dict[str, _Record] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rest(self, model_id: str) -> float:
        """Return the seconds that a model is still left alone: 0, it may be asked."""
        with self._lock:
            return max(self._records.get(model_id, _Record()).until - self.clock(), 0.0)

    def succeeded(self, model_id: str) -> None:
        """Note that a model has answered."""
        with self._lock:
            self._records.pop(model_id, None)

    def failed(self, model_id: str, *, is_unusable: bool = False) -> None:
        """Note that a model has not answered; an unusable one is left alone at once."""
        with self._lock:
            record = self._records.setdefault(model_id, _Record())
            record.failures += 1
            if is_unusable or record.failures >= _FAILURES:
                record.until = self.clock() + (_LONG_REST if is_unusable else _REST)
