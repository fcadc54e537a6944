"""Back from the pseudonyms that a page shows to the accounts that it asks for.

Only what names an account by its place is turned back: a note, a name or an id that reads like a
pseudonym stays as it was typed.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from engine.errors import InputError
from engine.workbench.masking import ACCOUNT_NAMES, PREFIX, Masker

#: What may be searched for beside a pseudonym where account ids are hidden.
_ALERT = re.compile(r"(?:AL-)?(\d{1,15})", re.IGNORECASE)
_RING = re.compile(r"R\d{1,15}", re.IGNORECASE)
_TRANSACTION = re.compile(r"(?:tx[ #:-]*|#)\d{1,15}", re.IGNORECASE)
_PSEUDONYM = re.compile(rf"{PREFIX}[a-z2-7]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of a call with accounts in place of pseudonyms, and which accounts these are.

    The person knows them only by their pseudonyms: an error must not name them otherwise.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    accounts: frozenset[str] = frozenset()


def asked(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    by: Masker | None,
    *,
    after: int,
) -> Asked:
    """Return the arguments of a call as the engine knows them.

    Parameters
    ----------
    function
        What is called: the names of its parameters tell which of them are accounts.
    args, kwargs
        Arguments as the page has them.
    by
        What made the pseudonyms; ``None`` where ids are shown.
    after
        How many parameters come before ``args``, e.g. the session and the actor.

    Raises
    ------
    InputError
        If an account is named by anything but a pseudonym that was given out, or something is
        searched for that would tell what an account is called.
    """
    if by is None:
        return Asked(args, kwargs)
    names = [*inspect.signature(function).parameters][after:]
    names += [""] * (len(args) - len(names))
    back = _Back(by)
    given = tuple(back.named(name, one) for name, one in zip(names, args, strict=False))
    named = {name: back.named(name, one) for name, one in kwargs.items()}
    return Asked(given, named, frozenset(back.accounts))


def original(body: dict[str, Any], by: Masker | None) -> Asked:
    """Return named values, as a form sends them, with accounts in place of pseudonyms.

    Other texts stay: a form may name an account that is new.
    """
    if by is None:
        return Asked((), body)
    back = _Back(by, is_form=True)
    return Asked((), back.value(body), frozenset(back.accounts))


class _Back:
    """Turns pseudonyms back, and keeps the accounts that it has put in their places."""

    def __init__(self, by: Masker, *, is_form: bool = False) -> None:
        self._by = by
        self._is_form = is_form
        self.accounts: set[str] = set()

    def named(self, name: str, value: Any) -> Any:
        if name in ACCOUNT_NAMES:
            return self._account(value)
        return self.value(value)

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self.named(name, one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.value(one) for one in value)
        if is_dataclass(value) and not isinstance(value, type):
            kept = {
                field.name: self.named(field.name, getattr(value, field.name))
                for field in fields(value)
                if field.init
            }
            return replace(value, **(kept | self._searched(kept)))
        return value

    def _account(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._one(value)
        if isinstance(value, (list, tuple, set, frozenset)):
            return type(value)(self._account(one) for one in value)
        return self.value(value)

    def _one(self, text: str) -> str:
        """Return the account of a pseudonym.

        A text that is none is refused whether it is an account's id or not: what came of asking
        would tell whose pseudonym is whose, and which accounts there are.
        """
        account = self._by.original(text)
        if account != text:
            self.accounts.add(account)
        elif text and not self._is_form:
            raise InputError(
                "while account ids are hidden, an account is asked for by a pseudonym that a page "
                f"has shown ({PREFIX}…), not by {text!r}; open it from a list or a search"
            )
        return account

    def _searched(self, kept: dict[str, Any]) -> dict[str, Any]:
        """Let a filter search for what has a pseudonym, and for nothing that would tell an id.

        A part of an id, or of a title that names one, would be found or not: by and by that spells
        every id there is. So a pseudonym finds an account alone, and what else can be typed finds
        none: an account may be called R00012, or 12.
        """
        text = str(kept.get("search") or "").strip()
        if not text:
            return {}
        whole = {"whole": True, "names_account": False}
        alert = _ALERT.fullmatch(text)
        if alert is not None:
            return {"search": f"AL-{int(alert[1])}", **whole}
        if _TRANSACTION.fullmatch(text) or _RING.fullmatch(text):
            return {"search": text, **whole}
        if not _PSEUDONYM.fullmatch(text):
            raise InputError(
                "while account ids are hidden, the search takes a whole pseudonym (as in the list: "
                f"{PREFIX}…), an alert (AL-12) or a ring (R00012), not {text!r}"
            )
        return {"search": self._account(text), "whole": True, "names_account": True}
