"""Profiles in SQLite: the contract of a store, several writers, and what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InputError, RunError
from engine.realtime.coding import decode, encode
from engine.realtime.profile import EMPTY, record
from engine.realtime.sqlite_store import SqliteStore
from engine.realtime.store import Change, ProfileStore, StoreError, open_profiles
from engine.realtime.transaction import Transaction
from tests.engine.store_rules import StoreRules


class TestSqliteStore(StoreRules):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[ProfileStore]:
        store = SqliteStore(tmp_path / "deep" / "profiles.sqlite")
        yield store
        store.close()

    def test_what_was_committed_is_there_after_opening_anew(self, tmp_path: Path) -> None:
        path = tmp_path / "profiles.sqlite"
        SqliteStore(path).commit({"A": Change(b"1")})
        assert open_profiles(f"sqlite:///{path}").read(["A"]).profiles["A"].body == b"1"

    def test_writers_of_several_connections_lose_no_update(self, tmp_path: Path) -> None:
        path = tmp_path / "profiles.sqlite"
        SqliteStore(path).close()
        payment = Transaction("A", "B", 1.0, 1000)

        def pay(times: int) -> None:
            store = SqliteStore(path)
            for _ in range(times):
                while True:
                    seen = store.read(["A", "B"]).profiles
                    before = {name: decode(one.body) for name, one in seen.items()}
                    after = record(before, payment, 3600)
                    changes = {
                        name: Change(encode(new), seen[name].version if name in seen else 0)
                        for name, new in after.items()
                    }
                    if store.commit(changes):
                        break
            store.close()

        threads = [threading.Thread(target=pay, args=(25,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = open_profiles(f"sqlite:///{path}").read(["A", "B"]).profiles
        assert decode(left["A"].body).out.n == decode(left["B"].body).into.n == 100

    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "profiles.sqlite"
        path.write_bytes(b"this is no database" * 100)
        with pytest.raises(StoreError, match=r"profiles\.sqlite"):
            SqliteStore(path)


@pytest.mark.parametrize("address", ["", "profiles", "redis://x", "dynamodb:", "sqlite:/x"])
def test_an_address_of_no_known_kind_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="sqlite:///"):
        open_profiles(address)


def test_bytes_that_are_no_profile_are_refused() -> None:
    whole = encode(record({}, Transaction("A", "B", 1.0, 0), 3600)["A"])
    for damaged in (b"", whole[:-3], b"\x07" + whole[1:]):
        with pytest.raises(RunError, match="publish"):
            decode(damaged)
    assert decode(encode(EMPTY)) == EMPTY
