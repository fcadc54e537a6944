"""A lake in a store, worked on in a local folder: what is read is fetched, what is made is kept.

All computing and all queries work on local files. A stage that finished is copied to the store
with its checkpoint, so that a run broken off on one machine goes on on another. The manifest goes
last: a reader that finds ``run.json`` with the status ``done`` finds every file it names, and the
checksums in it tell whether they are the right ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from engine.errors import EngineError, InputError, RunError
from engine.identity import sha256_of
from engine.storage import Store, StoredObject, open_store, split_address

#: Files that only mean something on the machine that wrote them.
_LOCAL = {"progress.json", "job.json", "worker.log"}
_LIST_SECONDS = 3.0
#: A claim on a run that is older than this, in seconds, belongs to somebody who died.
CLAIM_SECONDS = 120.0
#: So long somebody who is at it is waited for, and looked after so often.
_WAIT_SECONDS, _LOOK_SECONDS = 15.0, 0.5
_AT_ONCE = 4


def working_folder(address: str) -> Path:
    """Return the folder in which a lake in a store is worked on.

    It lies below ``RINGLEADER_CACHE``, by default a folder of the user's in the system's temporary
    folder, and can be deleted at any time: the store has everything.
    """
    base = os.environ.get("RINGLEADER_CACHE")
    root = Path(base) if base else Path(tempfile.gettempdir()) / f"ringleader-{os.getuid()}"
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@dataclass(slots=True)
class WorkingCopy:
    """The local copy of a lake in a store.

    Attributes
    ----------
    store, root
        The lake's store, and the folder it is worked on in.
    """

    store: Store
    root: Path
    _listed: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _sent: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    @classmethod
    def open(cls, address: str) -> WorkingCopy:
        """Open the lake at an address such as ``s3://bucket/prefix``."""
        store = open_store(address)
        return cls(store, working_folder(store.address))

    def fetch_manifests(self) -> None:
        """Fetch the manifests that are new or changed; asked again within 3 s it does nothing."""
        with self._lock:
            if self._listed and time.monotonic() - self._listed < _LIST_SECONDS:
                return
            manifests = [entry for entry in self.store.list("runs/") if _is_manifest(entry.key)]
            for entry in manifests:
                self._fetch_manifest(entry)
            self._forget_deleted({entry.key for entry in manifests})
            self._listed = time.monotonic()

    def fetch_run(self, run_id: str) -> None:
        """Fetch all that a run has left: its tables, model and checkpoints.

        What is here already is not fetched again. The files of a finished run are compared with
        the checksums of its manifest.

        Raises
        ------
        RunError
            If a file is missing or is not what the run wrote.
        """
        manifest = self.store.find(_manifest_key(run_id))
        if manifest is None:
            return
        self._fetch_manifest(manifest)
        told = _read(self.root / manifest.key)
        checksums: Mapping[str, str] = told.get("checksums") or {}
        # What else is there was left by a stage that was broken off, or is somebody's record.
        wanted = [entry for entry in self._files(run_id) if entry.key in checksums]
        gone = sorted(set(checksums) - {entry.key for entry in wanted})
        if gone:
            raise RunError(
                f"run {run_id}: {self.store.address}/{gone[0]} is gone; "
                "delete the run and start it again"
            )
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            hashes = list(pool.map(lambda e: self._fetch(self.store, e, self.root / e.key), wanted))
        for entry, sha256 in zip(wanted, hashes, strict=True):
            path = self.root / entry.key
            if sha256 is None or checksums[entry.key] == sha256:
                self._note_sent(path, checksums[entry.key])
                continue
            path.unlink()
            # The one table that is written twice; no stage reads it, and the last one makes it new.
            is_half_done = told.get("status") != "done" and entry.key.startswith("augmented/")
            if not is_half_done:
                raise RunError(
                    f"run {run_id}: {self.store.address}/{entry.key} is not what the run wrote; "
                    "delete the run and start it again"
                )

    def keep(self, run_id: str, manifest: Mapping[str, Any]) -> None:
        """Copy to the store what a run has made since the last call, its manifest last.

        The manifest is taken as given: the file may be replaced by whoever reads the lake here. In
        the store it gets ``checksums``: key to SHA-256 of every file it stands for.
        Checkpoints that are needed no more are deleted after that.
        """
        self._refuse_to_disturb(run_id, manifest)
        checksums = self._send_files(run_id)
        self._refuse_to_disturb(run_id, manifest)
        content = _to_json({**manifest, "checksums": checksums})
        self.store.write(_manifest_key(run_id), content)
        for entry in self.store.list(f"runs/{run_id}/checkpoint/"):
            if entry.key not in checksums:
                self.store.delete(entry.key)

    def _refuse_to_disturb(self, run_id: str, manifest: Mapping[str, Any]) -> None:
        """Leave a run alone that is done in the store and not here, or is being taken in there."""
        there = _told(self.store.read(_manifest_key(run_id)))
        if _is_claimed(there):
            raise _claimed_by(run_id, there)
        if manifest["status"] != "done" and there.get("status") == "done":
            raise RunError(
                f"run {run_id} was finished on another machine meanwhile; its results stand"
            )

    def keep_new(self, run_id: str, manifest: Mapping[str, Any]) -> bool:
        """Copy a new run to the store, unless the store has the run already; tell which it was.

        Of two machines that begin the same run one is first, and the other changes nothing of it:
        the run is claimed before anything is sent, by a manifest without stages. Where a claim is
        old, or the run failed before its first stage, the next one goes on.

        Raises
        ------
        RunError
            If another machine is at it and does not get it done, or has taken it over.
        """
        key = _manifest_key(run_id)
        begun = {**manifest, "status": "running", "stages": []}
        claim = _to_json({**begun, "claimed": time.time(), "by": uuid4().hex})
        if not self._claim(run_id, claim):
            self._listed = 0.0  # what is there is to be fetched
            return False
        try:
            checksums = self._send_files(run_id)
        except EngineError as error:
            with suppress(EngineError):  # so that the next one need not wait
                self._end_claim(key, claim, {**begun, "status": "failed", "error": str(error)})
            raise
        if not self._end_claim(key, claim, {**manifest, "checksums": checksums}):
            raise RunError(f"run {run_id} was taken over by another machine; try again in a minute")
        return True

    def _claim(self, run_id: str, claim: bytes) -> bool:
        """Put a claim in the place of the manifest; False where the run is there already."""
        key, deadline = _manifest_key(run_id), time.monotonic() + _WAIT_SECONDS
        while not self.store.create(key, claim):
            entry, told = self.store.find(key), _told(self.store.read(key))
            if told.get("stages") or told.get("status") == "done":
                return False
            if entry is not None and not _is_claimed(told):
                # Whoever replaces it as it was found has it now; there is one who does.
                if self.store.replace(key, claim, entry.version):
                    return True
            elif time.monotonic() > deadline:
                raise _claimed_by(run_id, told)
            time.sleep(_LOOK_SECONDS)
        return True

    def _end_claim(self, key: str, claim: bytes, manifest: Mapping[str, Any]) -> bool:
        """Write a manifest in place of one's own claim; tell whether it was one's own still."""
        entry = self.store.find(key)
        if entry is None or self.store.read(key) != claim:
            return False
        return self.store.replace(key, _to_json(manifest), entry.version)

    def _send_files(self, run_id: str) -> dict[str, str]:
        """Upload a run's files, all but its manifest; return their keys and SHA-256."""
        manifest = self.root / _manifest_key(run_id)
        files = sorted(path for path in self._local_files(run_id) if path != manifest)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(map(self._key, files), pool.map(self._send, files), strict=True))

    def delete(self, run_id: str) -> None:
        """Delete a run from the store, its manifest first: nobody reads what is half deleted."""
        self.store.delete(_manifest_key(run_id))
        for entry in self._files(run_id):
            self.store.delete(entry.key)

    def fetch_input(self, address: str) -> Path:
        """Fetch an input, from this lake or from anywhere, and return its local file.

        Raises
        ------
        InputError
            If there is no such object.
        """
        own = f"{self.store.address}/"
        if address.startswith(own):
            store, key = self.store, address.removeprefix(own)
            path = self.root / key
        else:
            folder, key = split_address(address)
            store = open_store(folder)
            path = self.root / "elsewhere" / hashlib.sha256(folder.encode()).hexdigest()[:8] / key
        entry = store.find(key)
        if entry is None:
            raise InputError(f"{address}: no such file; list the folder and check the name")
        self._fetch(store, entry, path)
        return path

    def _forget_deleted(self, listed: set[str]) -> None:
        """Drop the manifests of runs that were fetched once and are in the store no more."""
        for note in (self.root / "runs").glob("*/.run.json.version"):
            manifest = note.with_name("run.json")
            if self._key(manifest) not in listed:
                manifest.unlink(missing_ok=True)
                note.unlink()

    def send_input(self, path: Path) -> str:
        """Put a file under ``inputs/``, if the store has it not yet, and return its key.

        It lies in a folder named after its content, so that it replaces no other. Under ``raw/`` it
        would be taken for an upload, and be run a second time.
        """
        own, known = f"{self.store.address}/", self.address_of(path)
        if known is not None and known.startswith(own):
            return known.removeprefix(own)
        key = f"inputs/{sha256_of(path)[:16]}/{path.name}"
        if self.store.find(key) is None:
            self.store.upload(path, key)
        return key

    def address_of(self, path: Path) -> str | None:
        """Return the address that a local file was fetched from, ``None`` for any other file."""
        note = _note(path)
        if not path.is_relative_to(self.root) or not note.exists():
            return None
        return note.read_text().partition("\n")[2]

    def inputs(self) -> list[StoredObject]:
        """Return the objects under ``raw/``, the newest first."""
        found = [entry for entry in self.store.list("raw/") if not entry.key.endswith("/")]
        return sorted(found, key=lambda entry: entry.modified, reverse=True)

    def _files(self, run_id: str) -> list[StoredObject]:
        return [entry for prefix in _prefixes(run_id) for entry in self.store.list(prefix)]

    def _local_files(self, run_id: str) -> Iterator[Path]:
        for prefix in _prefixes(run_id):
            for path in (self.root / prefix).rglob("*"):
                if path.is_file() and path.name not in _LOCAL and not path.name.startswith("."):
                    yield path

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _send(self, path: Path) -> str:
        status = path.stat()
        known = self._sent.get(self._key(path))
        if known is not None and known[:2] == (status.st_size, status.st_mtime_ns):
            return known[2]
        sha256 = self.store.upload(path, self._key(path))
        self._note_sent(path, sha256)
        return sha256

    def _note_sent(self, path: Path, sha256: str) -> None:
        """Remember that the store has this file."""
        status = path.stat()
        self._sent[self._key(path)] = (status.st_size, status.st_mtime_ns, sha256)

    def _fetch_manifest(self, entry: StoredObject) -> None:
        """Fetch a manifest, unless a process on this machine is writing it: that one is newer."""
        path = self.root / entry.key
        progress = path.with_name("progress.json")
        if path.exists() and progress.exists() and _is_at_work(_read(progress)):
            return
        self._fetch(self.store, entry, path)

    def _fetch(self, store: Store, entry: StoredObject, path: Path) -> str | None:
        """Download an object unless this very version is here; return the hash of what came."""
        note = _note(path)
        address = f"{store.address}/{entry.key}"
        if path.exists() and note.exists() and note.read_text() == _version(entry, path, address):
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        sha256 = store.download(entry.key, path)
        note.write_text(_version(entry, path, address))
        return sha256


