"""Following money through a run: the small run's transactions, by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.money_trace import (
    alerted_transfers,
    get_transfer,
    paid_later,
    rings_of,
    trace_ends,
    trace_money,
    trace_transfers,
    transfers_of,
)
from engine.trace import Later, Limits, unaccounted
from tests.small_run import write_small_run


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    """Files of the small run."""
    return write_small_run(tmp_path)


def test_a_transaction_becomes_a_transfer_in_minor_units(paths: RunPaths) -> None:
    found = get_transfer(paths, 2)
    assert (found.sender, found.receiver, found.amount) == ("B", "H", 200_00)
    with pytest.raises(InputError, match="no transaction 99"):
        get_transfer(paths, 99)


def test_what_came_before_the_transfer_counts_as_other_money(paths: RunPaths) -> None:
    # H holds A's 100 and B's 200, then A's 50 come; the 300 that it pays are all of the former.
    found = trace_money(paths, 3, "forward", "fifo", Limits())
    assert found.ends[["account", "kind", "part"]].values.tolist() == [["H", "rest", 50_00]]
    # Proportional: 300 of 350 take 50 * 300 / 350 = 42.857 of them, 42.85 in whole minor units.
    found = trace_money(paths, 3, "forward", "proportional", Limits())
    assert found.flows["part"].tolist() == [50_00, 42_85]
    assert unaccounted(found) == 0


def test_backward_names_those_who_paid(paths: RunPaths) -> None:
    found = trace_money(paths, 4, "backward", "fifo", Limits())
    assert found.flows[["tx_id", "part"]].values.tolist() == [[4, 300_00], [1, 100_00], [2, 200_00]]


def test_a_known_balance_before_the_first_entry_counts_as_other_money(paths: RunPaths) -> None:
    rows = pd.read_parquet(paths.augmented)
    rows["sender_balance_before"] = float("nan")
    rows["receiver_balance_before"] = [80.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    rows.to_parquet(paths.augmented, index=False)
    # H had 80: of the 300 that it pays 80 are these, 100 A's, and 120 of B's 200.
    found = trace_money(paths, 2, "forward", "fifo", Limits())
    assert found.flows["part"].tolist() == [200_00, 120_00]


def test_transfers_of_an_account_are_listed_the_riskiest_first(paths: RunPaths) -> None:
    rows = pd.read_parquet(paths.augmented)
    rows.loc[rows["tx_id"] == 3, "final_risk"] = 0.99
    rows.loc[rows["tx_id"].isin([1, 2]), "final_risk"] = 0.5
    rows.to_parquet(paths.augmented, index=False)
    assert transfers_of(paths, "H", "in")["tx_id"].tolist() == [3, 2, 1]
    assert transfers_of(paths, "H", "in", limit=2)["sender"].tolist() == ["A", "B"]
    paid = transfers_of(paths, "H", "out")
    assert paid[["tx_id", "sender", "receiver"]].values.tolist() == [[4, "H", "X"]]
    assert transfers_of(paths, "A", "in").empty


def test_the_first_transfer_of_an_alerts_ring_and_lone_ones_are_worth_following(
    paths: RunPaths,
) -> None:
    found = alerted_transfers(paths)
    assert found["tx_id"].tolist() == [1, 5, 6]
    assert found["ring_id"].fillna("").tolist() == ["R00001", "", ""]


def test_files_hold_both_methods_in_currency_units(paths: RunPaths) -> None:
    asked = (3, "forward", ("fifo", "proportional"), Limits())
    rows = trace_transfers(paths, *asked)  # type: ignore[arg-type]
    assert rows[["method", "tx_id", "part"]].values.tolist() == [
        ["fifo", 3, 50.0], ["proportional", 3, 50.0], ["proportional", 4, 42.85],
    ]  # fmt: skip
    ends = trace_ends(paths, *asked)  # type: ignore[arg-type]
    assert ends.groupby("method")["part"].sum().round(2).to_dict() == {
        "fifo": 50.0, "proportional": 50.0,
    }  # fmt: skip


def test_what_leaves_only_after_the_longest_wait_is_found(paths: RunPaths) -> None:
    # H pays B's 200 on after 23 hours.
    near = Limits(max_gap_hours=12)
    assert paid_later(paths, 2, "forward", "fifo", near) == Later(200_00, 23.0, 23.0)
    assert paid_later(paths, 2, "forward", "fifo", Limits()) is None
    # A's 50 remain on H in all of the data.
    assert paid_later(paths, 3, "forward", "fifo", near) is None
    found = paid_later(paths, 4, "backward", "fifo", near)
    assert found == Later(300_00, 23.0, 24.0)


def test_the_rings_of_a_transfer_tell_how_long_they_last(paths: RunPaths) -> None:
    assert rings_of(paths, 2).values.tolist() == [["R00001", 24.0]]
    assert rings_of(paths, 6).empty
