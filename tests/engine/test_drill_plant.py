"""Rings planted into a copy: the data stay, the truth says what was added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.columns import TIME_TYPE
from engine.drill.order import SIZES, Order, Planting, plantings_of
from engine.drill.plant import plant
from engine.errors import InputError
from engine.generate.ring_shapes import TYPOLOGIES

DAY = 86_400_000_000
START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def transactions(rows: int = 400, grain: int = DAY, **columns: Any) -> pa.Table:
    """Sixty days of payments among 80 accounts, of which W gets a third."""
    rng = np.random.default_rng(3)
    times = np.sort(rng.integers(0, 60 * DAY // grain, rows)) * grain + START
    sender = [f"A{n}" for n in rng.integers(0, 80, rows)]
    receiver = [f"B{n}" if n % 3 else "W" for n in rng.integers(0, 80, rows)]
    return pa.table(
        {
            "tx_id": np.arange(rows),
            "time": pa.array(times).cast(TIME_TYPE),
            "sender": sender,
            "receiver": receiver,
            "amount": np.round(rng.uniform(10, 90, rows), 2),
            "type": pa.array(["PAYMENT", "TRANSFER"] * (rows // 2)).dictionary_encode(),
            **columns,
        }
    )


def order(*plantings: Planting, **changes: Any) -> Order:
    return Order("any", plantings or (Planting("cycle", 2, 4, 5),), **changes)


def rows_of(planted: pa.Table, ring: dict[str, Any]) -> list[dict[str, Any]]:
    return [planted.slice(row, 1).to_pylist()[0] for row in ring["rows"]]


@pytest.mark.parametrize("typology", TYPOLOGIES)
def test_a_shape_has_as_many_accounts_as_the_table_of_sizes_says(typology: str) -> None:
    rng = np.random.default_rng(0)
    sizes = {TYPOLOGIES[typology](rng).members for _ in range(600)}
    assert (min(sizes), max(sizes)) == SIZES[typology]


def test_a_planted_cycle_goes_round_its_members_in_time() -> None:
    planted = plant(transactions(), order(Planting("cycle", 1, 4, 4)))
    (ring,) = planted.truth.to_pylist()
    rows = rows_of(planted.transactions, ring)
    assert ring["typology"] == "cycle"
    assert len(ring["members"]) == len(rows) == ring["n_transactions"] == 4
    assert [row["receiver"] for row in rows] == [row["sender"] for row in rows[1:] + rows[:1]]
    assert {row["sender"] for row in rows} == set(ring["members"])
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert ring["amount"] == pytest.approx(sum(row["amount"] for row in rows))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    typologies=st.lists(st.sampled_from(sorted(TYPOLOGIES)), min_size=1, max_size=4),
    grain=st.sampled_from([DAY, 3_600_000_000, 1_000_000]),
    first=st.integers(1, 28),
)
def test_every_row_of_the_data_stays_and_every_planted_one_lies_in_the_period(
    seed: int, typologies: list[str], grain: int, first: int
) -> None:
    data = transactions(grain=grain)
    wanted = tuple(Planting.of(name, 1) for name in typologies)
    made = plant(data, order(*wanted, seed=seed, start=f"2026-01-{first:02}", end="2026-02-10"))
    planted = {row for ring in made.truth.to_pylist() for row in ring["rows"]}
    own = [row for n, row in enumerate(made.transactions.to_pylist()) if n not in planted]
    assert own == data.drop_columns(["tx_id"]).to_pylist()
    times = made.transactions["time"].to_pylist()
    assert times == sorted(times)
    low, high = datetime(2026, 1, first), datetime(2026, 2, 10, 23, 59, 59)
    for ring in made.truth.to_pylist():
        assert low <= ring["start"] <= ring["end"] <= high
        assert len(set(ring["members"])) == len(ring["members"])
        smallest, largest = SIZES[ring["typology"]]
        assert smallest <= len(ring["members"]) <= largest


def test_the_same_seed_plants_the_same_and_another_one_does_not() -> None:
    one, again, other = (plant(transactions(), order(seed=seed)) for seed in (5, 5, 6))
    assert one.transactions.equals(again.transactions)
    assert one.truth["members"] != other.truth["members"]


def test_times_are_as_coarse_as_those_of_the_data() -> None:
    planted = plant(transactions(grain=DAY), order(Planting.of("stack", 3)))
    micros = planted.transactions["time"].cast(pa.int64()).to_numpy()
    assert not (micros % DAY).any()


def test_members_come_from_the_type_of_the_transfers_and_are_not_the_busiest() -> None:
    planted = plant(transactions(), order(*(Planting.of(name, 2) for name in TYPOLOGIES)))
    rows = [
        row for ring in planted.truth.to_pylist() for row in rows_of(planted.transactions, ring)
    ]
    assert {row["type"] for row in rows} == {"TRANSFER"}
    assert "W" not in {row[side] for row in rows for side in ("sender", "receiver")}


def test_amounts_are_round_the_median_that_was_asked_for() -> None:
    planted = plant(transactions(), order(Planting.of("fan_in", 40), amount=5000.0))
    sums = planted.truth.to_pylist()
    amounts = [ring["amount"] / ring["n_transactions"] for ring in sums]
    assert 3500 < float(np.median(amounts)) < 7000


def test_a_planted_sender_can_pay_and_is_not_emptied() -> None:
    balances: dict[str, Any] = dict.fromkeys(
        ("sender_balance_before", "sender_balance_after"), np.zeros(400)
    )
    planted = plant(transactions(**balances), order())
    for ring in planted.truth.to_pylist():
        for row in rows_of(planted.transactions, ring):
            left = row["sender_balance_before"] - row["amount"]
            assert row["sender_balance_after"] == pytest.approx(left)
            assert left > 0


def test_with_labels_rings_lie_in_the_part_that_is_judged_and_are_labelled() -> None:
    data = transactions(label=np.zeros(400, np.int8))
    made = plant(data, order(Planting.of("cycle", 4), labels="auto"))
    rows = [row for ring in made.truth.to_pylist() for row in ring["rows"]]
    whole = made.transactions.num_rows
    assert min(rows) >= round(0.8 * whole)
    labels = made.transactions["label"].to_numpy()
    assert labels[rows].all()
    assert labels.sum() == len(rows)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plantings": (Planting("cycle", 1, 30, 40),)}, "cycle has 3 to 10 accounts here"),
        ({"plantings": (Planting("square", 1, 3, 4),)}, "cannot plant 'square'"),
        ({"plantings": ()}, "plant 1 to 200 rings, not 0"),
        ({"amount": 0.0}, "give 0.01 or more"),
        ({"start": "2027-01-01"}, "from 2026-01-01 to 2026-0"),
        ({"start": "2026-02-02", "end": "2026-02-01"}, "before it starts"),
        ({"start": "Monday"}, "no date like"),
    ],
)
def test_what_cannot_be_planted_is_refused(changes: dict[str, Any], message: str) -> None:
    wanted = {"source": "any", "plantings": (Planting.of("cycle", 1),)} | changes
    with pytest.raises(InputError, match=message):
        plant(transactions(), Order(**wanted))


def test_data_without_accounts_take_no_ring() -> None:
    with pytest.raises(InputError, match="no accounts"):
        plant(transactions().drop_columns(["sender", "receiver"]), order())


def test_a_command_line_says_how_many_and_how_large() -> None:
    assert plantings_of(["cycle=2", "fan_in=1"], "4-9") == (
        Planting("cycle", 2, 4, 9),
        Planting("fan_in", 1, 6, 9),
    )
    with pytest.raises(InputError, match="a typology and a number"):
        plantings_of(["cycle"])