def _prefixes(run_id: str) -> tuple[str, ...]:
    folders = ("prepped", "augmented", "graphs", "alerts", "runs")
    return tuple(f"{folder}/{run_id}/" for folder in folders)


def _manifest_key(run_id: str) -> str:
    return f"runs/{run_id}/run.json"


def _is_manifest(key: str) -> bool:
    return key.count("/") == 2 and key.endswith("/run.json")


def _note(path: Path) -> Path:
    """Return the file that says which version of an object a local file is."""
    return path.with_name(f".{path.name}.version")


def _version(entry: StoredObject, path: Path, address: str) -> str:
    status = path.stat()
    return f"{entry.version} {status.st_size} {status.st_mtime_ns}\n{address}"


def _told(manifest: bytes | None) -> dict[str, Any]:
    told: dict[str, Any] = {} if manifest is None else json.loads(manifest)
    return told


def _is_claimed(manifest: Mapping[str, Any]) -> bool:
    """Whether somebody who is likely to live is putting the run into the store."""
    return time.time() - float(manifest.get("claimed", 0.0)) < CLAIM_SECONDS


def _claimed_by(run_id: str, manifest: Mapping[str, Any]) -> RunError:
    where = manifest.get("machine", "another machine")
    return RunError(f"run {run_id} is being taken in by {where}; try again in two minutes")


def _is_at_work(progress: Mapping[str, Any]) -> bool:
    """Whether the process that wrote ``progress.json`` lives and is computing its run."""
    # Imported where a run is computed: scoring on AWS reads lakes too, without psutil.
    from engine.processes import living

    return progress.get("state") == "running" and living(progress) is not None


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def _to_json(manifest: Mapping[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=1, default=str) + "\n").encode()
