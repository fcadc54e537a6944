"""Texts that models are writing: each in a thread of its own, so that no click ends one.

A page shows what came so far, and may be left and opened again meanwhile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field

import streamlit as st

#: Texts that are written at the same time; others wait.
_MOST_AT_ONCE = 4

#: A sentence in the JSON that a model writes; the last one may not have ended.
_SENTENCE = re.compile(r'"text"\s*:\s*"((?:[^"\\]|\\.)*)')


@dataclass(slots=True)
class Writing:
    """A text that is being written; ``parts`` grows."""

    parts: list[str] = field(default_factory=list)
    future: Future[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.future is not None and self.future.done()

    def sentences(self) -> str:
        """Return the sentences that came so far, a line each, without the JSON round them."""
        return "\n".join(map(_plain, _SENTENCE.findall("".join(self.parts))))

    def wait(self, seconds: float) -> None:
        """Wait until it is over, for a while at most."""
        if self.future is not None:
            wait_for([self.future], seconds)


def begin(key: Hashable, work: Callable[[Callable[[str], None]], None]) -> None:
    """Let a thread do ``work``, which hands on what comes; not twice at once under one key."""
    known = _writings()
    if key in known and not known[key].is_over:
        return
    writing = known[key] = Writing()
    writing.future = _pool().submit(work, writing.parts.append)


def running(key: Hashable) -> Writing | None:
    """Return what is being written under a key, or was and nobody has looked at yet."""
    return _writings().get(key)


def finish(key: Hashable) -> None:
    """Put away what is over.

    Raises
    ------
    Exception
        What ended it, if it did not end well.
    """
    writing = _writings().pop(key, None)
    if writing is not None and writing.future is not None:
        writing.future.result()


def _plain(text: str) -> str:
    """Return what a JSON string holds, as far as it came."""
    while text:
        try:
            return str(json.loads(f'"{text}"'))
        except ValueError:
            text = text[:-1]
    return text


@st.cache_resource(show_spinner=False)
def _writings() -> dict[Hashable, Writing]:
    return {}


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="narrative")
