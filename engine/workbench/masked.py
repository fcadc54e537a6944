"""Results as who may not see account ids sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import EngineError
from engine.lake import RunPaths
from engine.query.mentioned import mentioned_accounts
from engine.workbench.errors import ConflictError
from engine.workbench.masking import Masker
from engine.workbench.models import AlertAccount

T = TypeVar("T")

#: Most values in one question to the database.
_AT_ONCE = 500


def masked_query(masker: Masker, paths: RunPaths, result: T, asked: Iterable[str] = ()) -> T:
    """Return a result of ``engine.query`` with pseudonyms, its alerts' titles and reasons too.

    Parameters
    ----------
    masker
        Makes the pseudonyms.
    paths
        Of the run.
    result
        What the run was asked for.
    asked
        Accounts that were asked for by their pseudonyms: a text may name one that the result has
        nowhere else.
    """
    ring_ids: set[str] = set()
    tx_ids: set[int] = set()
    for frame in _frames(result):
        # Only an alert's texts name accounts that stand in no column beside them.
        if {"ring_id", "tx_id", "title"} <= set(frame.columns):
            ring_ids.update(frame["ring_id"].dropna().astype(str))
            tx_ids.update(frame["tx_id"].dropna().astype(int).tolist())
    known = mentioned_accounts(paths, ring_ids, tx_ids) if ring_ids or tx_ids else frozenset()
    return masker.value(result, known | _written(asked))


@contextmanager
def masked_errors(masker: Masker | None, accounts: Iterable[str]) -> Iterator[None]:
    """Let no error of the engine name accounts that were asked for by their pseudonyms."""
    try:
        yield
    except EngineError as error:
        if masker is not None:
            _mask(error, masker, _written(accounts))
        raise


def _mask(error: EngineError, masker: Masker, accounts: set[str]) -> None:
    error.args = tuple(
        masker.text(one, accounts) if isinstance(one, str) else one for one in error.args
    )
    if isinstance(error, ConflictError):
        error.changes = tuple(masker.text(one, accounts) for one in error.changes)


def _written(accounts: Iterable[str]) -> set[str]:
    """Return accounts as they are, and as a message writes them between quotes."""
    return {written for one in accounts for written in (one, repr(one)[1:-1])}


def masked_alerts(
    session: Session,
    masker: Masker,
    result: T,
    alert_ids: Iterable[int],
    texts: Sequence[str] = (),
    asked: Iterable[str] = (),
) -> T:
    """Return what the workbench said of some alerts with pseudonyms (system).

    Parameters
    ----------
    session
        Of a reading transaction.
    masker
        Makes the pseudonyms.
    result
        A frame or record of the alerts.
    alert_ids
        The alerts: their titles name accounts of theirs.
    texts
        What people wrote, which may name accounts of any alert.
    asked
        Accounts that were asked for by their pseudonyms.
    """
    words = {word.strip(".,;:!?()[]\"'") for text in texts for word in text.split()}
    known = {
        *_found(session, AlertAccount.alert_id, sorted(set(alert_ids))),
        *_found(session, AlertAccount.account, sorted(words)),
        *_written(asked),
    }
    return masker.value(result, known)


def _found(session: Session, column: Any, values: Sequence[Any]) -> Iterator[str]:
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        yield from session.scalars(select(AlertAccount.account).where(column.in_(some)).distinct())


def _frames(value: Any) -> Iterator[pd.DataFrame]:
    if isinstance(value, pd.DataFrame):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _frames(getattr(value, field.name))
