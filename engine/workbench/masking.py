"""Pseudonyms for account ids, for who keeps the house and need not know whose money it is.

The same account has the same pseudonym everywhere and always: an alert can be talked about, and
rings compared, without an id. A pseudonym is made with the workbench's secret, so that nobody
finds the account by trying all ids.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from numbers import Number
from pathlib import PurePath
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from engine.columns import MEMO
from engine.narrative.verdict import Line, Rejected
from engine.workbench import audit
from engine.workbench.permissions import Actor, NotAllowedError, guarded
from engine.workbench.secret import keyed_hash

T = TypeVar("T")

PREFIX = "acct-"

#: Eight characters of 5 bits. That two given accounts share a pseudonym has a chance of one in
#: 1.1e12; that any two of 10,000 in view do, one in 22,000; of a million, one in three.
_LENGTH = 8

#: Columns of frames, keys and fields whose texts are account ids, alone or in lists.
ACCOUNT_NAMES = frozenset({
    "account", "accounts", "sender", "receiver", "origin", "gained", "lost", "hub", "counterparty",
    "members",
})  # fmt: skip

#: Columns of texts as they were given, which may hold any id.
_RAW = "raw"
_AS_GIVEN = frozenset({_RAW, MEMO})
#: What is shown in place of texts that may hold any id.
HIDDEN = "hidden with the account ids"

#: A pseudonym that was given out is kept, so that it can be turned back; this many at most.
_MOST_KEPT = 200_000

_WORDS = re.compile(r"\w+|\W")

#: What follows a number that counts something in the engine's texts, and so is no account.
_COUNTED = re.compile(
    r" (?:accounts?|mules?|senders?|receivers?|members?|new|others?|payments?|transactions?|"
    r"amounts?|times?|days?|hours?|minutes?|inputs?|possible|of \d+)\b"
)
#: So many signs after an account are enough to tell.
_AHEAD = 16


class Masker:
    """Replaces account ids by pseudonyms, in copies: what it is given stays as it is."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._given: dict[str, str] = {}
        self._originals: dict[str, str] = {}

    def account(self, account: str) -> str:
        """Return the pseudonym of an account, e.g. ``acct-k7f3a9cq``."""
        given = self._given.get(account)
        if given is not None:
            return given
        digest = b32encode(keyed_hash(self._key, "account", account)).decode().lower()
        pseudonym = PREFIX + digest[:_LENGTH]
        if len(self._given) >= _MOST_KEPT:
            self._given.clear()
            self._originals.clear()
        self._given[account], self._originals[pseudonym] = pseudonym, account
        return pseudonym

    def original(self, text: str) -> str:
        """Return the account of a pseudonym that was given out, any other text as it is.

        What a page asks for with a pseudonym (the account that was clicked) is thus found.
        """
        return self._originals.get(text, text)

    def text(self, text: str, accounts: Iterable[str]) -> str:
        """Return a text with the given accounts replaced where they stand as whole words."""
        return self._replaced(text, _by_first_word(accounts))

    def frame(self, frame: pd.DataFrame, accounts: Iterable[str] = ()) -> pd.DataFrame:
        """Return a frame whose account columns hold pseudonyms; see :meth:`value`."""
        return self.value(frame, accounts)

    def value(self, value: T, accounts: Iterable[str] = ()) -> T:
        """Return a value of ``engine.query`` or of the workbench with pseudonyms in it.

        Parameters
        ----------
        value
            A frame, a dataclass, a list, tuple, set, dict, or a plain value, however nested.
            Texts in ``ACCOUNT_NAMES`` are accounts; in all other texts those accounts are
            replaced that the value itself or ``accounts`` name.
        accounts
            More accounts that texts may name.

        Raises
        ------
        NotAllowedError
            If there is no telling what it holds, as of a file in bytes.
        """
        known = set(accounts)
        _collect(value, known)
        result: T = self._masked(value, _by_first_word(known))
        return result

    def _masked(self, value: Any, known: dict[str, list[str]]) -> Any:
        if isinstance(value, str):
            return self._replaced(value, known)
        if isinstance(value, pd.DataFrame):
            return self._masked_frame(value, known)
        if isinstance(value, Mapping):
            return {key: self._named(key, one, known) for key, one in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            changed = {
                field.name: self._named(
                    _name_of(value, field.name), getattr(value, field.name), known
                )
                for field in fields(value)
                if field.init
            }
            return replace(value, **changed)
        return _mapped(value, lambda one: self._masked(one, known))

    def _named(self, name: Any, value: Any, known: dict[str, list[str]]) -> Any:
        """Mask what stands under a name: the name may say that its texts are accounts."""
        if name in _AS_GIVEN and isinstance(value, str):
            return HIDDEN
        if name not in ACCOUNT_NAMES:
            return self._masked(value, known)
        if isinstance(value, str):
            return self.account(value)
        if _is_list(value):
            return _mapped(value, lambda one: self._named(name, one, known))
        return self._masked(value, known)

    def _masked_frame(self, frame: pd.DataFrame, known: dict[str, list[str]]) -> pd.DataFrame:
        masked = frame.copy()
        for name in frame.columns:
            if _holds_texts(frame[name]):
                masked[name] = self._masked_column(str(name), frame[name], known)
        if {_RAW, "reason"} <= set(frame.columns):
            # The reason of a rejected row ends with what stood there.
            masked["reason"] = [str(reason).split(":")[0] for reason in frame["reason"]]
        return masked

    def _masked_column(
        self, name: str, column: pd.Series, known: dict[str, list[str]]
    ) -> pd.Series:
        if any(_is_list(one) or isinstance(one, Mapping) for one in column):
            values = [self._named(name, one, known) for one in column]
            return pd.Series(values, index=column.index, dtype="object")
        # A text that repeats is masked once.
        once = {one: self._named(name, one, known) for one in column.dropna().unique()}
        replaced = column.astype("object").map(once, na_action="ignore")
        is_fixed = isinstance(column.dtype, pd.CategoricalDtype)
        return replaced if is_fixed else replaced.astype(column.dtype)

    def _replaced(self, text: str, known: dict[str, list[str]]) -> str:
        if not known:
            return text
        parts, position = [], 0
        for word in _WORDS.finditer(text):
            start = word.start()
            if start < position or word.group() not in known:
                continue
            found = _account_at(text, start, known[word.group()])
            if found is not None:
                parts += [text[position:start], self.account(found)]
                position = start + len(found)
        return "".join([*parts, text[position:]])


@guarded("reveal_accounts")
def reveal(session: Session, actor: Actor) -> None:
    """Write down that somebody asked to see account ids as they are, for this sign-in."""
    audit.append(session, actor.login, "reveal_accounts", f"user {actor.login}")


def _collect(value: Any, known: set[str], *, is_account: bool = False) -> None:
    """Add the accounts that a value names to ``known``."""
    if isinstance(value, str):
        if is_account:
            known.add(value)
    elif isinstance(value, pd.DataFrame):
        for name in value.columns:
            if _holds_texts(value[name]):
                for one in value[name].dropna().tolist():
                    _collect(one, known, is_account=name in ACCOUNT_NAMES)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            _collect(one, known, is_account=key in ACCOUNT_NAMES)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            is_named = _name_of(value, field.name) in ACCOUNT_NAMES
            _collect(getattr(value, field.name), known, is_account=is_named)
    elif _is_list(value):
        for one in value:
            _collect(one, known, is_account=is_account)


def _name_of(value: Any, field: str) -> str:
    """Return what a field tells of its texts: the origin of a sentence is who wrote it."""
    return "" if isinstance(value, (Line, Rejected)) else field


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, np.ndarray):
        return np.array([change(one) for one in value.tolist()], dtype=value.dtype)
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(change(one) for one in value)
    plain = (Number, date, timedelta, PurePath, np.generic, type(None), type(pd.NaT), type(pd.NA))
    if isinstance(value, plain):
        return value
    raise NotAllowedError(
        f"a {type(value).__name__} may hold account ids, which your role does not see; reveal "
        "them first"
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset, np.ndarray))


