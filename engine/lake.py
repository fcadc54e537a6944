"""The lake: where the files of a run lie, and how they are written so that none is half-written.

Layout under the root, a folder or an address such as ``s3://bucket/prefix``::

    raw/<name>
    prepped/<run_id>/transactions.parquet  rejects.parquet
    augmented/<run_id>/transactions.parquet
    graphs/<run_id>/accounts.parquet  rings.parquet
    graphs/<run_id>/ring_accounts.parquet  ring_transactions.parquet
    alerts/<run_id>/alerts.parquet
    runs/<run_id>/run.json  progress.json  worker.log  model.json  scorer.npz  checkpoint/
    cache/<run_id>/     what is derived from a run to read it faster; never in a store
"""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, RunError
from engine.storage import is_address, split_address
from engine.working_copy import WorkingCopy

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class RunPaths:
    """Paths of one run's files in a lake."""

    root: Path
    run_id: str

    @property
    def prepped(self) -> Path:
        return self.root / "prepped" / self.run_id / "transactions.parquet"

    @property
    def rejects(self) -> Path:
        return self.root / "prepped" / self.run_id / "rejects.parquet"

    @property
    def augmented(self) -> Path:
        return self.root / "augmented" / self.run_id / "transactions.parquet"

    @property
    def accounts(self) -> Path:
        return self.root / "graphs" / self.run_id / "accounts.parquet"

    @property
    def rings(self) -> Path:
        return self.root / "graphs" / self.run_id / "rings.parquet"

    @property
    def ring_accounts(self) -> Path:
        return self.root / "graphs" / self.run_id / "ring_accounts.parquet"

    @property
    def ring_transactions(self) -> Path:
        return self.root / "graphs" / self.run_id / "ring_transactions.parquet"

    @property
    def alerts(self) -> Path:
        return self.root / "alerts" / self.run_id / "alerts.parquet"

    @property
    def folder(self) -> Path:
        return self.root / "runs" / self.run_id

    @property
    def manifest(self) -> Path:
        return self.folder / "run.json"

    @property
    def progress(self) -> Path:
        return self.folder / "progress.json"

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    @property
    def model(self) -> Path:
        return self.folder / "model.json"

    @property
    def scorer(self) -> Path:
        """What scores single transactions later on; a run without accounts has none."""
        return self.folder / "scorer.npz"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint"

    @property
    def learned(self) -> Path:
        """Checkpoint of the scores after rings were looked for."""
        return self.checkpoint / "rings"

    def outputs(self) -> dict[str, Path]:
        """The contract's output tables by name."""
        return {
            "prepped": self.prepped,
            "rejects": self.rejects,
            "augmented": self.augmented,
            "accounts": self.accounts,
            "rings": self.rings,
            "ring_accounts": self.ring_accounts,
            "ring_transactions": self.ring_transactions,
            "alerts": self.alerts,
        }


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake in a local folder, or in a store and worked on in a folder.

    Attributes
    ----------
    root
        The folder whose files are read and written.
    remote
        Where the lake really is, if it is in a store such as S3.
    """

    root: Path
    remote: WorkingCopy | None = None

    @classmethod
    def open(cls, location: str | Path = "lake") -> Lake:
        """Open the lake at ``location``: a folder, made where it is missing, or an address.

        Raises
        ------
        InputError
            If the location is neither a folder nor an address such as ``s3://bucket``.
        """
        if is_address(location):
            remote = WorkingCopy.open(str(location))
            return cls(remote.root, remote)
        root = Path(location)
        if root.exists() and not root.is_dir():
            raise InputError(f"{root}: the lake must be a folder, and this is a file")
        root.mkdir(parents=True, exist_ok=True)
        return cls(root)

    @property
    def address(self) -> str:
        """Return what names the lake: its folder, or its address in a store."""
        return str(self.root.resolve()) if self.remote is None else self.remote.store.address

    @property
    def raw(self) -> Path:
        """Folder of the inputs as received."""
        return self.root / "raw"

    def address_of(self, path: Path) -> str:
        """Return what names a file: the address it was fetched from, else its path."""
        address = None if self.remote is None else self.remote.address_of(path)
        return str(path.resolve()) if address is None else address

    def refresh(self) -> None:
        """Bring the manifests of runs made elsewhere here, if the lake is in a store."""
        if self.remote is not None:
            self.remote.fetch_manifests()

    def fetch(self, run_id: str) -> None:
        """Bring the files of a run here, if the lake is in a store.

        Raises
        ------
        RunError
            If a file is missing or is not what the run wrote.
        """
        if self.remote is not None:
            self.remote.fetch_run(run_id)

    def keep(self, run_id: str, manifest: Mapping[str, Any]) -> None:
        """Copy what a run has made to the lake's store, if it is in one; the manifest goes last."""
        if self.remote is not None:
            self.remote.keep(run_id, manifest)

    def finished(self, run_id: str) -> None:
        """Tell the lake's store that a run is published."""
        if self.remote is not None:
            self.remote.store.finished(run_id)

    def keep_new(self, run_id: str, manifest: Mapping[str, Any]) -> bool:
        """Copy a new run to the lake's store; False if another machine has begun it before."""
        return self.remote is None or self.remote.keep_new(run_id, manifest)

    def fetch_input(self, location: str | Path) -> Path:
        """Return the local file of an input; one in a store is fetched first.

        Raises
        ------
        InputError
            If the address names no object.
        """
        if not is_address(location):
            return Path(location)
        folder, _ = split_address(str(location))
        copy = self.remote or WorkingCopy.open(folder)
        return copy.fetch_input(str(location))

    def run(self, run_id: str) -> RunPaths:
        """Paths of the run ``run_id``, which need not exist.

        Raises
        ------
        InputError
            If the id could not be the name of a folder.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise InputError(
                f"run id {run_id!r}: use 1 to 100 letters, digits, '.', '_' or '-', "
                "starting with a letter or digit"
            )
        return RunPaths(self.root, run_id)

    def read_manifest(self, run_id: str) -> dict[str, Any]:
        """Read ``run.json`` of a run.

        Raises
        ------
        InputError
            If there is no such run in the lake.
        RunError
            If the manifest cannot be read.
        """
        path = self.run(run_id).manifest
        self.refresh()
        if not path.exists():
            known = ", ".join(manifest["run_id"] for manifest in self.manifests()[:5]) or "none"
            raise InputError(f"no run {run_id!r} in {self.address} (runs there: {known})")
        return read_json(path)

    def manifests(self) -> list[dict[str, Any]]:
        """Return the manifests of all runs, the newest first."""
        self.refresh()
        found = [read_json(path) for path in (self.root / "runs").glob("*/run.json")]
        return sorted(found, key=lambda run: str(run.get("started", "")), reverse=True)

    def delete_run(self, run_id: str) -> None:
        """Delete every file of a run."""
        paths = self.run(run_id)
        if self.remote is not None:
            self.remote.delete(run_id)
        folders = {path.parent for path in paths.outputs().values()}
        for folder in (*sorted(folders), paths.folder, self.root / "cache" / run_id):
            if folder.exists():
                shutil.rmtree(folder)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file.

    Raises
    ------
    RunError
        If the file does not hold a JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}); delete the run and start it again") from (
            error
        )
    if not isinstance(value, dict):
        raise RunError(f"{path} does not hold a JSON object; delete the run and start it again")
    return value


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object so that a reader sees the old file or the new one, never a part."""
    with replacing(path) as part:
        part.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, it takes the place of ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several threads of one process may write the same file.
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
