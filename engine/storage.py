"""Stores of objects behind an address such as ``s3://bucket/prefix``, as the engine sees them.

The engine knows no cloud. A store is looked up by the scheme of its address, when one is asked
for; the modules named here are the only ones that talk to a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol

from engine.errors import InputError

#: Scheme of an address to the module whose ``open_store`` opens it.
_PROVIDERS = {"s3": "aws.s3_store"}


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of a store.

    Attributes
    ----------
    key
        Its name below the store's address.
    size
        Bytes.
    version
        Changes whenever the content does.
    modified
        When it was written, with a time zone.
    """

    key: str
    size: int
    version: str
    modified: datetime


class Store(Protocol):
    """Objects under one address. An object is replaced whole or not at all."""

    @property
    def address(self) -> str:
        """Return the address without a slash at its end."""

    def list(self, prefix: str = "") -> list[StoredObject]:
        """Return the objects whose keys start with ``prefix``, by key."""

    def find(self, key: str) -> StoredObject | None:
        """Return what is known of an object, ``None`` where there is none."""

    def read(self, key: str) -> bytes | None:
        """Return the bytes of a small object, ``None`` where there is none."""

    def write(self, key: str, content: bytes) -> None:
        """Write a small object."""

    def create(self, key: str, content: bytes) -> bool:
        """Write a small object unless there is one; tell whether it was written."""

    def replace(self, key: str, content: bytes, version: str) -> bool:
        """Write a small object in place of this version of it; tell whether it was that one."""

    def upload(self, path: Path, key: str) -> str:
        """Write a file of any size, in parts; return the SHA-256 of its bytes."""

    def download(self, key: str, path: Path) -> str:
        """Read an object of any size into a file that appears whole; return its SHA-256.

        Raises
        ------
        InputError
            If there is no such object, or what arrived is not what was uploaded.
        """

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens where there is none."""

    def finished(self, run_id: str) -> None:
        """Be told that a run is published: who waits for its alerts can be told.

        It may be told again of the same run, and then changes nothing.
        """


def is_address(location: object) -> bool:
    """Return whether a location is an address of a store, not a path."""
    return "://" in str(location)


def open_store(address: str) -> Store:
    """Open the store at an address; nothing is read yet.

    Raises
    ------
    InputError
        If no store of this scheme is known, or its library is missing.
    """
    scheme = address.partition("://")[0]
    if scheme not in _PROVIDERS:
        known = ", ".join(f"{name}://" for name in _PROVIDERS)
        raise InputError(f"{address}: addresses start with {known}; a folder needs none")
    try:
        provider = import_module(_PROVIDERS[scheme])
    except ModuleNotFoundError as error:
        raise InputError(
            f"{address} cannot be opened: the package {error.name} is missing; "
            "install requirements.txt"
        ) from error
    store: Store = provider.open_store(address)
    return store


def split_address(address: str) -> tuple[str, str]:
    """Split the address of an object into that of its folder and its name.

    Raises
    ------
    InputError
        If it names no object.
    """
    folder, _, name = address.rpartition("/")
    if ".." in address.split("/"):
        raise InputError(f"{address}: an address may hold no '..'")
    if not name or folder.endswith((":", "/")):
        raise InputError(f"{address}: name one file, e.g. s3://bucket/raw/transactions.csv")
    return folder, name
