"""A store of objects in an S3 bucket.

Credentials, region, profile and endpoint are boto3's own business (``AWS_PROFILE``,
``AWS_ENDPOINT_URL`` and so on); none is named here, and none is ever logged.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError

from aws import names
from aws.clients import client, error_code, translated
from engine.errors import EngineError, InputError, RunError
from engine.identity import sha256_of
from engine.lake import replacing
from engine.storage import StoredObject

#: Parts of 8 MiB, four at a time: memory stays at a few parts whatever the size of the object.
_TRANSFER = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20,
                           max_concurrency=4)  # fmt: skip
_CHUNK = 1 << 20
#: Metadata of an object: the SHA-256 of the file it was made from.
_SHA256 = "sha256"
#: Metadata of an object that was written on a condition: who wrote it.
_TOKEN = "token"
#: Errors of an answer that breaks off; after so many the object is given up.
_BROKEN = (HTTPClientError, IncompleteReadError)
_BREAKS = 4
_REFUSED = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")
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
        content = bytearray()
        with self._asking(key):
            try:
                self._receive(key, content.extend)
            except ClientError as error:
                if error_code(error) in _ABSENT:
                    return None
                raise
        return bytes(content)

    def write(self, key: str, content: bytes) -> None:
        """Write a small object."""
        with self._asking(key):
            self.s3.put_object(Bucket=self.bucket, Key=self._key(key), Body=content)

    def create(self, key: str, content: bytes) -> bool:
        """Write a small object unless there is one; tell whether it was written."""
        return self._write_if(key, content, IfNoneMatch="*")

    def replace(self, key: str, content: bytes, version: str) -> bool:
        """Write a small object in place of this version of it; tell whether it was that one."""
        return self._write_if(key, content, IfMatch=version)

    def _write_if(self, key: str, content: bytes, **condition: str) -> bool:
        """Write an object on a condition; tell whether it was written.

        Where an answer is lost boto3 asks again, and meets what it has written itself: the object
        carries a token that tells.
        """
        token = uuid.uuid4().hex
        where = {"Bucket": self.bucket, "Key": self._key(key)}
        with self._asking(key):
            try:
                self.s3.put_object(**where, Body=content, Metadata={_TOKEN: token}, **condition)
            except ClientError as error:
                if error_code(error) not in (*_REFUSED, *_ABSENT):
                    raise
                return self._token(where) == token
        return True

    def _token(self, where: dict[str, str]) -> str | None:
        try:
            found = self.s3.head_object(**where)["Metadata"].get(_TOKEN)
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return None
            raise
        return None if found is None else str(found)

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
            digest = hashlib.sha256()
            with part.open("wb") as file:

                def take(chunk: bytes) -> None:
                    digest.update(chunk)
                    file.write(chunk)

                expected = self._receive(key, take, version_id).get(_SHA256)
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
        """Tell of the run's rings where a topic is named; score by it where profiles are kept."""
        topic = os.environ.get(names.TOPIC)
        if topic:
            from aws.announce import announce

            announce(self, run_id, topic)
        profiles = os.environ.get(names.PROFILES)
        if profiles:
            from aws.infer.publish_run import publish_run
            from engine.realtime.store import open_profiles

            publish_run(self, run_id, open_profiles(profiles))

    def _receive(
        self, key: str, take: Callable[[bytes], object], version_id: str | None = None
    ) -> dict[str, str]:
        """Read an object to its end, over broken connections; return its metadata.

        boto3 asks again where a request fails, but not where its answer breaks off.
        """
        which = {"VersionId": version_id} if version_id else {}
        length, got, breaks = 1, 0, 0
        while True:
            found = self.s3.get_object(Bucket=self.bucket, Key=self._key(key), **which)
            length = length if got else int(found["ContentLength"])
            # A server may leave a range out of account and send the whole object again.
            known = got if "ContentRange" not in found else 0
            try:
                for chunk in found["Body"].iter_chunks(_CHUNK):
                    new = chunk[known:]
                    known = max(known - len(chunk), 0)
                    take(new)
                    got += len(new)
            except _BROKEN:
                breaks += 1
                if breaks > _BREAKS:
                    raise
            if got >= length:
                return dict(found["Metadata"])
            if got:  # the rest of this very object, or nothing
                which |= {"Range": f"bytes={got}-", "IfMatch": found["ETag"]}

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _short(self, key: str) -> str:
        return key.removeprefix(f"{self.prefix}/") if self.prefix else key

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        """Turn what S3 answers into an error that says what, where, and how to mend it."""
        try:
            yield
        except S3UploadFailedError as error:  # boto3 hides what S3 answered behind it
            answered = error.__context__
            raise self._told(
                answered if isinstance(answered, ClientError) else error, key
            ) from error
        except (BotoCoreError, ClientError) as error:
            raise self._told(error, key) from error

    def _told(self, error: Exception, key: str) -> EngineError:
        where = f"{self.address}/{key}"
        code = error_code(error) if isinstance(error, ClientError) else ""
        if code in _ABSENT:
            return InputError(f"{where}: there is no such object")
        if code == "NoSuchBucket":
            return InputError(f"{where}: there is no bucket {self.bucket}")
        if code in ("PreconditionFailed", "412"):
            return RunError(f"{where} was replaced meanwhile; try again")
        return translated(error, where)
