"""What takes a while and must not end with a click: in a thread, whatever page is open meanwhile.

Only what mostly waits, or computes outside of Python, belongs here; what computes in Python would
slow everybody's pages down, and is a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

#: What is done at the same time; the rest waits.
_MOST_AT_ONCE = 4

#: Hands on what came.
Tell = Callable[[str], None]


@dataclass(slots=True)
class Work:
    """Work that goes on, or is over and was not put away; ``told`` grows while it goes on."""

    told: list[str] = field(default_factory=list)
    future: Future[Any] = field(default_factory=Future)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.future.done()

    def wait(self, seconds: float) -> None:
        """Wait until it is over, for a while at most."""
        wait([self.future], seconds)

    def result(self) -> Any:
        """Return what came of it, or raise what ended it."""
        return self.future.result()


def begin(key: Hashable, do: Callable[[Tell], Any]) -> None:
    """Let a thread do something that tells what comes; not twice at once under one key."""
    known = _known().get(key)
    if known is None or known.is_over:
        work = Work()
        work.future = _pool().submit(do, work.told.append)
        _known()[key] = work


def find(key: Hashable) -> Work | None:
    """Return what goes on under a key, or is over and was not put away."""
    return _known().get(key)


def put_away(key: Hashable) -> None:
    """Forget what is over."""
    _known().pop(key, None)


@st.cache_resource(show_spinner=False)
def _known() -> dict[Hashable, Work]:
    return {}


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="background")
