"""Candidates become rings: doubles go, roles are named, tables keep the contract."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.accounts import Accounts
from engine.config import Config
from engine.rings import RingTables, find_rings
from engine.rings.candidates import Candidate, Transfers
from engine.rings.find import drop_doubles, fingerprint, ring_tables, roles
from tests.engine.rows import Row, transactions, transfers_of
from tests.engine.test_fans import background, burst, turned

#: A, B and C pay H within two hours; H pays D; E pays F.
STORY: list[Row] = [
    (0, "A", "H", 10.10), (1, "B", "H", 20.20), (2, "C", "H", 0.30),
    (3, "H", "D", 30.0), (9, "E", "F", 5.0),
]  # fmt: skip


def story() -> tuple[Transfers, Accounts]:
    return transfers_of(transactions(STORY), [0.2, 0.4, 0.6, 0.8, 0.0])


def candidate(
    *rows: int, score: float = 0.5, typology: str = "community", hub: int = -1
) -> Candidate:
    return Candidate(typology, np.array(rows, np.int64), hub, 2.0, 0.5, score)


def fan_in() -> Candidate:
    _, accounts = story()
    return candidate(0, 1, 2, typology="fan_in", hub=accounts.names.to_pylist().index("H"))


def rings_in(rows: list[Row]) -> RingTables:
    transfers, accounts = transfers_of(transactions(rows))
    return find_rings(transfers, accounts, np.arange(len(rows)) * 10, Config())


def member_sets(tables: RingTables) -> set[frozenset[str]]:
    frame = tables.ring_accounts.to_pandas()
    return {frozenset(ring) for _, ring in frame.groupby("ring_id")["account"]}


def kept(*ranked: Candidate) -> list[list[int]]:
    """Return the rows of each candidate that stays."""
    transfers, _ = story()
    return [c.rows.tolist() for c in drop_doubles(transfers, ranked)]


def test_a_ring_that_shares_half_its_accounts_with_a_better_one_is_a_double() -> None:
    better = candidate(0, 1, 2)  # A B C H
    less = candidate(0, 3)  # A H D: two of five accounts in all
    other = candidate(4)  # E F
    assert kept(better, less, other) == [[0, 1, 2], [0, 3], [4]]
    exactly_half = candidate(0)  # A H: two of four
    assert kept(better, exactly_half) == [[0, 1, 2]]


def test_the_better_of_two_doubles_stays() -> None:
    assert kept(candidate(0, 1, 2), candidate(0, 1)) == [[0, 1, 2]]
    assert kept(candidate(0, 1), candidate(0, 1, 2)) == [[0, 1]]


def test_a_double_of_a_dropped_ring_can_stay() -> None:
    first = candidate(0, 1, 2)  # A B C H
    second = candidate(0, 1)  # A B H, a double of the first
    third = candidate(0, 3)  # A H D, half of the second, two of five with the first
    assert kept(first, second, third) == [[0, 1, 2], [0, 3]]


def test_in_a_fan_in_the_hub_collects_and_the_others_are_sources() -> None:
    transfers, accounts = story()
    names = named_roles(transfers, accounts, fan_in())
    assert names == {"A": "source", "B": "source", "C": "source", "H": "collector"}


def test_in_a_fan_out_the_hub_is_the_source_and_the_others_are_mules() -> None:
    transfers, accounts = transfers_of(transactions(turned(STORY)))
    hub = accounts.names.to_pylist().index("H")
    fan_out = candidate(0, 1, 2, typology="fan_out", hub=hub)
    assert named_roles(transfers, accounts, fan_out) == {
        "A": "mule", "B": "mule", "C": "mule", "H": "source",
    }  # fmt: skip


def test_in_a_community_who_passes_on_is_a_mule() -> None:
    transfers, accounts = story()
    assert named_roles(transfers, accounts, candidate(0, 1, 2, 3)) == {
        "A": "source", "B": "source", "C": "source", "H": "mule", "D": "collector",
    }  # fmt: skip


def named_roles(transfers: Transfers, accounts: Accounts, ring: Candidate) -> dict[str, str]:
    table = ring_tables(transfers, accounts, np.arange(5), [ring]).ring_accounts
    return dict(zip(table["account"].to_pylist(), table["role"].to_pylist(), strict=True))


def test_roles_come_in_the_order_of_the_accounts() -> None:
    transfers, accounts = story()
    codes = np.array([accounts.names.to_pylist().index(name) for name in "HA"], np.int32)
    assert roles(transfers, fan_in(), codes) == ["collector", "source"]


@given(st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=6), st.randoms())
def test_a_fingerprint_does_not_depend_on_the_order(names: set[str], random: object) -> None:
    ordered = sorted(names)
    assert fingerprint(ordered[::-1]) == fingerprint(ordered)


def test_other_accounts_have_another_fingerprint() -> None:
    assert len({fingerprint(["A", "B"]), fingerprint(["A", "C"]), fingerprint(["AB"])}) == 3
    assert len(fingerprint(["A"])) == 16


def test_the_tables_of_a_ring_by_hand() -> None:
    transfers, accounts = story()
    tables = ring_tables(transfers, accounts, np.arange(5) * 10, [fan_in(), candidate(4)])
    first = tables.rings.to_pylist()[0]
    assert first == {
        "learned": False, "evidence": "{}",
        "ring_id": "R00001", "typology": "fan_in", "score": 0.5, "n_accounts": 4,
        "n_transactions": 3, "amount": 30.60, "start": datetime(2026, 1, 5, 0),
        "end": datetime(2026, 1, 5, 2), "fingerprint": fingerprint(["A", "B", "C", "H"]),
        "surprise": 2.0, "expected": 0.5, "mean_risk": pytest.approx(0.4), "checks": "[]",
    }  # fmt: skip
    assert tables.ring_accounts["ring_id"].to_pylist() == ["R00001"] * 4 + ["R00002"] * 2
    assert tables.ring_transactions.to_pylist() == [
        {"ring_id": "R00001", "tx_id": 0}, {"ring_id": "R00001", "tx_id": 10},
        {"ring_id": "R00001", "tx_id": 20}, {"ring_id": "R00002", "tx_id": 40},
    ]  # fmt: skip


def test_no_ring_leaves_empty_tables_with_all_columns() -> None:
    transfers, accounts = story()
    none, one = (ring_tables(transfers, accounts, np.arange(5), c) for c in ([], [fan_in()]))
    for name in ("rings", "ring_accounts", "ring_transactions"):
        assert getattr(none, name).num_rows == 0
        assert getattr(none, name).schema == getattr(one, name).schema


def test_planted_rings_are_found_and_nothing_else() -> None:
    rows = sorted(background() + burst(15), key=lambda row: row[0])
    assert member_sets(rings_in(rows)) == {frozenset({"HUB", *(f"P{i}" for i in range(15))})}


def test_the_best_ring_comes_first() -> None:
    small = burst(14, hub="SMALL", start=500.0)
    large = [(hour, f"L{sender}", receiver, amount) for hour, sender, receiver, amount
             in burst(30, hub="LARGE")]  # fmt: skip
    tables = rings_in(sorted(background() + small + large, key=lambda row: row[0]))
    assert tables.rings["n_accounts"].to_pylist() == [31, 15]
    scores = tables.rings["score"].to_pylist()
    assert scores == sorted(scores, reverse=True)
    assert tables.rings["ring_id"].to_pylist() == ["R00001", "R00002"]


def test_every_ring_is_proved_by_transactions_among_its_own_accounts() -> None:
    rows = sorted(background() + burst(15) + turned(burst(12, hub="OUT", start=900.0)),
                  key=lambda row: row[0])  # fmt: skip
    tables = rings_in(rows)
    for ring in tables.rings["ring_id"].to_pylist():
        frame = tables.ring_accounts.to_pandas()
        accounts = set(frame.loc[frame["ring_id"] == ring, "account"])
        proof = tables.ring_transactions.to_pandas()
        ids = proof.loc[proof["ring_id"] == ring, "tx_id"]
        ends = {end for tx_id in ids for end in rows[tx_id // 10][1:3]}
        assert ends == accounts


def test_renamed_accounts_form_the_same_rings() -> None:
    rows = sorted(background() + burst(15), key=lambda row: row[0])
    renamed = [(h, s[::-1] + "x", r[::-1] + "x", a) for h, s, r, a in rows]
    expected = {
        frozenset(name[::-1] + "x" for name in ring) for ring in member_sets(rings_in(rows))
    }
    assert member_sets(rings_in(renamed)) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffling_rows_of_the_same_moment_changes_no_member_set(seed: int) -> None:
    """Times are whole days here, as in some inputs, so that many rows share a moment."""
    rows = sorted(
        [((h // 24) * 24, s, r, a) for h, s, r, a in background() + burst(15)],
        key=lambda row: row[0],
    )
    rng = np.random.default_rng(seed)
    shuffled = sorted((rows[i] for i in rng.permutation(len(rows))), key=lambda row: row[0])
    assert shuffled != rows
    assert member_sets(rings_in(shuffled)) == member_sets(rings_in(rows)) != set()
