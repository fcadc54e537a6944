"""Chains inferred from equal amounts, where names do not come back."""

from __future__ import annotations

import numpy as np
import pytest

from engine.config import RingConfig
from engine.rings.inferred import find_inferred_chains, names_persist
from engine.rings.search import search
from tests.engine.rows import Row, transactions, transfers_of

CONFIG = RingConfig(min_surprise=1.0)


def strangers(seed: int = 1, n: int = 2000) -> list[Row]:
    """Return payments among accounts that act once, at 400 hours, of any amount in cents."""
    rng = np.random.default_rng(seed)
    amounts = np.round(rng.lognormal(np.log(50_000), 1.0, n), 2)
    return [
        (float(hour), f"S{i}", f"R{i}", float(amount))
        for i, (hour, amount) in enumerate(zip(rng.integers(0, 400, n), amounts, strict=True))
    ]


def found(rows: list[Row], config: RingConfig = CONFIG) -> list[list[float]]:
    transfers, _ = transfers_of(transactions(sorted(strangers() + rows, key=lambda row: row[0])))
    chains, _ = find_inferred_chains(transfers, config)
    assert all(chain.typology == "inferred_chain" for chain in chains)
    return [(transfers.minor_units[chain.rows] / 100).tolist() for chain in chains]


def test_the_same_amount_under_two_names_within_the_hour_is_a_chain() -> None:
    assert found([(50, "A", "B", 731_207.33), (50, "C", "D", 731_207.33)]) == [[731_207.33] * 2]
    assert found([(50, "A", "B", 731_207.33), (51, "C", "D", 731_207.33)]) == [[731_207.33] * 2]


@pytest.mark.parametrize(
    "rows",
    [
        [(50, "A", "B", 731_207.33), (50, "C", "D", 731_207.34)],
        [(50, "A", "B", 731_207.33), (53, "C", "D", 731_207.33)],
        [(50, "A", "B", 731_207.33), (50, "C", "B", 731_207.33)],
        [(50, "A", "B", 0.0), (50, "C", "D", 0.0)],
        [(50 + 20 * i, f"A{i}", f"B{i}", 500_000.0) for i in range(10)]
        + [(50, "C", "D", 500_000.0)],
        [(50, f"A{i}", f"B{i}", 731_207.33) for i in range(8)],
    ],
    ids=[
        "a cent apart",
        "hours apart",
        "a common account",
        "nothing",
        "a common amount",
        "a crowd",
    ],
)
def test_what_is_no_chain(rows: list[Row]) -> None:
    assert found(rows) == []


def test_amounts_too_common_to_follow_are_counted() -> None:
    crowd: list[Row] = [(50, f"A{i}", f"B{i}", 10_000_000.0) for i in range(8)]
    transfers, _ = transfers_of(transactions(sorted(strangers() + crowd, key=lambda row: row[0])))
    chains, notes = find_inferred_chains(transfers, CONFIG)
    assert chains == []
    assert notes[0].startswith("1 amounts occur in runs of more than 5")


def test_where_names_come_back_nothing_is_inferred() -> None:
    rows: list[Row] = [(i, f"S{i % 3}", f"R{i}", 100.0 + i) for i in range(1200)]
    rows += [(1200, "A", "B", 731_207.33), (1200, "C", "D", 731_207.33)]
    transfers, _ = transfers_of(transactions(rows))
    assert names_persist(transfers.sender) == pytest.approx(1200 / 1202)
    assert find_inferred_chains(transfers, CONFIG) == ([], ())


def test_where_every_counterparty_is_new_a_burst_of_them_means_nothing() -> None:
    fan: list[Row] = [(50 + i / 10, f"P{i}", "HUB", 900.0 + i) for i in range(12)]
    rows = sorted(strangers() + fan, key=lambda row: row[0])
    found = search(transfers_of(transactions(rows))[0], RingConfig())
    assert {candidate.typology for candidate in found.candidates} & {"fan_in", "fan_out"} == set()
    assert any(
        note.startswith("fans, paths and layers were not looked for") for note in found.notes
    )
    again = [(hour, f"S{int(s[1:]) % 700}" if s[0] == "S" else s, r, a) for hour, s, r, a in rows]
    found = search(transfers_of(transactions(again))[0], RingConfig())
    assert "fan_in" in {candidate.typology for candidate in found.candidates}


def test_neither_names_nor_the_order_of_equal_times_matter() -> None:
    rows = sorted(
        [*strangers(), (50, "A", "B", 731_207.33), (50, "C", "D", 731_207.33)],
        key=lambda row: (row[0], row[3]),
    )
    turned = sorted(
        ((h, f"x{s[::-1]}", f"y{r[::-1]}", a) for h, s, r, a in rows), key=lambda r: (r[0], -r[3])
    )
    (one,), (other,) = (
        find_inferred_chains(transfers_of(transactions(given))[0], CONFIG)[0]
        for given in (rows, turned)
    )
    assert one.surprise == other.surprise
    assert [rows[i][3] for i in one.rows] == [turned[i][3] for i in other.rows]
