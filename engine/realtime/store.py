"""Where profiles are kept: the contract of a store, and how one is opened.

A profile is changed by compare-and-swap: a writer says which version it has read, and a commit
that finds another one changes nothing. The record of a request is written in the same commit, so a
transaction is counted once however often it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from engine.errors import InputError, RunError

#: Scheme of an address to the module whose ``open_store`` opens it.
_PROVIDERS = {"dynamodb": "aws.infer.dynamodb"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A profile in its encoding, and the version of it that was read."""

    body: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a store knows of some accounts and of a request.

    Attributes
    ----------
    profiles
        By account; accounts without a profile are left out.
    answer
        What was answered to the request before, None where it is new.
    """

    profiles: Mapping[str, Stored]
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A new profile of an account.

    Attributes
    ----------
    seen
        Version that was read; 0 where there was no profile.
    """

    body: bytes
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """The record of a request: what was answered, and until when (seconds) it is kept."""

    request: str
    answer: bytes
    expires: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """The scorer in use.

    Attributes
    ----------
    key
        Where its file lies in the lake.
    version
        Of the scorer, see ``scorer_file.version_of``.
    finished
        When the run was finished, ISO 8601.
    """

    run_id: str
    key: str
    version: str
    finished: str

    def to_bytes(self) -> bytes:
        """Return the pointer as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, content: bytes) -> Pointer:
        """Read what ``to_bytes`` wrote."""
        return cls(**json.loads(content))


class StoreError(RunError):
    """The store of profiles does not answer."""


class ProfileStore(Protocol):
    """Profiles by account, records of requests, claims, and the pointer to the scorer in use."""

    def read(self, accounts: Sequence[str], request: str = "", now: int = 0) -> Reading:
        """Return the profiles of accounts and the answer to a request, as last written."""

    def commit(self, changes: Mapping[str, Change], answered: Answered | None = None) -> bool:
        """Write profiles and the record of a request, all or nothing.

        Returns
        -------
        bool
            False, and nothing is written, if a profile is not of the version seen, or the request
            has been answered.
        """

    def add(self, bodies: Iterable[tuple[str, bytes]]) -> None:
        """Write the profiles of accounts that had none, many at once."""

    def claim(self, key: str, expires: int, now: int) -> bool:
        """Take a key that nobody holds at ``now``, until ``expires``; tell whether it was free."""

    def release(self, key: str) -> None:
        """Give a key back."""

    def pointer(self) -> Pointer | None:
        """Return the pointer to the scorer in use, None where none was published."""

    def point(self, pointer: Pointer, *, only_later: bool = False) -> bool:
        """Let another scorer be in use from now on; tell whether it is.

        Parameters
        ----------
        only_later
            Not where the one in use is of a run that finished at the same time or later.
        """


def open_profiles(address: str) -> ProfileStore:
    """Open the store at ``sqlite:///path`` (``sqlite:////`` from the root) or ``dynamodb:TABLE``.

    Raises
    ------
    InputError
        If the address is of no known kind.
    """
    if address.startswith("sqlite:///"):
        from engine.realtime.sqlite_store import SqliteStore

        return SqliteStore(Path(address.removeprefix("sqlite:///")))
    scheme, _, name = address.partition(":")
    if scheme not in _PROVIDERS or not name:
        raise InputError(
            f"profiles {address!r}: use sqlite:///path/to/profiles.sqlite or dynamodb:TABLE"
        )
    store: ProfileStore = import_module(_PROVIDERS[scheme]).open_store(name)
    return store
