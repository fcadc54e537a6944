"""Generated PaySim files keep the schema, the arithmetic, and the shape of the simulator's."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.generate import generate_paysim, write_paysim
from engine.generate.paysim_balances import running_balances

ROWS = 50_000
SCHEMA = pa.schema(
    [
        ("step", pa.int32()),
        ("type", pa.string()),
        ("amount", pa.float64()),
        ("nameOrig", pa.string()),
        ("oldbalanceOrg", pa.float64()),
        ("newbalanceOrig", pa.float64()),
        ("nameDest", pa.string()),
        ("oldbalanceDest", pa.float64()),
        ("newbalanceDest", pa.float64()),
        ("isFraud", pa.int8()),
        ("isFlaggedFraud", pa.int8()),
    ]
)


@pytest.fixture(scope="module")
def paysim() -> pd.DataFrame:
    frame: pd.DataFrame = generate_paysim(ROWS, seed=7).to_pandas()
    return frame


@pytest.fixture(scope="module")
def ordinary(paysim: pd.DataFrame) -> pd.DataFrame:
    return paysim[paysim["isFraud"] == 0]


@pytest.fixture(scope="module")
def frauds(paysim: pd.DataFrame) -> pd.DataFrame:
    return paysim[paysim["isFraud"] == 1]


def test_schema_is_that_of_the_kaggle_file() -> None:
    assert generate_paysim(10, seed=1).schema == SCHEMA


@pytest.mark.parametrize("rows", [1, 2, 769, 770, 5000])
def test_row_count_is_exact(rows: int) -> None:
    assert generate_paysim(rows, seed=1).num_rows == rows


def test_same_seed_writes_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    def content(seed: int, name: str) -> bytes:
        (path,) = write_paysim(2000, seed, tmp_path / name)
        return path.read_bytes()

    for suffix in ("csv", "csv.gz", "parquet"):
        first = content(1, f"a.{suffix}")
        assert content(1, f"b.{suffix}") == first
        assert content(2, f"c.{suffix}") != first


def test_wrong_suffix_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot tell the format"):
        write_paysim(10**12, 1, tmp_path / "out.txt")


def test_steps_rise_from_1_to_743(paysim: pd.DataFrame) -> None:
    assert paysim["step"].is_monotonic_increasing
    assert paysim["step"].between(1, 743).all()


def test_types_have_their_shares(paysim: pd.DataFrame) -> None:
    shares = paysim["type"].value_counts(normalize=True)
    expected = {"CASH_OUT": 0.356, "PAYMENT": 0.330, "CASH_IN": 0.224, "TRANSFER": 0.084}
    for name, share in expected.items():
        assert shares[name] == pytest.approx(share, abs=0.01)
    assert shares["DEBIT"] == pytest.approx(0.0058, abs=0.0015)


def test_most_rows_lie_in_the_first_17_days_and_most_frauds_do_not(
    ordinary: pd.DataFrame, frauds: pd.DataFrame
) -> None:
    early = 17 * 24
    assert (ordinary["step"] <= early).mean() > 0.88
    assert (frauds["step"] <= early).mean() == pytest.approx(early / 743, abs=0.05)


def test_nights_are_quiet_and_evenings_busy(ordinary: pd.DataFrame) -> None:
    hour = (ordinary["step"] - 1) % 24
    assert (hour == 18).mean() > 0.09
    assert hour.between(2, 7).mean() < 0.03


@pytest.mark.parametrize(
    ("name", "median", "high"),
    [
        ("CASH_IN", 162_000, 301_000),
        ("CASH_OUT", 163_000, 305_000),
        ("PAYMENT", 12_100, 24_300),
        ("TRANSFER", 681_000, 1_960_000),
    ],
)
def test_amounts_have_the_median_and_upper_tenth_of_their_type(
    ordinary: pd.DataFrame, name: str, median: float, high: float
) -> None:
    amounts = ordinary.loc[ordinary["type"] == name, "amount"]
    assert amounts.min() > 0
    assert amounts.quantile([0.5, 0.9]).tolist() == pytest.approx([median, high], rel=0.07)


def test_amounts_are_whole_cents(paysim: pd.DataFrame) -> None:
    assert (paysim["amount"].round(2) == paysim["amount"]).all()


def test_sender_pays_what_there_is_and_cash_in_adds(paysim: pd.DataFrame) -> None:
    change = np.where(paysim["type"] == "CASH_IN", paysim["amount"], -paysim["amount"])
    expected = (paysim["oldbalanceOrg"] + change).clip(lower=0)
    assert np.abs(paysim["newbalanceOrig"] - expected).max() < 0.001


def test_most_senders_have_less_than_they_send(ordinary: pd.DataFrame) -> None:
    over = (ordinary["amount"] > ordinary["oldbalanceOrg"]).groupby(ordinary["type"]).mean()
    assert over["TRANSFER"] > 0.95
    assert over["CASH_OUT"] > 0.9
    assert over["CASH_IN"] < 0.45


def test_senders_are_fresh_and_receivers_repeat(paysim: pd.DataFrame) -> None:
    assert paysim["nameOrig"].nunique() > 0.999 * ROWS
    assert paysim["nameOrig"].str.fullmatch(r"C\d{8,10}").all()
    customers = paysim.loc[paysim["type"] != "PAYMENT", "nameDest"]
    assert customers.str.fullmatch(r"C\d{8,10}").all()
    rows = customers.value_counts()
    assert rows.mean() == pytest.approx(8.5, abs=0.5)
    assert rows.quantile(0.99) > 4 * rows.mean()


def test_payments_go_to_merchants_without_balances(paysim: pd.DataFrame) -> None:
    payments = paysim[paysim["type"] == "PAYMENT"]
    assert payments["nameDest"].str.fullmatch(r"M\d{8,10}").all()
    assert (payments[["oldbalanceDest", "newbalanceDest"]] == 0).all(axis=None)


def test_receivers_balance_runs_on_from_row_to_row(paysim: pd.DataFrame) -> None:
    follows = 0
    for _, rows in paysim[paysim["type"] != "PAYMENT"].groupby("nameDest"):
        balance = rows["oldbalanceDest"].iloc[0]
        for row in rows.itertuples():
            assert row.oldbalanceDest == pytest.approx(balance, abs=0.001)
            if row.type == "CASH_IN":
                balance = max(0.0, balance - row.amount)
            elif not (row.isFraud and row.type == "TRANSFER"):
                balance += row.amount
            follows += 1
        assert rows["newbalanceDest"].iloc[-1] == pytest.approx(balance, abs=0.001)
    assert follows > ROWS / 2


def test_fraud_share_is_about_0_13_percent(paysim: pd.DataFrame) -> None:
    assert paysim["isFraud"].sum() == 64
    assert paysim["isFlaggedFraud"].sum() == 0


def test_frauds_come_in_pairs_of_transfer_and_cash_out(frauds: pd.DataFrame) -> None:
    transfers, cash_outs = frauds.iloc[::2], frauds.iloc[1::2]
    assert (transfers["type"] == "TRANSFER").all()
    assert (cash_outs["type"] == "CASH_OUT").all()
    for same in ("step", "amount"):
        assert transfers[same].tolist() == cash_outs[same].tolist()
    assert set(transfers["nameDest"]).isdisjoint(cash_outs["nameOrig"])
    assert (cash_outs.index == transfers.index + 1).all()


def test_frauds_take_the_whole_balance_up_to_ten_million() -> None:
    table = generate_paysim(400_000, seed=3).to_pandas()
    frauds = table[table["isFraud"] == 1]
    whole = frauds["amount"] == frauds["oldbalanceOrg"]
    capped = frauds["amount"] == 1e7
    assert frauds["amount"].max() == 1e7
    assert whole.mean() == pytest.approx(0.98, abs=0.015)
    assert (whole | capped | (frauds["oldbalanceOrg"] == 0)).all()
    mules = frauds[frauds["type"] == "CASH_OUT"]
    assert ((mules["oldbalanceOrg"] == mules["amount"]) | (mules["oldbalanceOrg"] == 0)).all()
    moves = table["type"].isin(["TRANSFER", "CASH_OUT"])
    rule = moves & (table["amount"] == table["oldbalanceOrg"])
    assert table.loc[rule, "isFraud"].mean() > 0.99


def test_mules_are_empty_before_and_after_the_stolen_transfer(frauds: pd.DataFrame) -> None:
    transfers = frauds[frauds["type"] == "TRANSFER"]
    assert (transfers["oldbalanceDest"] == 0).all()
    assert (transfers["newbalanceDest"] == 0).mean() > 0.95


def test_running_balance_has_a_floor_and_closes_at_the_end_of_the_step() -> None:
    before, after = running_balances(
        receiver=np.array([0, 1, 0, 0, 1]),
        step=np.array([1, 1, 1, 2, 2]),
        change=np.array([50, 7, -80, 10, -3]),
        opening=np.array([20, 0]),
    )
    # Receiver 0: 20, 70, then 80 taken from 70 leaves 0, then 10. Rows 0 and 2 share step 1.
    assert before.tolist() == [20, 0, 70, 0, 7]
    assert after.tolist() == [0, 7, 0, 10, 4]


@given(
    moves=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(-(10**9), 10**9)), min_size=1
    ),
    opening=st.lists(st.integers(0, 10**9), min_size=4, max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_running_balance_equals_the_walk_row_by_row(
    moves: list[tuple[int, int, int]], opening: list[int]
) -> None:
    receiver, waits, change = (np.array(column) for column in zip(*moves, strict=True))
    step = np.cumsum(waits)
    before, after = running_balances(receiver, step, change, np.array(opening))

    balance = list(opening)
    closing: dict[tuple[int, int], int] = {}
    keys = list(zip(receiver.tolist(), step.tolist(), strict=True))
    for key, delta, seen in zip(keys, change.tolist(), before.tolist(), strict=True):
        assert seen == balance[key[0]]
        balance[key[0]] = closing[key] = max(0, balance[key[0]] + delta)
    assert after.tolist() == [closing[key] for key in keys]
    assert min(itertools.chain(before.tolist(), after.tolist())) >= 0
