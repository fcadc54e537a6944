"""What the workbench says of alerts, as who may not see account ids gets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy.orm import Session

from engine.workbench.masked import masked_alerts
from engine.workbench.masking import Masker
from engine.workbench.permissions import Actor
from engine.workbench.preferences import Preferences
from engine.workbench.settings import Settings
from engine.workbench.staff import Person

T = TypeVar("T")

#: What tells of people and of the house, where no account is named.
_OF_THE_HOUSE = (Actor, Person, Preferences, Settings)


def masked_cases(session: Session, masker: Masker, result: T) -> T:
    """Return a result of the workbench with pseudonyms (system).

    Frames and records are masked, alone or in lists; numbers, names and the like are as they are.
    """
    if not _tells_of_cases(result):
        return result
    return masked_alerts(session, masker, result, set(_alert_ids(result)), list(_written(result)))


def _tells_of_cases(result: Any) -> bool:
    if isinstance(result, (list, tuple)):
        return any(_tells_of_cases(one) for one in result)
    if isinstance(result, (type, *_OF_THE_HOUSE)):
        return False
    return isinstance(result, pd.DataFrame) or is_dataclass(result)


def _alert_ids(value: Any) -> Iterator[int]:
    """Yield the alerts that a result names; the titles of these name accounts of theirs."""
    if isinstance(value, pd.DataFrame):
        if {"id", "title"} <= set(value.columns):
            yield from (int(one) for one in value["id"])
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _alert_ids(one)
    elif is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "alert_id"):
            yield int(value.alert_id)
        for field in fields(value):
            yield from _alert_ids(getattr(value, field.name))


def _written(value: Any) -> Iterator[str]:
    """Yield the texts of records: people may name any account in what they write.

    Frames hold no such texts, and may be long.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _written(one)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from _written(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _written(getattr(value, field.name))
