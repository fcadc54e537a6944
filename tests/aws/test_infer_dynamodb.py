"""Profiles in DynamoDB: the contract of a store, and what publishing a run needs of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import names
from aws.clients import client
from aws.infer.dynamodb import DynamoStore
from aws.infer.publish_run import publish_run
from aws.infer.quick_clients import quick_client
from aws.infer.service import Service
from aws.infer.settings import Settings
from aws.s3_store import open_store
from engine.generate import write_rings
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan
from engine.realtime.publish import read_past
from engine.realtime.store import ProfileStore, StoreError, open_profiles
from tests.aws.emulator.launcher import Emulated
from tests.engine.store_rules import StoreRules

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.fixture
def table(aws: Emulated, program: pytest.MonkeyPatch) -> str:
    """A new table like the deployed one."""
    quick_client.cache_clear()
    name = f"profiles-{next(_numbers)}"
    aws.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    return name


class TestDynamoStore(StoreRules):
    @pytest.fixture
    def store(self, table: str) -> ProfileStore:
        return open_profiles(f"dynamodb:{table}")

    def test_a_table_that_is_not_there_is_named(self, table: str) -> None:
        with pytest.raises(StoreError, match="no-such-table"):
            open_profiles("dynamodb:no-such-table").read(["A"])


class Throttled:
    """A client that leaves the first items of each batch for later."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.calls = 0

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
        self.calls += 1
        ((table, items),) = RequestItems.items()
        taken, left = items[: len(items) // 2 + 1], items[len(items) // 2 + 1 :]
        self.written += [one["PutRequest"]["Item"]["pk"]["S"] for one in taken]
        return {"UnprocessedItems": {table: left} if left else {}}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        ((table, asked),) = RequestItems.items()
        first, *left = asked["Keys"]
        item = {"pk": first["pk"], "body": {"B": b"1"}, "version": {"N": "1"}}
        rest = {table: {"Keys": left}} if left else {}
        return {"Responses": {table: [item]}, "UnprocessedKeys": rest}


def test_what_the_table_puts_off_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws.infer.dynamodb._waits", lambda: iter([0.0] * 12))
    db = Throttled()
    store = DynamoStore("t", db)
    store.add((f"A{i}", b"1") for i in range(60))
    assert sorted(db.written) == sorted(f"a#A{i}" for i in range(60))
    assert db.calls > 3
    assert store.read(["A", "B", "C"]).profiles.keys() == {"A", "B", "C"}


def test_a_table_that_puts_everything_off_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws.infer.dynamodb._waits", lambda: iter([0.0] * 2))
    db = Throttled()
    with pytest.raises(StoreError, match="throughput"):
        DynamoStore("t", db).add((f"A{i}", b"1") for i in range(25))


@pytest.mark.parametrize(
    ("codes", "lost"),
    [(["None", "ConditionalCheckFailed"], True), (["TransactionConflict"], True),
     (["ConditionalCheckFailed", "ValidationError"], False), (["ThrottlingError"], False)],
)  # fmt: skip
def test_only_a_lost_race_is_a_lost_race(codes: list[str], lost: bool) -> None:
    class Cancels:
        def transact_write_items(self, TransactItems: Any) -> None:
            told = {"Error": {"Code": "TransactionCanceledException"},
                    "CancellationReasons": [{"Code": code} for code in codes]}  # fmt: skip
            raise ClientError(told, "TransactWriteItems")

    store = DynamoStore("t", Cancels())
    if lost:
        assert store.commit({}) is False
    else:
        with pytest.raises(StoreError):
            store.commit({})


def test_a_run_that_ends_in_a_lake_on_s3_scores_from_then_on(
    aws: Emulated, table: str, program: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bucket = f"infer-lake-{next(_numbers)}"
    aws.client("s3").create_bucket(Bucket=bucket)
    program.setenv(names.LAKE, f"s3://{bucket}")
    program.setenv(names.PROFILES, f"dynamodb:{table}")
    program.delenv(names.TOPIC, raising=False)
    path = tmp_path / "rings.csv"
    write_rings(1500, 3, path)
    lake = Lake.open(f"s3://{bucket}")
    run(lake, plan(lake, path, run_id="first", labels="ignore"))
    profiles = open_profiles(f"dynamodb:{table}")
    pointer = profiles.pointer()
    assert pointer is not None
    assert pointer.run_id == "first"
    service = Service.of(Settings.load())
    assert service.in_use()[0].run_id == "first"

    # Told again, or told of an older run, nothing changes.
    store = open_store(f"s3://{bucket}")
    assert publish_run(store, "first", profiles) is None
    run(lake, plan(lake, path, run_id="second", labels="ignore"))
    second = profiles.pointer()
    assert second is not None
    assert publish_run(store, "first", profiles) is None
    assert profiles.pointer() == second

    # And where the later one ends while the earlier one is at it.
    finished = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")
    later = replace(second, run_id="later", finished=finished)
    profiles.point(replace(pointer, run_id="earliest", finished="2020-01-01T00:00:00+00:00"))
    with program.context() as meanwhile:

        def slowly(*given: Any) -> Any:
            profiles.point(later)
            return read_past(*given)

        meanwhile.setattr("engine.realtime.publish.read_past", slowly)
        assert publish_run(store, "second", profiles) is not None
    assert profiles.pointer() == later
    client.cache_clear()
