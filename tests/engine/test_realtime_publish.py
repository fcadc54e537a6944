"""Publishing a run: profiles equal to those of streaming, and nothing counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from engine.errors import InputError
from engine.features.build import epoch_seconds, minor_units
from engine.generate import write_rings
from engine.lake import Lake, RunPaths
from engine.pipeline import run
from engine.plan import plan
from engine.realtime.coding import decode, encode
from engine.realtime.past import Past, bodies_of, side_of
from engine.realtime.profile import EMPTY, Profile, record
from engine.realtime.publish import publish
from engine.realtime.sqlite_store import SqliteStore
from engine.realtime.store import Change
from engine.realtime.transaction import Transaction
from tests.engine.realtime_rows import stream
from tests.engine.rows import accounts_of, transactions
from tests.engine.test_realtime_features import stories

KEEP = 168 * 3600

PAYSIM = Path(__file__).parents[1] / "data" / "paysim_sample.csv"


def streamed(rows: Iterator[Transaction]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for transaction in rows:
        profiles |= record(profiles, transaction, KEEP)
    return profiles


def built(table: pa.Table) -> dict[str, bytes]:
    accounts = accounts_of(table)
    names = accounts.names.to_pylist()
    past = Past(
        names, accounts.sender, accounts.receiver, epoch_seconds(table), minor_units(table)
    )  # fmt: skip
    out = side_of(past, past.sender, past.receiver, KEEP)
    into = side_of(past, past.receiver, past.sender, KEEP)
    return dict(zip(names, bodies_of(out, into, range(len(names))), strict=True))


@settings(max_examples=80, deadline=None)
@given(stories())
def test_array_code_builds_the_very_bytes_of_streaming(
    rows: list[tuple[float, str, str, float]],
) -> None:
    table = transactions(rows)
    assert built(table) == {name: encode(one) for name, one in streamed(stream(table)).items()}


def test_a_hub_is_built_within_the_bounds_and_loses_nothing() -> None:
    table = transactions([(i / 100, f"A{i}", "hub", 1.0) for i in range(1500)])
    hub = decode(built(table)["hub"]).into
    assert (hub.n, hub.cents, hub.distinct, sum(hub.counts)) == (1500, 150_000, 1500, 1500)
    assert len(hub.times) <= 256
    assert len(hub.met) == 512
    assert hub.is_full


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """Return a finished run of generated rings."""
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    path = tmp_path_factory.mktemp("input") / "rings.csv"
    write_rings(3000, 3, path)
    run(lake, plan(lake, path, run_id="rings", labels="ignore"))
    return lake.run("rings")


def profiles_of(store: SqliteStore, names: list[str]) -> dict[str, Profile]:
    return {name: decode(one.body) for name, one in store.read(names).profiles.items()}


@pytest.mark.slow
class TestPublish:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        store = SqliteStore(tmp_path / "profiles.sqlite")
        yield store
        store.close()

    def test_every_account_gets_its_profile_and_the_scorer_is_in_use(
        self, finished: RunPaths, store: SqliteStore
    ) -> None:
        done = publish(finished, store)
        wanted = streamed(stream(pq.read_table(finished.prepped)))
        assert profiles_of(store, list(wanted)) == wanted
        assert (done.new, done.updated, done.unchanged) == (len(wanted), 0, 0)
        pointer = store.pointer()
        assert pointer is not None
        assert (pointer.run_id, pointer.key) == ("rings", "runs/rings/scorer.npz")
        assert pointer.version == done.version

    def test_accounts_seen_once_may_be_left_out_where_names_do_not_come_back(
        self, finished: RunPaths, store: SqliteStore, tmp_path: Path
    ) -> None:
        lake = Lake.open(tmp_path / "lake")
        run(lake, plan(lake, PAYSIM, run_id="paysim", labels="ignore"))
        publish(lake.run("paysim"), store, only_returning=True)
        rows = list(stream(pq.read_table(lake.run("paysim").prepped)))
        seen = Counter(name for row in rows for name in (row.sender, row.receiver))
        wanted = {name: one for name, one in streamed(iter(rows)).items() if seen[name] > 1}
        assert 0 < len(wanted) < len(seen) / 2
        assert profiles_of(store, list(seen)) == wanted
        # The accounts of the other run do come back: all of them have a profile.
        publish(finished, store, only_returning=True)
        known = list(streamed(stream(pq.read_table(finished.prepped))))
        assert len(profiles_of(store, known)) == len(known)

    def test_publishing_again_changes_nothing(self, finished: RunPaths, store: SqliteStore) -> None:
        first = publish(finished, store)
        names = list(streamed(stream(pq.read_table(finished.prepped))))
        before = store.read(names)
        second = publish(finished, store)
        assert store.read(names) == before
        assert (second.new, second.updated, second.unchanged) == (0, 0, first.new)

    def test_a_file_that_overlaps_adds_only_what_is_later(
        self, finished: RunPaths, store: SqliteStore
    ) -> None:
        rows = list(stream(pq.read_table(finished.prepped)))
        cut = rows[len(rows) // 2].seconds
        earlier = streamed(row for row in rows if row.seconds <= cut)
        store.commit({name: Change(encode(one)) for name, one in earlier.items()})
        done = publish(finished, store)
        wanted = streamed(iter(rows))
        assert profiles_of(store, list(wanted)) == wanted
        assert done.updated > 0

    def test_what_was_recorded_in_real_time_stays(
        self, finished: RunPaths, store: SqliteStore
    ) -> None:
        rows = list(stream(pq.read_table(finished.prepped)))
        live = Transaction(rows[0].sender, "new", 5.0, rows[-1].seconds + 60)
        after = record({}, live, KEEP)
        store.commit({name: Change(encode(one)) for name, one in after.items()})
        publish(finished, store)
        assert profiles_of(store, list(after)) == after

    def test_a_limit_of_days_leaves_out_what_is_older(
        self, finished: RunPaths, store: SqliteStore
    ) -> None:
        rows = list(stream(pq.read_table(finished.prepped)))
        wanted = streamed(r for r in rows if r.seconds >= rows[-1].seconds - 30 * 86400)
        publish(finished, store, days=30)
        everybody = {end for row in rows for end in (row.sender, row.receiver)}
        assert profiles_of(store, sorted(everybody)) == wanted
        assert len(wanted) < len(everybody)

    def test_the_scorer_is_switched_last(
        self, finished: RunPaths, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise OSError("the store is gone")

        monkeypatch.setattr(store, "add", fails)
        with pytest.raises(OSError, match="gone"):
            publish(finished, store)
        assert store.pointer() is None

    def test_a_run_without_accounts_is_refused(self, tmp_path: Path, store: SqliteStore) -> None:
        with pytest.raises(InputError, match="no scorer"):
            publish(Lake.open(tmp_path).run("cards"), store)


def test_a_profile_knows_its_latest_time() -> None:
    after = record({}, Transaction("A", "A", 1.0, 50), KEEP)
    assert after["A"].watermark == 50
    assert EMPTY.watermark is None
