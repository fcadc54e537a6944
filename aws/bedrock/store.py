"""What a narrator is handed to remember with: a cache of answers, and an account of the money."""

from __future__ import annotations

from typing import Protocol

from engine.narrative.verdict import Usage


class Cache(Protocol):
    """Answers of models by key, as text: never believed, but verified anew whenever it is used."""

    def get(self, key: str) -> str | None:
        """Return what was put under a key."""

    def put(self, key: str, text: str) -> None:
        """Keep an answer; an older one of the same key is replaced."""


class Spend(Protocol):
    """What language models cost today, and what they may."""

    def daily_cap(self) -> float:
        """Return the most that may be spent a day, in US dollars; 0: nothing."""

    def spent_today(self) -> float:
        """Return what was spent since midnight UTC, in US dollars."""

    def add(self, usage: Usage) -> None:
        """Note what a narrative took: also one that came to nothing, for it was paid for."""
