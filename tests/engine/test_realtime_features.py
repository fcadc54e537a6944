"""One transaction at a time gives the very features that a run computes of the whole file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import FeatureConfig
from engine.features import FeatureMatrix
from engine.intake import detect, read_transactions
from engine.realtime import profile
from engine.realtime.coding import decode, encode
from engine.realtime.profile import EMPTY, Profile, record
from engine.realtime.row import feature_row
from engine.realtime.transaction import Transaction
from tests.engine.realtime_rows import rows_one_by_one, spec_of
from tests.engine.rows import Row, features_of, transactions, values_of

REPOSITORY = Path(__file__).parents[2]


def assert_same_bits(table: pa.Table, features: FeatureMatrix, windows: tuple[int, ...]) -> None:
    """Compare every feature of every row, and say which differ."""
    found, _ = rows_one_by_one(table, spec_of(features, windows))
    wanted = values_of(features)
    differ = np.argwhere(found != wanted)
    assert [
        (int(i), features.names[j], float(found[i, j]), float(wanted[i, j])) for i, j in differ[:5]
    ] == []


ACCOUNTS = st.sampled_from("ABCD")
MOMENTS = st.one_of(
    st.integers(0, 8), st.sampled_from([0.5, 1.0, 23.0, 24.0, 25.0, 168.0, 168.5, 400.0])
)
AMOUNTS = st.one_of(st.integers(1, 10**9).map(lambda cents: cents / 100), st.just(5000.0))


@st.composite
def stories(draw: st.DrawFn) -> list[Row]:
    """Make up to 25 transactions among four accounts; steps between them hit windows' edges."""
    hour, rows = 0.0, []
    for _ in range(draw(st.integers(1, 25))):
        hour += float(draw(MOMENTS)) if draw(st.booleans()) else 0.0
        rows.append((hour, draw(ACCOUNTS), draw(ACCOUNTS), draw(AMOUNTS)))
    return rows


@settings(max_examples=120, deadline=None)
@given(stories())
def test_any_story_gives_the_same_bits_as_a_run(rows: list[Row]) -> None:
    table = transactions(rows)
    assert_same_bits(table, features_of(table), (1, 24, 168))


@settings(max_examples=40, deadline=None)
@given(
    stories(),
    st.lists(st.one_of(st.none(), st.integers(0, 10**8).map(lambda c: c / 100)), min_size=50,
             max_size=50),
)  # fmt: skip
def test_balances_and_types_that_are_there_or_not(
    rows: list[Row], balances: list[float | None]
) -> None:
    n = len(rows)
    table = transactions(
        rows,
        sender_balance_before=balances[:n],
        receiver_balance_before=balances[25 : 25 + n],
        type=[("TRANSFER", "", "Loan", None)[i % 4] for i in range(n)],
        x_age=[None if i % 3 else float(i) for i in range(n)],
    )
    assert_same_bits(table, features_of(table), (1, 24, 168))


def test_other_windows_give_the_same_bits() -> None:
    windows = (2, 50)
    table = transactions([(h * 1.5, "AB"[h % 2], "BCA"[h % 3], h + 0.1) for h in range(60)])
    assert_same_bits(table, features_of(table, FeatureConfig(windows_hours=windows)), windows)


def test_an_account_that_empties_to_the_last_cent_is_seen() -> None:
    table = transactions([(0, "A", "B", 0.1 + 0.2)], sender_balance_before=[0.3])
    features = features_of(table)
    assert features.column("empties_sender")[0] == 1
    assert_same_bits(table, features, (1, 24, 168))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["aml_rings", "paysim"])
def test_the_samples_give_the_same_bits(name: str) -> None:
    path = REPOSITORY / "assets" / "sample" / f"{name}.csv.gz"
    table = read_transactions(path, detect(path)).transactions.slice(0, 12_000)
    assert_same_bits(table, features_of(table), (1, 24, 168))


def test_an_account_with_more_moments_than_are_kept_loses_no_transaction() -> None:
    keep, now = 168 * 3600, 1_000_000
    profiles: dict[str, Profile] = {}
    for i in range(3 * profile.MAX_RECENT):
        profiles |= record(profiles, Transaction("hub", f"B{i}", 1.0, now + i), keep)
    hub = profiles["hub"].out
    assert hub.n == hub.distinct == sum(hub.counts) == 3 * profile.MAX_RECENT
    assert hub.cents == sum(hub.sums) == 300 * profile.MAX_RECENT
    assert len(hub.times) <= profile.MAX_RECENT
    # The whole window is exact; a short one is off by less than a merged pair.
    last = now + 3 * profile.MAX_RECENT - 1
    assert hub.within(last, keep) == (hub.n, hub.cents)
    assert 100 <= hub.within(last, 100)[0] <= 104


def test_a_hub_still_knows_whom_it_met_from_the_other_end() -> None:
    profiles: dict[str, Profile] = {}
    for i in range(profile.MAX_MET + 10):
        profiles |= record(profiles, Transaction("hub", f"B{i}", 1.0, i), 3600)
    late = f"B{profile.MAX_MET + 5}"
    hub = profiles["hub"]
    assert hub.out.is_full
    assert len(hub.out.met) == profile.MAX_MET
    again = Transaction("hub", late, 1.0, 9999)
    assert profile.pair_count(hub, profiles[late], again) == 1
    assert record(profiles, again, 3600)["hub"].out.distinct == profile.MAX_MET + 10
    new = Transaction("hub", "stranger", 1.0, 9999)
    assert record(profiles, new, 3600)["hub"].out.distinct == profile.MAX_MET + 11


def test_a_late_arrival_is_counted_and_moves_no_clock_back() -> None:
    table = transactions([(10.0, "A", "B", 5.0)])
    features = features_of(table)
    _, profiles = rows_one_by_one(table, spec_of(features))
    late = Transaction("A", "B", 7.0, profiles["A"].out.last - 1800)
    values = feature_row(spec_of(features), profiles["A"], profiles["B"], late)
    row = dict(zip(features.names, values, strict=True))
    assert row["sender_out_n_1h"] == 0  # what came later is not "before"
    assert row["sender_gap_hours"] == 0
    after = record(profiles, late, 168 * 3600)["A"].out
    assert (after.n, after.cents, after.last) == (2, 1200, profiles["A"].out.last)
    assert after.times == (late.seconds, profiles["A"].out.last)


def test_sums_stop_at_what_64_bits_hold() -> None:
    profiles: dict[str, Profile] = {}
    for i in range(10_000):
        profiles |= record(profiles, Transaction("A", "B", 1e13, i // 5000), 3600)
    assert decode(encode(profiles["A"])) == profiles["A"]
    assert profiles["A"].out.cents == 2**63 - 1


@settings(max_examples=60, deadline=None)
@given(stories())
def test_a_profile_survives_its_encoding(rows: list[Row]) -> None:
    table = transactions(rows)
    _, profiles = rows_one_by_one(table, spec_of(features_of(table)))
    assert {a: decode(encode(p)) for a, p in profiles.items()} == profiles
    assert decode(encode(EMPTY)) == EMPTY
