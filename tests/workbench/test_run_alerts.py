"""What a run found, as it is read from the lake."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.errors import RunError
from engine.lake import Lake
from engine.workbench.run_alerts import MAX_ACCOUNT, account_key, read_run_alerts
from tests.small_run import RUN_ID, write_small_run


def test_a_ring_and_a_lone_transaction_are_read_with_their_accounts(tmp_path: Path) -> None:
    write_small_run(tmp_path)
    run = read_run_alerts(Lake.open(tmp_path), RUN_ID)
    assert (run.run_id, run.made, run.data_set, run.currency) == (
        "small", "2026-01-05T00:00:00+00:00", "small.csv", None,
    )  # fmt: skip
    ring, lone, _ = run.found
    assert (ring.kind, ring.fingerprint, ring.ring_id, ring.tx_id) == (
        "ring", "f" * 32, "R00001", None,
    )  # fmt: skip
    assert ring.roles == {"A": "source", "B": "source", "H": "collector", "X": "exit"}
    assert (ring.first_activity, ring.last_activity) == (
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    assert (lone.kind, lone.tx_id, lone.amount, lone.roles) == (
        "transaction", 5, 999.0, {"P": "sender", "Q": "receiver"},
    )  # fmt: skip
    # 2026-01-03 in microseconds, 999.00 in minor units, the first row of this content.
    content = '[1767398400000000,"P","Q",99900,"TRANSFER",1]'
    assert lone.fingerprint == hashlib.sha256(content.encode()).hexdigest()


def test_an_input_without_accounts_has_alerts_without_any(tmp_path: Path) -> None:
    write_small_run(tmp_path, has_accounts=False)
    run = read_run_alerts(Lake.open(tmp_path), RUN_ID)
    assert [(one.kind, one.roles, one.n_accounts) for one in run.found] == [
        ("transaction", {}, 0), ("transaction", {}, 0),
    ]  # fmt: skip
    content = "[1767398400000000,null,null,99900,null,1]"
    assert run.found[0].fingerprint == hashlib.sha256(content.encode()).hexdigest()


def test_a_run_that_found_nothing_has_no_alerts(tmp_path: Path) -> None:
    write_small_run(tmp_path, found_nothing=True)
    assert read_run_alerts(Lake.open(tmp_path), RUN_ID).found == ()


def test_rows_of_equal_content_are_told_apart_by_their_order_in_the_input(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path)
    transactions = pd.read_parquet(paths.augmented)
    twin = transactions[transactions["tx_id"] == 5].assign(tx_id=4000)
    pd.concat([transactions, twin]).to_parquet(paths.augmented, index=False)
    alerts = pd.read_parquet(paths.alerts)
    alerts.loc[alerts["tx_id"] == 6, "tx_id"] = 4000
    alerts.to_parquet(paths.alerts, index=False)
    _, first, second = read_run_alerts(Lake.open(tmp_path), RUN_ID).found
    content = '[1767398400000000,"P","Q",99900,"TRANSFER",{}]'
    assert [first.fingerprint, second.fingerprint] == [
        hashlib.sha256(content.format(ordinal).encode()).hexdigest() for ordinal in (1, 2)
    ]


def test_two_rings_on_the_same_accounts_have_names_of_their_own(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path)
    rings = pd.read_parquet(paths.rings).assign(fingerprint="f" * 32)
    rings.to_parquet(paths.rings, index=False)
    alerts = pd.read_parquet(paths.alerts)
    alerts.loc[alerts["alert_id"] == "A000002", ["ring_id", "tx_id"]] = ["R00002", None]
    alerts.to_parquet(paths.alerts, index=False)
    first, second, _ = read_run_alerts(Lake.open(tmp_path), RUN_ID).found
    assert (first.fingerprint, second.fingerprint) == ("f" * 32, f"{'f' * 32}#2")


@pytest.mark.parametrize("table", ["rings", "ring_accounts", "augmented"])
def test_a_table_that_lacks_what_an_alert_is_made_of_is_refused(tmp_path: Path, table: str) -> None:
    path = write_small_run(tmp_path).outputs()[table]
    pd.read_parquet(path).head(0).to_parquet(path, index=False)
    with pytest.raises(RunError, match=f"{path.name} lacks what alert A00000"):
        read_run_alerts(Lake.open(tmp_path), RUN_ID)


def test_an_account_is_kept_as_it_is_unless_no_index_could_hold_it() -> None:
    assert account_key("‮=cmd()<b>😀") == "‮=cmd()<b>😀"
    assert account_key("a\0b") == "a\N{REPLACEMENT CHARACTER}b"
    longest = "é" * MAX_ACCOUNT
    assert account_key(longest) == longest
    assert account_key(longest + "x") != account_key(longest + "y")
    assert account_key(longest + "x").startswith(longest)
