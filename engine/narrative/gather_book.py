"""The ledger in the making: facts are added one after the other and numbered in that order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from engine.amounts import MINOR_UNITS
from engine.narrative.ledger import MOST_TX_IDS, Fact, Kind, Topic, Value


@dataclass(slots=True)
class Book:
    """Collects facts.

    Attributes
    ----------
    currency
        Unit of every amount.
    is_daily
        Whether every moment that is told begins a day: then dates are told.
    """

    currency: str | None
    is_daily: bool
    facts: list[Fact] = field(default_factory=list)

    def add(
        self,
        key: str,
        kind: Kind,
        value: Value,
        label: str,
        topic: Topic,
        *,
        is_key: bool = False,
        subjects: Iterable[str] = (),
        tx_ids: Iterable[int] = (),
        query: str = "",
    ) -> None:
        """Add a fact; queries name the alert or ring, and no accounts."""
        rows = tuple(int(one) for one in tx_ids)
        unit = {"amount": self.currency or "", "duration": "s"}.get(kind, "")
        self.facts.append(
            Fact(
                f"F{len(self.facts) + 1}", key, kind, value, unit, label, topic, is_key,
                tuple(subjects), rows[:MOST_TX_IDS], len(rows), query,
            )
        )  # fmt: skip

    def add_time(self, key: str, time: datetime, label: str, topic: Topic, **more: Any) -> None:
        """Add a moment, or a date where all moments begin a day."""
        if self.is_daily:
            self.add(key, "date", time.date().isoformat(), label, topic, **more)
        else:
            self.add(key, "moment", iso(time), label, topic, **more)


def minor(value: float) -> int:
    """Return an amount of currency units in minor units."""
    return round(float(value) * MINOR_UNITS)


def total(amounts: pd.Series) -> int:
    """Return the exact sum of amounts (currency units), in minor units."""
    return int((amounts * MINOR_UNITS).round().astype("int64").sum())


def decimal(value: float) -> str:
    """Write a share or a score as a decimal of at most six digits after the point."""
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def iso(time: datetime) -> str:
    """Write a moment in ISO 8601; without a zone it is UTC."""
    stamp = pd.Timestamp(time)
    aware = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    return aware.tz_localize(None).isoformat() + "Z"


def begins_days(times: pd.Series) -> bool:
    """Return whether every moment begins a day."""
    return bool((times == times.dt.normalize()).all())


def seconds(duration: pd.Timedelta) -> int:
    """Return whole seconds."""
    return round(duration.total_seconds())
