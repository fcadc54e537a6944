"""A store of objects in an S3 bucket.

Credentials, region, profile and endpoint are boto3's own business (``AWS_PROFILE``,
``AWS_ENDPOINT_URL`` and so on); none is named here, and none is ever logged.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from aws import names
from aws.clients import client, error_code, translated
from engine.errors import InputError, RunError
from engine.identity import sha256_of
from engine.lake import replacing
from engine.storage import StoredObject

#: Parts of 8 MiB, four at a time: memory stays at a few parts whatever the size of the object.
_TRANSFER = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20,
                           max_concurrency=4)  # fmt: skip
_CHUNK = 1 << 20
#: Metadata of an object: the SHA-256 of the file it was made from.
_SHA256 = "sha256"
_ABSENT = ("404", "NoSuchKey", "NotFound")


def open_store(address: str) -> S3Store:
    """Open ``s3://bucket[/prefix]``.

    Raises
    ------
    InputError
        If the address names no bucket.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    if not bucket:
        raise InputError(f"{address}: name a bucket, e.g. s3://my-lake")
    return S3Store(bucket, prefix.strip("/"))


@dataclass(slots=True)
class S3Store:
    """Objects of a bucket below a prefix; see :class:`engine.storage.Store`."""

    bucket: str
    prefix: str = ""
    s3: Any = field(default_factory=lambda: client("s3"), repr=False)

    @property
    def address(self) -> str:
        """Return ``s3://bucket[/prefix]``."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def list(self, prefix: str = "") -> list[StoredObject]:
        """Return the objects whose keys start with ``prefix``, by key."""
        pages = self.s3.get_paginator("list_objects_v2")
        with self._asking(prefix):
            return [
                StoredObject(self._short(entry["Key"]), int(entry["Size"]), entry["ETag"],
                             entry["LastModified"])
                for page in pages.paginate(Bucket=self.bucket, Prefix=self._key(prefix))
                for entry in page.get("Contents", ())
            ]  # fmt: skip

    def find(self, key: str) -> StoredObject | None:
        """Return what is known of an object, ``None`` where there is none."""
        with self._asking(key):
            try:
                head = self.s3.head_object(Bucket=self.bucket, Key=self._key(key))
            except ClientError as error:
                if error_code(error) in _ABSENT:
                    return None
                raise
        return StoredObject(key, int(head["ContentLength"]), head["ETag"], head["LastModified"])

    def read(self, key: str) -> bytes | None:
        """Return the bytes of a small object, ``None`` where there is none."""
        with self._asking(key):
            try:
                found = self.s3.get_object(Bucket=self.bucket, Key=self._key(key))
            except ClientError as error:
                if error_code(error) in _ABSENT:
                    return None
                raise
            return bytes(found["Body"].read())

    def write(self, key: str, content: bytes) -> None:
        """Write a small object."""
        with self._asking(key):
            self.s3.put_object(Bucket=self.bucket, Key=self._key(key), Body=content)

    def create(self, key: str, content: bytes) -> bool:
        """Write a small object unless there is one; tell whether it was written."""
        with self._asking(key):
            try:
                self.s3.put_object(
                    Bucket=self.bucket, Key=self._key(key), Body=content, IfNoneMatch="*"
                )
            except ClientError as error:
                if error_code(error) in ("PreconditionFailed", "ConditionalRequestConflict", "412"):
                    return False
                raise
        return True

    def upload(self, path: Path, key: str) -> str:
        """Write a file of any size, in parts; return the SHA-256 of its bytes."""
        sha256 = sha256_of(path)
        with self._asking(key):
            self.s3.upload_file(
                str(path), self.bucket, self._key(key), Config=_TRANSFER,
                ExtraArgs={"Metadata": {_SHA256: sha256}},
            )  # fmt: skip
        return sha256

    def download(self, key: str, path: Path, version_id: str | None = None) -> str:
        """Read an object of any size into a file that appears whole; return its SHA-256.

        Parameters
        ----------
        version_id
            Which version of it, in a bucket that keeps versions; default: the latest.

        Raises
        ------
        InputError
            If there is no such object.
        RunError
            If what arrived is not what was uploaded.
        """
        with self._asking(key), replacing(path) as part:
            which = {"VersionId": version_id} if version_id else {}
            found = self.s3.get_object(Bucket=self.bucket, Key=self._key(key), **which)
            digest = hashlib.sha256()
            with part.open("wb") as file:
                for chunk in found["Body"].iter_chunks(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
            expected = found["Metadata"].get(_SHA256)
            if expected is not None and digest.hexdigest() != expected:
                raise RunError(
                    f"{self.address}/{key}: what arrived is not what was uploaded; try again"
                )
        return digest.hexdigest()

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens where there is none."""
        with self._asking(key):
            self.s3.delete_object(Bucket=self.bucket, Key=self._key(key))

    def finished(self, run_id: str) -> None:
        """Send the run's ring alerts to the topic that ``RINGLEADER_TOPIC`` names, if it does."""
        topic = os.environ.get(names.TOPIC)
        if topic:
            from aws.announce import announce

            announce(self, run_id, topic)

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _short(self, key: str) -> str:
        return key.removeprefix(f"{self.prefix}/") if self.prefix else key

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        """Turn what S3 answers into an error that says what, where, and how to mend it."""
        where = f"{self.address}/{key}"
        try:
            yield
        except ClientError as error:
            if error_code(error) in _ABSENT:
                raise InputError(f"{where}: there is no such object") from error
            if error_code(error) == "NoSuchBucket":
                raise InputError(f"{where}: there is no bucket {self.bucket}") from error
            raise translated(error, where) from error
        except (BotoCoreError, S3UploadFailedError) as error:
            raise translated(error, where) from error
