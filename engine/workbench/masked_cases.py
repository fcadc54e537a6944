"""What the workbench says of alerts, as who may not see account ids gets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy.orm import Session

from engine.filing.recheck import Flag
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative
from engine.workbench import history
from engine.workbench.masked import masked_alerts, masked_errors
from engine.workbench.masked_ledger import masked_ledger, masked_narrative
from engine.workbench.masking import HIDDEN, Masker
from engine.workbench.permissions import Actor
from engine.workbench.preferences import Preferences
from engine.workbench.saved_views import View
from engine.workbench.settings import Settings
from engine.workbench.staff import Person

T = TypeVar("T")

#: What tells of people and of the house, where no account is named.
_OF_THE_HOUSE = (Actor, Person, Preferences, Settings)


#: Columns, keys and fields that hold what people wrote: it may name accounts in any spelling, also
#: some that no alert has. So nothing of it is shown.
_WRITTEN = frozenset({
    "text", "comment", "approval_comment", "review_comment", "diff", "attachment_csv",
})  # fmt: skip

#: What may be read of a search that somebody kept: all else may be a part of an id.
_ALERT = re.compile(r"(?:AL-)?\d{0,15}", re.IGNORECASE)


def masked_call(session: Session, masker: Masker, call: Callable[[], T], asked: Iterable[str]) -> T:
    """Return what a function of the workbench answers, with pseudonyms (system).

    Parameters
    ----------
    session
        In which ``call`` reads or changes.
    masker
        Makes the pseudonyms.
    call
        The function with its arguments.
    asked
        Accounts among the arguments: neither an error nor a text of the answer names them.
    """
    with masked_errors(masker, asked), history.read_as(lambda value: _entry(masker, value)):
        return masked_cases(session, masker, call(), asked)


def masked_cases(session: Session, masker: Masker, result: T, asked: Iterable[str] = ()) -> T:
    """Return a result of the workbench with pseudonyms (system).

    Frames and records are masked, alone or in lists; numbers, names and the like are as they are.
    """
    if not _tells_of_cases(result):
        return result
    kept: T = _unwritten(masker, result)
    named = {account for ledger in _ledgers(result) for account in ledger.accounts()}
    return masked_alerts(
        session, masker, kept, set(_alert_ids(result)), list(_written(kept)), {*asked, *named}
    )


def _entry(masker: Masker, value: Any) -> Any:
    """Return what an entry of the audit holds, with pseudonyms and without what people wrote."""
    return masker.value(_unwritten(masker, value))


def _unwritten(masker: Masker, value: Any) -> Any:
    """Return a copy of a value without what people wrote."""
    if isinstance(value, pd.DataFrame):
        hidden = {
            name: value[name].map(lambda text: _instead(masker, "text", text), na_action="ignore")
            for name in _WRITTEN & set(value.columns)
        }
        return value.assign(**hidden)
    if isinstance(value, Mapping):
        kept = {name: _instead(masker, str(name), one) for name, one in value.items()}
        # A view's name is written by hand too.
        return kept | {"name": HIDDEN} if {"name", "filter"} <= kept.keys() else kept
    if isinstance(value, (list, tuple)):
        return type(value)(_unwritten(masker, one) for one in value)
    if isinstance(value, Flag):
        return Flag(HIDDEN, tuple(HIDDEN for _ in value.problems))
    if isinstance(value, (Ledger, Narrative)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _instead(masker, field.name, getattr(value, field.name))
            for field in fields(value)
            if field.init
        }
        changed |= _of_facts(masker, value)
        if isinstance(value, View) and not value.is_mine:
            changed["name"] = f"View {value.view_id}"
        return replace(value, **changed)
    return value


def _of_facts(masker: Masker, value: Any) -> dict[str, Any]:
    """Return a record's ledger and narrative with pseudonyms, if it has them."""
    ledger, narrative = (getattr(value, name, None) for name in ("ledger", "narrative"))
    if not isinstance(ledger, Ledger) or not isinstance(narrative, Narrative):
        return {}
    return {
        "ledger": masked_ledger(masker, ledger),
        "narrative": masked_narrative(masker, narrative, ledger),
    }


def _ledgers(value: Any) -> Iterator[Ledger]:
    if isinstance(value, Ledger):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _ledgers(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _ledgers(getattr(value, field.name))


def _instead(masker: Masker, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return _unwritten(masker, value)
    if name in _WRITTEN and value.strip():
        return HIDDEN
    if name == "search" and not _ALERT.fullmatch(value.strip()):
        return masker.account(value)
    return value


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
        alert_id = getattr(value, "alert_id", None)
        if isinstance(alert_id, int):
            yield alert_id
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
