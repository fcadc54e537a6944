"""One upload: fetched, cleaned into ``prepped/``, and sent on.

Everything is named after the content, so the same upload twice, or the same event twice, ends in
the same run: the second finds the work done.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote_plus

from aws import names
from aws.batch.chain import Request, submit
from aws.ingest.settings import Settings
from aws.s3_store import S3Store, open_store
from engine.errors import EngineError, InputError
from engine.identity import default_run_id
from engine.ingest import ingest
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan, plan_rest
from engine.working_copy import WorkingCopy

Next = Literal["batch", "done", "left", "ignored"]
#: Disk that cleaning takes, as a multiple of the upload: the upload, the spool, the result.
_DISK_FACTOR = 3


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that was put under ``raw/``.

    Attributes
    ----------
    key
        As S3 knows it, decoded.
    version
        Version id; empty where the bucket keeps no versions.
    """

    bucket: str
    key: str
    version: str
    size: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an upload."""

    run_id: str
    rows: int | None
    rejected: int | None
    next: Next


def uploads(event: dict[str, Any]) -> Iterator[Upload]:
    """Yield the uploads that an S3 event tells of; S3's test event tells of none.

    Raises
    ------
    InputError
        If it is no event of S3's.
    """
    if event.get("Event") == "s3:TestEvent":
        return
    if "Records" not in event:
        raise InputError("this message is no event of S3's: it has no Records")
    for record in event["Records"]:
        s3 = record["s3"]
        yield Upload(
            s3["bucket"]["name"], unquote_plus(s3["object"]["key"]),
            s3["object"].get("versionId") or "", int(s3["object"].get("size", 0)),
        )  # fmt: skip


def take_in(upload: Upload, settings: Settings) -> Taken:
    """Clean an upload and see to its next stages.

    Raises
    ------
    InputError
        If the upload cannot be read as transactions, or a permission is missing: trying again
        does not help.
    RunError
        If AWS did not answer: trying again may help.
    """
    store = open_store(settings.lake)
    inside = f"{store.prefix}/" if store.prefix else ""
    key = upload.key.removeprefix(inside)
    name = key.rpartition("/")[2]
    is_input = upload.bucket == store.bucket and upload.key.startswith(f"{inside}{names.RAW}/")
    if not is_input or not name or name.startswith("."):
        return Taken("", None, None, "ignored")
    folder = Path(tempfile.mkdtemp(prefix="ringleader-"))
    try:
        if upload.size * _DISK_FACTOR > shutil.disk_usage(folder).free:
            return _too_large(store, upload, key, settings)
        return _take_in(store, upload, key, folder, settings)
    except EngineError as error:
        # People know the upload by its address, not by the file that it was fetched to.
        raise type(error)(str(error).replace(str(folder), store.address)) from error
    finally:
        shutil.rmtree(folder)


def _take_in(store: S3Store, upload: Upload, key: str, folder: Path, settings: Settings) -> Taken:
    lake = Lake(folder, WorkingCopy(store, folder))
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    store.download(key, path, upload.version or None)
    planned = replace(plan(lake, path, past=()), uri=f"{store.address}/{key}")
    # A run that somebody began and that failed before it had its input is begun again.
    begun = json.loads(store.read(f"runs/{planned.run_id}/run.json") or "{}")
    manifest = lake.read_manifest(planned.run_id) if begun.get("stages") else ingest(lake, planned)
    path.unlink()
    told = manifest["input"]
    if manifest["status"] == "done":
        lake.finished(planned.run_id)  # whoever computed it may have failed to tell
        following: Next = "done"
    elif told["rows"] > settings.batch_rows:
        submit(store, Request(planned.run_id, settings.batch_kind, ""))
        following = "batch"
    elif settings.small == "run":
        run(lake, plan_rest(lake, planned.run_id, "cpu"))
        following = "done"
    else:
        following = "left"
    return Taken(planned.run_id, told["rows"], told["rejected"], following)


def _too_large(store: S3Store, upload: Upload, key: str, settings: Settings) -> Taken:
    """Leave the cleaning to the job too: its machine has more disk."""
    version = upload.version or str(upload.size)
    run_id = default_run_id(key.rpartition("/")[2], version, {"key": key})
    submit(store, Request(run_id, settings.batch_kind, key))
    return Taken(run_id, None, None, "batch")
