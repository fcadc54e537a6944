"""Generated rings satisfy the definition of their typology; look-alikes are innocent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import InputError
from engine.generate import RingData, generate_rings, write_rings

ROWS = 50_000
RINGS = 80
CENT = 0.0101
#: Largest share an account may keep of what it passes on.
MARGIN = 0.1

Ring = pd.DataFrame


@pytest.fixture(scope="module")
def data() -> RingData:
    return generate_rings(ROWS, seed=7, rings=RINGS)


@pytest.fixture(scope="module")
def transactions(data: RingData) -> pd.DataFrame:
    frame: pd.DataFrame = data.transactions.to_pandas()
    return frame


@pytest.fixture(scope="module")
def lookalikes(data: RingData) -> pd.DataFrame:
    frame: pd.DataFrame = data.lookalikes.to_pandas()
    return frame


def is_passed_on(received: float, sent: float, rows: int = 1) -> bool:
    """Whether what was sent is what was received, less at most the margin."""
    return (1 - MARGIN) * received - rows * CENT <= sent <= received + rows * CENT


def is_fan_in(ring: Ring) -> bool:
    return (
        ring["receiver"].nunique() == 1
        and ring["sender"].is_unique
        and len(ring) >= 5
        and ring["receiver"].iloc[0] not in set(ring["sender"])
    )


def is_fan_out(ring: Ring) -> bool:
    return is_fan_in(ring.rename(columns={"sender": "receiver", "receiver": "sender"}))


def is_cycle(ring: Ring) -> bool:
    closed = ring["receiver"].iloc[-1] == ring["sender"].iloc[0]
    simple = ring["sender"].is_unique and 3 <= len(ring) <= 10
    return bool(closed) and simple and is_walk_of_shrinking_amounts(ring)


def is_random(ring: Ring) -> bool:
    return len(ring) >= 3 and is_walk_of_shrinking_amounts(ring)


def is_walk_of_shrinking_amounts(ring: Ring) -> bool:
    joined = ring["sender"].tolist()[1:] == ring["receiver"].tolist()[:-1]
    amounts = ring["amount"].tolist()
    return joined and all(map(is_passed_on, amounts, amounts[1:]))


def is_scatter_gather(ring: Ring) -> bool:
    source, sink = ring["sender"].iloc[0], ring["receiver"].iloc[-1]
    scatter = ring[ring["sender"] == source].set_index("receiver")
    gather = ring[ring["receiver"] == sink].set_index("sender")
    middles = set(scatter.index)
    return (
        source != sink
        and len(middles) >= 3
        and middles == set(gather.index)
        and len(ring) == 2 * len(middles)
        and all(
            scatter["step"][middle] <= gather["step"][middle]
            and is_passed_on(scatter["amount"][middle], gather["amount"][middle])
            for middle in middles
        )
    )


def is_gather_scatter(ring: Ring) -> bool:
    hub = ring["receiver"].iloc[0]
    gather, scatter = ring[ring["receiver"] == hub], ring[ring["sender"] == hub]
    return (
        len(gather) >= 3
        and len(scatter) >= 3
        and len(gather) + len(scatter) == len(ring) == ring_size(ring) - 1
        and gather["step"].max() <= scatter["step"].min()
        and is_passed_on(gather["amount"].sum(), scatter["amount"].sum(), len(ring))
    )


def is_bipartite(ring: Ring) -> bool:
    left, right = set(ring["sender"]), set(ring["receiver"])
    pairs = len(ring[["sender", "receiver"]].drop_duplicates())
    return (
        left.isdisjoint(right)
        and min(len(left), len(right)) >= 3
        and pairs == len(ring) == len(left) * len(right)
    )


def is_stack(ring: Ring) -> bool:
    middle = set(ring["sender"]) & set(ring["receiver"])
    first, last = ring[ring["receiver"].isin(middle)], ring[ring["sender"].isin(middle)]
    received = first.groupby("receiver")["amount"].sum()
    sent = last.groupby("sender")["amount"].sum()
    return (
        len(first) + len(last) == len(ring)
        and is_bipartite(first)
        and is_bipartite(last)
        and first["step"].max() <= last["step"].min()
        and all(is_passed_on(received[who], sent[who], len(ring)) for who in middle)
    )


def ring_size(ring: Ring) -> int:
    return len(set(ring["sender"]) | set(ring["receiver"]))


DEFINITIONS: dict[str, Callable[[Ring], bool]] = {
    "fan_in": is_fan_in,
    "fan_out": is_fan_out,
    "cycle": is_cycle,
    "scatter_gather": is_scatter_gather,
    "gather_scatter": is_gather_scatter,
    "bipartite": is_bipartite,
    "stack": is_stack,
    "random": is_random,
}


def test_tables_have_their_schemas(data: RingData) -> None:
    described = [
        ("members", pa.list_(pa.string())),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("n_tx", pa.int64()),
        ("n_members", pa.int64()),
    ]
    assert data.transactions.schema == pa.schema(
        [
            ("step", pa.int32()),
            ("type", pa.string()),
            ("amount", pa.float64()),
            ("sender", pa.int32()),
            ("receiver", pa.int32()),
            ("is_laundering", pa.int8()),
            ("ring_id", pa.int32()),
        ]
    )
    assert data.rings.schema == pa.schema(
        [("ring_id", pa.int32()), ("typology", pa.string()), *described]
    )
    assert data.lookalikes.schema == pa.schema(
        [
            ("lookalike_id", pa.int32()),
            ("kind", pa.string()),
            *described,
            ("rows", pa.list_(pa.int64())),
        ]
    )


@pytest.mark.parametrize("typology", DEFINITIONS)
def test_every_ring_satisfies_its_definition(
    data: RingData, transactions: pd.DataFrame, typology: str
) -> None:
    rings = data.rings.to_pandas()
    ids = rings.loc[rings["typology"] == typology, "ring_id"]
    assert len(ids) == RINGS / len(DEFINITIONS)
    for ring_id in ids:
        ring = transactions[transactions["ring_id"] == ring_id]
        assert DEFINITIONS[typology](ring), ring


def test_definitions_tell_typologies_apart(data: RingData, transactions: pd.DataFrame) -> None:
    for ring in data.rings.to_pylist():
        rows = transactions[transactions["ring_id"] == ring["ring_id"]]
        fits = {name for name, fits in DEFINITIONS.items() if name != "random" and fits(rows)}
        assert fits <= {ring["typology"]}, ring


def test_truth_describes_the_rows_of_each_ring(data: RingData, transactions: pd.DataFrame) -> None:
    for ring in data.rings.to_pylist():
        rows = transactions[transactions["ring_id"] == ring["ring_id"]]
        members = {str(account) for account in {*rows["sender"], *rows["receiver"]}}
        assert set(ring["members"]) == members
        assert ring["n_members"] == len(ring["members"]) == len(members)
        assert ring["n_tx"] == len(rows)
        assert (ring["start"], ring["end"]) == (rows["step"].min(), rows["step"].max())
        assert 0 <= ring["end"] - ring["start"] <= 20


def test_only_ring_rows_are_laundering(data: RingData, transactions: pd.DataFrame) -> None:
    in_ring = transactions["ring_id"] >= 0
    assert (transactions["is_laundering"] == in_ring).all()
    assert in_ring.sum() == sum(data.rings["n_tx"].to_pylist())


def test_rows_are_in_time_order_and_never_to_oneself(transactions: pd.DataFrame) -> None:
    assert transactions["step"].is_monotonic_increasing
    assert transactions["step"].between(0, 359).all()
    assert (transactions["sender"] != transactions["receiver"]).all()
    assert (transactions["amount"] > 0).all()
    assert (transactions["amount"].round(2) == transactions["amount"]).all()


def test_activity_is_heavy_tailed(transactions: pd.DataFrame) -> None:
    for side in ("sender", "receiver"):
        counts = transactions[side].value_counts()
        assert counts.quantile(0.99) > 8 * counts.median()


def test_a_third_of_rows_is_one_off_noise_among_people(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    is_plain = (transactions["is_laundering"] == 0).to_numpy(copy=True)
    is_plain[np.concatenate(lookalikes["rows"].to_list())] = False
    people = transactions[is_plain]
    repeats = people.groupby(["sender", "receiver"])["step"].transform("size")
    assert (repeats == 1).sum() / ROWS == pytest.approx(0.35, abs=0.06)
    assert (repeats >= 3).sum() / ROWS == pytest.approx(0.28, abs=0.06)


def test_ring_amounts_are_of_ordinary_size(transactions: pd.DataFrame) -> None:
    median = transactions.groupby("is_laundering")["amount"].median()
    assert 0.5 < median[1] / median[0] < 1.5


def test_lookalikes_hold_no_laundering(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    rows = np.concatenate(lookalikes["rows"].to_list())
    assert len(np.unique(rows)) == len(rows)
    assert transactions["is_laundering"].iloc[rows].sum() == 0
    assert set(lookalikes["kind"]) == {
        "circle", "lending", "marketplace", "merchant", "own_accounts", "payroll", "periodic",
        "recall", "refund", "rent", "utility",
    }  # fmt: skip


def groups(transactions: pd.DataFrame, lookalikes: pd.DataFrame, kind: str) -> list[pd.DataFrame]:
    found = lookalikes.loc[lookalikes["kind"] == kind, "rows"]
    assert len(found) >= 2
    return [transactions.iloc[rows] for rows in found]


def test_payroll_is_one_payer_and_one_day_of_the_month(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for payroll in groups(transactions, lookalikes, "payroll"):
        assert payroll["sender"].nunique() == 1
        assert (payroll["step"] % 30).nunique() == 1
        paid = payroll.groupby(["receiver", "amount"])["step"].nunique()
        assert (paid == 12).all()


def test_merchants_are_paid_by_many_all_the_time(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for purchases in groups(transactions, lookalikes, "merchant"):
        assert purchases["receiver"].nunique() == 1
        assert purchases["sender"].nunique() > 10
        assert (purchases["step"] // 30).nunique() >= 8


def test_merchants_have_a_season(transactions: pd.DataFrame, lookalikes: pd.DataFrame) -> None:
    for purchases in groups(transactions, lookalikes, "merchant"):
        days = np.bincount(purchases["step"], minlength=360)
        busiest = max(days[first : first + 20].sum() for first in range(340))
        assert busiest > 2 * len(purchases) * 20 / 360


def test_bills_of_a_utility_change_and_come_each_month(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for bills in groups(transactions, lookalikes, "utility"):
        assert bills["receiver"].nunique() == 1
        paid = bills.groupby("sender")
        assert (paid["step"].size() % 12 == 0).all()
        assert (paid["amount"].nunique() > 6).all()
        due = (bills["step"] % 30 - bills["step"].min() % 30) % 30
        assert due.isin([*range(6), *range(25, 30)]).all()


def test_a_platform_keeps_the_same_fee_of_every_order(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for orders in groups(transactions, lookalikes, "marketplace"):
        platform = orders["sender"].value_counts().idxmax()
        collected = orders[orders["receiver"] == platform]
        paid_out = orders[orders["sender"] == platform]
        assert len(collected) + len(paid_out) == len(orders)
        assert 0.75 < paid_out["amount"].sum() / collected["amount"].sum() < 1
        assert paid_out["receiver"].nunique() <= 12 < collected["sender"].nunique()


def test_a_club_has_fixed_dates_and_changing_members(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for dates in groups(transactions, lookalikes, "periodic"):
        gaps = np.diff(np.unique(dates["step"]))
        assert set(gaps) in ({7}, {14}, {30})
        assert min(dates["sender"].nunique(), dates["receiver"].nunique()) == 1
        many = "sender" if dates["receiver"].nunique() == 1 else "receiver"
        assert dates.groupby("step")[many].agg(frozenset).nunique() > 3


def test_an_owner_moves_money_among_few_accounts_all_year(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for moves in groups(transactions, lookalikes, "own_accounts"):
        assert 2 <= ring_size(moves) <= 4
        assert (moves["step"] // 90).nunique() == 4


def test_friends_split_bills_evenly_again_and_again(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for bills in groups(transactions, lookalikes, "circle")[:-1]:
        assert bills["sender"].nunique() <= 10
        assert bills["receiver"].nunique() >= 2
        same = bills.groupby(["receiver", "amount"])["step"]
        shares = bills[same.transform("size") > 1]
        for _, days in shares.groupby(["receiver", "amount"])["step"]:
            together = np.abs(days.to_numpy()[:, None] - days.to_numpy()) <= 1
            assert (together.sum(axis=0) >= 5).all()
        _advances_are_paid_back(bills.drop(shares.index), shares)


def _advances_are_paid_back(advances: pd.DataFrame, shares: pd.DataFrame) -> None:
    """Each sum that a friend paid the shop comes back in equal shares within four days."""
    assert len(advances)
    for payer, day, paid in advances[["sender", "step", "amount"]].to_numpy():
        late = shares["step"].between(day, day + 4)
        back = shares.loc[(shares["receiver"] == payer) & late, "amount"].value_counts()
        sums = (back.to_numpy() + 1) * back.index.to_numpy()
        assert np.isclose(sums, paid).any()


def test_a_recall_pays_all_buyers_back_within_three_days(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for recall in groups(transactions, lookalikes, "recall")[:-1]:
        merchant = recall["sender"].value_counts().idxmax()
        bought, back = recall[recall["receiver"] == merchant], recall[recall["sender"] == merchant]
        assert sorted(bought["amount"]) == sorted(back["amount"])
        assert set(bought["sender"]) == set(back["receiver"])
        assert back["step"].max() - back["step"].min() <= 2
        assert bought["step"].max() <= back["step"].max()


def test_rent_is_the_same_round_amount_each_month(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame
) -> None:
    for rents in groups(transactions, lookalikes, "rent"):
        assert rents["receiver"].nunique() == 1
        assert (rents["amount"] % 10 == 0).all()
        leases = rents.assign(due=rents["step"] % 30).groupby(["sender", "due", "amount"]).size()
        assert (leases % 12 == 0).all()


@pytest.mark.parametrize(("kind", "latest"), [("refund", 14), ("lending", 45)])
def test_money_back_is_the_same_amount_later(
    transactions: pd.DataFrame, lookalikes: pd.DataFrame, kind: str, latest: int
) -> None:
    for there_and_back in groups(transactions, lookalikes, kind):
        there, back = there_and_back.to_dict("records")
        assert (there["sender"], there["receiver"]) == (back["receiver"], back["sender"])
        assert there["amount"] == back["amount"]
        assert 1 <= back["step"] - there["step"] <= latest


def test_lookalikes_describe_their_rows(data: RingData, transactions: pd.DataFrame) -> None:
    for group in data.lookalikes.to_pylist():
        rows = transactions.iloc[group["rows"]]
        assert set(group["members"]) == {str(who) for who in {*rows["sender"], *rows["receiver"]}}
        assert group["n_tx"] == len(rows)
        assert (group["start"], group["end"]) == (rows["step"].min(), rows["step"].max())


def test_there_is_one_ring_per_2000_rows_unless_told() -> None:
    assert generate_rings(9_000, seed=1).rings.num_rows == 4
    assert generate_rings(1_999, seed=1).rings.num_rows == 0


def test_no_rings_leaves_lookalikes_alone() -> None:
    data = generate_rings(9_000, seed=1, rings=0)
    assert data.rings.num_rows == 0
    assert set(data.transactions["is_laundering"].to_pylist()) == {0}
    assert data.lookalikes.num_rows > 50


@pytest.mark.parametrize("rows", [1, 2, 3, 50, 4_321])
def test_row_count_is_exact(rows: int) -> None:
    assert generate_rings(rows, seed=2).transactions.num_rows == rows


def test_rings_may_fill_the_file_to_the_last_row() -> None:
    needed = sum(generate_rings(2_000, seed=5, rings=8).rings["n_tx"].to_pylist())
    assert generate_rings(needed + 50, seed=5, rings=8).transactions.num_rows == needed + 50


@pytest.mark.parametrize(
    ("rows", "rings", "message"),
    [(100, 100, "100 rings need more than 100 rows"), (100, -1, "rings -1"), (0, None, "--rows 0")],
)
def test_arguments_out_of_range_are_refused(rows: int, rings: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        generate_rings(rows, seed=1, rings=rings)


def test_truth_is_written_beside_the_transactions(tmp_path: Path) -> None:
    paths = write_rings(3_000, 1, tmp_path / "small.csv.gz", rings=2)
    assert [path.name for path in paths] == [
        "small.csv.gz",
        "small.rings.parquet",
        "small.lookalikes.parquet",
    ]
    assert pq.read_table(paths[1]).equals(generate_rings(3_000, 1, rings=2).rings)


def test_same_seed_writes_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    def content(seed: int, name: str) -> list[bytes]:
        return [path.read_bytes() for path in write_rings(4_000, seed, tmp_path / name)]

    first = content(1, "a.csv")
    assert content(1, "b.csv") == first
    assert all(x != y for x, y in zip(content(2, "c.csv"), first, strict=True))