def _holds_texts(column: pd.Series) -> bool:
    return not (
        pd.api.types.is_numeric_dtype(column.dtype)
        or pd.api.types.is_datetime64_any_dtype(column.dtype)
        or pd.api.types.is_timedelta64_dtype(column.dtype)
    )


def _by_first_word(accounts: Iterable[str]) -> dict[str, list[str]]:
    """Index accounts by their first word or sign, the longest first."""
    index: dict[str, list[str]] = {}
    for account in sorted(set(accounts), key=lambda one: (-len(one), one)):
        first = _WORDS.match(account)
        if first is not None:
            index.setdefault(first.group(), []).append(account)
    return index


def _account_at(text: str, start: int, accounts: list[str]) -> str | None:
    return next(
        (
            account
            for account in accounts
            if text.startswith(account, start)
            and _is_whole(account, text[:start][-2:], text[start + len(account) :][:_AHEAD])
        ),
        None,
    )


def _is_whole(account: str, before: str, after: str) -> bool:
    """Tell whether an account stands for itself here, not as a part of a word or a number."""
    if re.match(r"\w", account[-1]) and re.match(r"\w", after):
        return False
    if account.isdigit() and _COUNTED.match(after):
        return False
    if account[0].isdigit() and re.search(r"\d[.,]$", before):
        return False
    return not (account[-1].isdigit() and re.match(r"[.,]\d", after))
