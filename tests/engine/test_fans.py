"""Fans: many new counterparties at once are found; a steady flow of them is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.config import RingConfig
from engine.rings.candidates import members
from engine.rings.fans import find_fans
from engine.rings.links import find_links
from engine.rings.motifs import Motif
from engine.rings.rare import rare_graph
from tests.engine.rows import Row, transactions, transfers_of

#: Fans that chance makes in fewer than one in ten such inputs.
CONFIG = RingConfig(min_surprise=1.0)
DAY = 24.0
PERIOD = 200 * DAY


def background(seed: int = 1) -> list[Row]:
    """Return a year of ordinary payments: 600 between 150 accounts at random times."""
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, 150, (600, 2))
    hours = rng.uniform(0, PERIOD, 600)
    return [
        (float(h), f"N{a}", f"N{b}", 50.0) for h, (a, b) in zip(hours, pairs, strict=True) if a != b
    ]


def burst(
    payers: int, *, days: float = 2.0, hub: str = "HUB", start: float = 100 * DAY
) -> list[Row]:
    """Return ``payers`` new payers of the hub, spread over a few days."""
    return [(start + i * days * DAY / payers, f"P{i}", hub, 900.0) for i in range(payers)]


def steady(payers: int) -> list[Row]:
    """Return the same number of new payers, spread over the whole period: a merchant."""
    return [((i + 0.5) * PERIOD / payers, f"M{i}", "SHOP", 900.0) for i in range(payers)]


def turned(rows: list[Row]) -> list[Row]:
    return [(hour, receiver, sender, amount) for hour, sender, receiver, amount in rows]


def fans(rows: list[Row], config: RingConfig = CONFIG) -> list[tuple[str, str, Motif]]:
    """Return the fans with their hub's name."""
    transfers, accounts = transfers_of(transactions(sorted(rows, key=lambda row: row[0])))
    names = accounts.names.to_pylist()
    graph = rare_graph(transfers, config)
    return [
        (motif.typology, names[motif.hub], replace(motif, edges=np.sort(graph.rows[motif.edges])))
        for motif in find_fans(graph, find_links(graph, config), config)
    ]


def found(rows: list[Row], config: RingConfig = CONFIG) -> set[tuple[str, str]]:
    return {(typology, hub) for typology, hub, _ in fans(rows, config)}


def test_a_burst_of_new_payers_is_a_fan_in() -> None:
    assert ("fan_in", "HUB") in found(background() + burst(15))


def test_a_burst_of_new_payees_is_a_fan_out() -> None:
    assert ("fan_out", "HUB") in found(background() + turned(burst(15)))


def test_a_steady_merchant_with_as_many_payers_is_none() -> None:
    assert found(background() + steady(15)) == set()


def test_ordinary_payments_hold_no_fan() -> None:
    assert found(background()) == set()


def test_pairs_that_keep_paying_are_no_fan() -> None:
    """A payroll: the same fifteen, month after month."""
    months = [
        (month * 30 * DAY + i / 10, f"P{i}", "HUB", 900.0) for month in range(6) for i in range(15)
    ]
    assert found(background() + months) == set()


def test_transfers_to_oneself_are_no_fan() -> None:
    own = [(100 * DAY + i / 10, "HUB", "HUB", 900.0) for i in range(2)]
    assert found(background() + own * 10) == set()


def test_fewer_counterparties_than_the_setting_are_no_fan() -> None:
    rows = background() + burst(15)
    assert ("fan_in", "HUB") in found(rows, replace(CONFIG, min_counterparties=15))
    assert found(rows, replace(CONFIG, min_counterparties=16)) == set()


def test_a_fan_is_proved_by_the_transactions_of_its_burst_alone() -> None:
    later = [(190 * DAY, "Q", "HUB", 5.0)]
    rows = sorted(background() + burst(15) + later, key=lambda row: row[0])
    [(_, _, fan)] = fans(rows)
    assert [rows[i][1] for i in fan.edges] == [f"P{i}" for i in range(15)]
    transfers, accounts = transfers_of(transactions(rows))
    ring = accounts.names.take(members(transfers, fan.edges)).to_pylist()
    assert set(ring) == {"HUB", *(f"P{i}" for i in range(15))}


def test_a_burst_never_lasts_longer_than_the_window() -> None:
    rows = background() + burst(60, days=20)
    for _, _, fan in fans(rows, replace(CONFIG, fine_window_hours=240)):
        table = transactions(sorted(rows, key=lambda row: row[0]))
        hours = table["time"].to_numpy()[fan.edges]
        assert hours[-1] - hours[0] <= np.timedelta64(240, "h")


def test_more_payers_at_once_are_more_surprising() -> None:
    surprise = [fans(background() + burst(payers))[0][2].surprise for payers in (12, 16, 24)]
    assert surprise == sorted(surprise)
    assert surprise[0] < surprise[-1]


def test_the_same_burst_is_less_surprising_where_the_account_is_busy_anyway() -> None:
    silent = fans(background() + burst(20))[0][2]
    customers = [(hour, sender, "HUB", amount) for hour, sender, _, amount in steady(60)
                 if abs(hour - 100 * DAY) > 20 * DAY]  # fmt: skip
    busy = max(
        (c for *_, c in fans(background() + burst(20) + customers)), key=lambda c: c.surprise
    )
    assert len(busy.edges) == len(silent.edges) == 20
    assert busy.expected > silent.expected
    assert busy.surprise < silent.surprise


def test_names_of_accounts_change_no_fan() -> None:
    rows = background() + burst(15)
    renamed = [(hour, f"{sender}z", f"z{receiver}"[1:] + "z", amount)
               for hour, sender, receiver, amount in rows]  # fmt: skip
    assert found(renamed) == {(typology, f"{hub}z") for typology, hub in found(rows)}
    assert [c.surprise for *_, c in fans(renamed)] == [c.surprise for *_, c in fans(rows)]


def test_no_transactions_hold_no_fan() -> None:
    repeated = [(float(i), "A", "B", 1.0) for i in range(5)]
    assert fans(repeated) == []
