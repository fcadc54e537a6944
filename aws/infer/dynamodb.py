"""Profiles in a DynamoDB table with one string key ``pk`` and a time to live, ``expires``.

Keys start with what they are of: ``a#`` an account, ``r#`` a request, ``c#`` a claim. DynamoDB
deletes expired items when it likes, so whoever reads one looks at ``expires`` too.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws.clients import error_code, translated
from aws.infer.quick_clients import quick_client
from engine.realtime.store import Answered, Change, Pointer, Reading, Stored, StoreError

_POINTER = "pointer"
#: What the API takes in one call.
_READ_AT_ONCE, _WRITE_AT_ONCE = 100, 25
_THREADS = 8
#: What the table puts off is sent again, with longer and longer waits.
_ATTEMPTS, _LONGEST_WAIT = 12, 5.0
_LOST_RACE = {"ConditionalCheckFailed", "TransactionConflict"}

Item = dict[str, dict[str, Any]]


def open_store(table: str) -> DynamoStore:
    """Open the store in a table."""
    return DynamoStore(table)


@dataclass(slots=True)
class DynamoStore:
    """Profiles in a table; see :class:`engine.realtime.store.ProfileStore`.

    ``add`` writes in batches, for a put with a condition would take a call for each account, 25
    times as many; batches know no conditions, so what real-time scoring has recorded of an account
    between the publisher's look for its profile and this write is overwritten, and lost. Profiles
    that exist are always changed under a condition.
    """

    table: str
    db: Any = field(default_factory=lambda: quick_client("dynamodb"), repr=False)

    def read(self, accounts: Sequence[str], request: str = "", now: int = 0) -> Reading:
        keys = [f"a#{account}" for account in dict.fromkeys(accounts)]
        if request:
            keys.append(f"r#{request}")
        parts = [keys[i : i + _READ_AT_ONCE] for i in range(0, len(keys), _READ_AT_ONCE)]
        items: list[Item] = []
        if len(parts) == 1:
            items = self._get(parts[0])
        elif parts:
            with ThreadPoolExecutor(_THREADS) as pool:
                items = [item for found in pool.map(self._get, parts) for item in found]
        profiles, answer = {}, None
        for item in items:
            kind, _, name = item["pk"]["S"].partition("#")
            if kind == "a":
                profiles[name] = Stored(bytes(item["body"]["B"]), int(item["version"]["N"]))
            elif int(item["expires"]["N"]) > now:
                answer = bytes(item["body"]["B"])
        return Reading(profiles, answer)

    def commit(self, changes: Mapping[str, Change], answered: Answered | None = None) -> bool:
        puts = [self._change(account, change) for account, change in changes.items()]
        if answered is not None:
            item = _record(f"r#{answered.request}", answered.answer, answered.expires)
            puts.append(self._put(item, "attribute_not_exists(pk)"))
        with self._asking():
            try:
                self.db.transact_write_items(TransactItems=puts)
            except ClientError as error:
                if _lost_race(error):
                    return False
                raise
        return True

    def add(self, bodies: Iterable[tuple[str, bytes]]) -> None:
        entries = iter(bodies)
        with ThreadPoolExecutor(_THREADS) as pool:
            while ready := list(islice(entries, _THREADS * _WRITE_AT_ONCE)):
                parts = [
                    ready[i : i + _WRITE_AT_ONCE] for i in range(0, len(ready), _WRITE_AT_ONCE)
                ]
                list(pool.map(self._write, parts))

    def claim(self, key: str, expires: int, now: int) -> bool:
        with self._asking():
            try:
                self.db.put_item(
                    TableName=self.table, Item=_record(f"c#{key}", b"", expires),
                    ConditionExpression="attribute_not_exists(pk) OR #expires <= :now",
                    ExpressionAttributeNames={"#expires": "expires"},
                    ExpressionAttributeValues={":now": {"N": str(now)}},
                )  # fmt: skip
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def release(self, key: str) -> None:
        with self._asking():
            self.db.delete_item(TableName=self.table, Key={"pk": {"S": f"c#{key}"}})

    def pointer(self) -> Pointer | None:
        with self._asking():
            found = self.db.get_item(
                TableName=self.table, Key={"pk": {"S": _POINTER}}, ConsistentRead=True
            )
        return Pointer.of(bytes(found["Item"]["body"]["B"])) if "Item" in found else None

    def point(self, pointer: Pointer, *, only_later: bool = False) -> bool:
        item = {"pk": {"S": _POINTER}, "body": {"B": pointer.to_bytes()},
                "finished": {"S": pointer.finished}}  # fmt: skip
        later: dict[str, Any] = {
            "ConditionExpression": "attribute_not_exists(#finished) OR #finished < :finished",
            "ExpressionAttributeNames": {"#finished": "finished"},
            "ExpressionAttributeValues": {":finished": item["finished"]},
        }
        with self._asking():
            try:
                self.db.put_item(TableName=self.table, Item=item, **(later if only_later else {}))
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def _get(self, keys: Sequence[str]) -> list[Item]:
        wanted = {self.table: {"Keys": [{"pk": {"S": key}} for key in keys],
                               "ConsistentRead": True}}  # fmt: skip
        items: list[Item] = []
        with self._asking():
            for wait in _waits():
                found = self.db.batch_get_item(RequestItems=wanted)
                items += found["Responses"].get(self.table, [])
                wanted = found.get("UnprocessedKeys") or {}
                if not wanted:
                    return items
                time.sleep(wait)
        raise StoreError(f"table {self.table} puts reads off: its throughput is used up")

    def _write(self, bodies: Sequence[tuple[str, bytes]]) -> None:
        items = [{"PutRequest": {"Item": _profile(*one, version=1)}} for one in bodies]
        left = {self.table: items}
        with self._asking():
            for wait in _waits():
                left = self.db.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
                if not left:
                    return
                time.sleep(wait)
        raise StoreError(f"table {self.table} puts writes off: its throughput is used up")

    def _change(self, account: str, change: Change) -> dict[str, Any]:
        item = _profile(account, change.body, change.seen + 1)
        if not change.seen:
            return self._put(item, "attribute_not_exists(pk)")
        return self._put(
            item, "#version = :seen",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":seen": {"N": str(change.seen)}},
        )  # fmt: skip

    def _put(self, item: Item, condition: str, **more: Any) -> dict[str, Any]:
        return {
            "Put": {"TableName": self.table, "Item": item, "ConditionExpression": condition, **more}
        }

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise StoreError(str(translated(error, f"table {self.table}"))) from error


def _profile(account: str, body: bytes, version: int) -> Item:
    return {"pk": {"S": f"a#{account}"}, "body": {"B": body}, "version": {"N": str(version)}}


def _record(key: str, body: bytes, expires: int) -> Item:
    return {"pk": {"S": key}, "body": {"B": body}, "expires": {"N": str(expires)}}


def _lost_race(error: ClientError) -> bool:
    """Tell whether a transaction was given up because somebody else wrote the same items."""
    if error_code(error) == "TransactionConflictException":
        return True
    reasons: Any = error.response.get("CancellationReasons", ())
    codes = {reason.get("Code") for reason in reasons} - {"None", None}
    return bool(codes) and codes <= _LOST_RACE


def _waits() -> Iterator[float]:
    for attempt in range(_ATTEMPTS):
        yield random.uniform(0.5, 1) * min(0.05 * 2**attempt, _LONGEST_WAIT)
