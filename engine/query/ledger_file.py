"""The ledger of a run: every transaction under both of its accounts, sorted so that one is found.

Derived from a run and never an output of it: it lies in ``cache/<run_id>/`` of the local lake, is
made when it is first asked for, and anew when the run was made anew. Its columns are mapped into
memory: what is read of them is what an account did.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import RunError
from engine.lake import RunPaths, read_json
from engine.query.database import require
from engine.query.ledger_build import build as build
from engine.query.ledger_hash import Hashes, hash_names
from engine.query.ledger_names import map_names

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

#: Goes up when the files change their meaning: older ones are then made anew.
_VERSION = 5


@dataclass(frozen=True, slots=True)
class Ledger:
    """The columns of a ledger, mapped into memory.

    Attributes
    ----------
    names
        large_string, shape (n_accounts,): accounts in the order of their hashes; the position is
        an account's code.
    hashes
        uint64, shape (n_accounts,).
    starts
        int64, shape (n_accounts + 1,): an account's entries lie from ``starts[code]`` up to
        ``starts[code + 1]``, in time order.
    roles, types
        Texts that the codes of roles and of transactions' types mean.
    seed
        That of the hashes.
    letters
        Bytes that occur in names.
    facts
        Of accounts, shape (n_accounts,): ``risk, community, pagerank, role`` (int16 codes), ``row``
        (in the run's file of accounts).
    entries
        Of entries, shape (n_entries,): ``counterparty`` (int32 codes), ``is_in, tx_id, time,
        amount, risk``, and where the data have them ``type`` (int16 codes), ``balance_before,
        balance_after``.
    """

    names: pa.Array
    hashes: Hashes
    starts: Ints
    roles: tuple[str, ...]
    types: tuple[str, ...]
    seed: int
    letters: frozenset[int]
    facts: dict[str, Array]
    entries: dict[str, Array]

    def codes_of(self, accounts: Sequence[str]) -> Ints:
        """Return the codes of accounts, each once; those that the run does not have are left out.

        Returns
        -------
        numpy.ndarray
            int64, in the order of the accounts.
        """
        asked = list(dict.fromkeys(accounts))
        wanted = hash_names(pa.array(asked, pa.large_string()), self.seed)
        places = np.searchsorted(self.hashes, wanted)
        found = [
            int(place)
            for place, name in zip(places, asked, strict=True)
            if place < len(self.names) and self.names[int(place)].as_py() == name
        ]
        return np.array(found, np.int64)

    def names_of(self, codes: Array) -> pa.Array:
        """Return the names behind codes."""
        return self.names.take(pa.array(codes))


def folder_of(paths: RunPaths) -> Path:
    """Return where the ledger of the run as it is now lies, made or not."""
    manifest = Path(require(paths.manifest)).read_bytes()
    stamp = hashlib.sha256(manifest).hexdigest()[:16]
    return _cache(paths) / f"ledger-{_VERSION}-{stamp}"


def is_ready(paths: RunPaths) -> bool:
    """Tell whether the ledger is there and belongs to the run as it is now."""
    return folder_of(paths).is_dir()


def prepare(paths: RunPaths) -> None:
    """Make the ledger of a run unless it is there; who asks at the same time waits for it.

    Raises
    ------
    InputError
        If the run's transactions name no accounts.
    RunError
        If the run's files are missing, cannot be read, or do not belong together, also because it
        is deleted meanwhile.
    """
    if is_ready(paths):
        return
    try:
        with _alone(paths):
            folder = folder_of(paths)
            if not folder.is_dir():
                _make(paths, folder)
    except FileNotFoundError as error:
        raise RunError(
            f"the files of run {paths.run_id} went while its ledger was made: the run was deleted; "
            "choose another one"
        ) from error


def _make(paths: RunPaths, folder: Path) -> None:
    # Of the run as it was, or left by a process that was ended.
    for former in folder.parent.glob("*ledger-*"):
        shutil.rmtree(former)
    with TemporaryDirectory(prefix=".ledger-", dir=folder.parent) as place:
        made = Path(place) / folder.name
        made.mkdir()
        build(paths, made)
        # Whole or not at all: until now nobody could see it.
        made.rename(folder)


def open_ledger(paths: RunPaths) -> Ledger:
    """Return the ledger of a run; it is made if need be."""
    prepare(paths)
    return _opened(folder_of(paths))


def _cache(paths: RunPaths) -> Path:
    return paths.root / "cache" / paths.run_id


@lru_cache(maxsize=8)
def _opened(folder: Path) -> Ledger:
    told = read_json(folder / "ledger.json")
    files = {path.stem: _mapped(path) for path in folder.glob("*.npy")}
    return Ledger(
        names=map_names(folder),
        hashes=files.pop("hashes"),
        starts=files.pop("starts"),
        roles=tuple(told["roles"]),
        types=tuple(told["types"]),
        seed=int(told["seed"]),
        letters=frozenset(told["letters"]),
        facts={
            name.removeprefix("account_"): files.pop(name)
            for name in sorted(files)
            if name.startswith("account_")
        },
        entries=files,
    )


def _mapped(path: Path) -> Array:
    # An empty file cannot be mapped.
    mapped: Array = np.load(path, mmap_mode="r" if path.stat().st_size > 128 else None)
    return mapped


@contextmanager
def _alone(paths: RunPaths) -> Iterator[None]:
    """Hold the run's cache against other threads and processes."""
    _cache(paths).mkdir(parents=True, exist_ok=True)
    # Each opening of the file locks for itself, so threads wait for each other as processes do.
    with (_cache(paths) / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
