"""Structuring: amounts just below the threshold, rare for the account, with further signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import betabinom

from engine.config import RingConfig
from engine.rings.structuring import _Spread, _surprise, find_structuring
from tests.engine.rows import Row, transactions, transfers_of

DAY = 24.0
CONFIG = RingConfig(min_surprise=1.0)


def ordinary(seed: int = 1) -> list[Row]:
    """Return 200 days of payments among 150 accounts; some are above and below the threshold."""
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, 150, (1500, 2))
    hours, amounts = rng.uniform(0, 200 * DAY, 1500), rng.lognormal(np.log(800), 1.2, 1500)
    return [
        (float(h), f"N{a}", f"N{b}", round(float(amount), 2))
        for h, (a, b), amount in zip(hours, pairs, amounts, strict=True) if a != b
    ]  # fmt: skip


def paid_in(amounts: Sequence[float], *, payers: int = 4, gap: float = 3.0) -> list[Row]:
    return [
        (100 * DAY + gap * i, f"P{i % payers}", "COL", amount) for i, amount in enumerate(amounts)
    ]


PAST: list[Row] = [(5 * DAY * i + 1, f"N{i}", "COL", 300.0 + i) for i in range(12)]
BELOW = [9_400.0, 9_700.0, 9_250.0, 9_900.0, 9_600.0]


def found(rows: list[Row], config: RingConfig = CONFIG) -> list[tuple[str, list[float]]]:
    table = transactions(sorted(ordinary() + rows, key=lambda row: row[0]))
    transfers, accounts = transfers_of(table)
    names = accounts.names.to_pylist()
    return [
        (names[ring.hub], (transfers.minor_units[ring.rows] / 100).tolist())
        for ring in find_structuring(transfers, config)
    ]


def test_a_sum_brought_in_below_the_threshold_by_several_is_structuring() -> None:
    assert found(PAST + paid_in(BELOW)) == [("COL", BELOW)]


def test_a_sum_sent_out_below_the_threshold_to_several_is_structuring() -> None:
    turned = [(hour, to, sender, amount) for hour, sender, to, amount in PAST + paid_in(BELOW)]
    assert found(turned) == [("COL", BELOW)]


@pytest.mark.parametrize(
    "rows",
    [
        PAST + paid_in([9_400.0, 9_900.0]),
        PAST + paid_in([8_400.0, 8_700.0, 8_250.0, 8_900.0, 8_600.0]),
        PAST + paid_in([10_400.0, 10_700.0, 10_250.0, 10_900.0, 10_600.0]),
        PAST + paid_in([*BELOW, 10_100.0, 10_300.0, 10_600.0]),
        PAST + paid_in(BELOW, gap=5 * DAY),
        PAST + paid_in(BELOW, payers=1),
        paid_in(BELOW, payers=2, gap=30.0),
    ],
    ids=[
        "two amounts", "far below", "above", "on both sides", "over weeks", "two accounts",
        "one sign alone",
    ],
)  # fmt: skip
def test_what_is_no_structuring(rows: list[Row]) -> None:
    assert found(rows) == []


def test_a_shop_whose_prices_lie_below_the_threshold_structures_nothing() -> None:
    sold = [(2 * DAY * i, f"N{i}", "COL", 9_300.0 + 7 * i) for i in range(90)]
    assert found(sold + paid_in(BELOW)) == []


def test_an_input_of_such_amounts_holds_no_structuring() -> None:
    rng = np.random.default_rng(0)
    rows = [
        (float(h), f"N{a}", f"N{b}", float(amount))
        for h, (a, b), amount in zip(
            np.sort(rng.uniform(0, 90 * DAY, 1500)), rng.integers(0, 60, (1500, 2)),
            rng.uniform(9_000, 11_000, 1500), strict=True,
        ) if a != b
    ]  # fmt: skip
    transfers, _ = transfers_of(transactions(rows))
    assert find_structuring(transfers, CONFIG) == []


def test_the_threshold_is_a_setting() -> None:
    rows = PAST + paid_in([amount / 2 for amount in BELOW])
    assert found(rows) == []
    assert found(rows, RingConfig(min_surprise=1.0, reporting_threshold=5_000.0)) == [
        ("COL", [amount / 2 for amount in BELOW])
    ]


def test_the_surprise_is_the_tail_of_the_beta_binomial() -> None:
    spread = _Spread(inside=0.5, outside=9.5, windows=100.0)
    banded, total, n, trials = (np.array([value]) for value in (5, 40, 4, 10))
    # Outside of the window: 1 of 30 in the band.
    tail = betabinom.sf(3, 10, 1.5, 38.5)
    assert _surprise(banded, total, n, trials, spread)[0] == pytest.approx(-np.log10(100 * tail))


def test_neither_names_nor_the_order_of_equal_times_matter() -> None:
    rows = sorted(ordinary() + PAST + paid_in(BELOW, gap=0.0), key=lambda row: row[0])
    turned = sorted(((h, s[::-1], r[::-1], a) for h, s, r, a in rows[::-1]), key=lambda row: row[0])
    (one,), (other,) = (
        find_structuring(transfers_of(transactions(given))[0], CONFIG) for given in (rows, turned)
    )
    assert one.surprise == other.surprise
    assert sorted(rows[i][3] for i in one.rows) == sorted(turned[i][3] for i in other.rows)
