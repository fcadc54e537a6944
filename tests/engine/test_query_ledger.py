"""The ledger: what accounts did, read from a run of six transactions and from random ones.

The small run: A pays H 100, 50 and Z 10; B pays H 200; H pays X 300; P pays Q 999.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError, RunError
from engine.lake import Lake, RunPaths
from engine.query import ledger, ledger_file
from engine.query.ledger_hash import hash_names
from tests.small_run import RUN_ID, moments, write_small_run


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    return write_small_run(tmp_path)


def rows(frame: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    return list(frame[list(names)].itertuples(index=False, name=None))


def test_entries_stand_in_time_order_seen_from_the_account(paths: RunPaths) -> None:
    found = ledger.entries(paths, ["H"])
    assert rows(found, "account", "direction", "counterparty", "tx_id", "amount", "type") == [
        ("H", "in", "A", 1, 100.0, "TRANSFER"),
        ("H", "in", "B", 2, 200.0, "TRANSFER"),
        ("H", "in", "A", 3, 50.0, "TRANSFER"),
        ("H", "out", "X", 4, 300.0, "TRANSFER"),
    ]
    assert found["time"].iloc[1] == datetime(2026, 1, 1, 1)
    assert found["risk"].tolist() == pytest.approx([0.9, 0.8, 0.7, 0.95])
    assert found[["balance_before", "balance_after"]].isna().all(axis=None)


def test_a_transaction_between_two_of_the_accounts_stands_under_both(paths: RunPaths) -> None:
    found = ledger.entries(paths, ["P", "Q", "P"])
    assert rows(found, "account", "direction") == [("P", "out"), ("Q", "in")]


def test_a_period_has_its_start_and_not_its_end(paths: RunPaths) -> None:
    first, last = datetime(2026, 1, 1, 1), datetime(2026, 1, 2)
    assert ledger.entries(paths, ["H"], start=first, end=last)["tx_id"].tolist() == [2, 3]
    assert ledger.entries(paths, ["H"], limit=1)["tx_id"].tolist() == [1]


def test_an_account_that_the_run_lacks_has_no_entries(paths: RunPaths) -> None:
    for read in (
        ledger.entries, ledger.counterparties, ledger.edges_among, ledger.account_facts,
    ):  # fmt: skip
        assert read(paths, ["nobody", "", "h"]).empty
        assert read(paths, []).empty


def test_parallel_transfers_are_one_counterparty(paths: RunPaths) -> None:
    found = ledger.counterparties(paths, ["H"])
    assert rows(found, "counterparty", "n_out", "out_amount", "n_in", "in_amount") == [
        ("X", 1, 300.0, 0, 0.0),
        ("A", 0, 0.0, 2, 150.0),
        ("B", 0, 0.0, 1, 200.0),
    ]
    assert found["risk"].tolist() == pytest.approx([0.95, 0.9, 0.8])
    assert found["last_time"].iloc[1] == datetime(2026, 1, 1, 2)


def test_counterparties_are_filtered_ordered_and_limited(paths: RunPaths) -> None:
    def named(**asked: Any) -> list[str]:
        return ledger.counterparties(paths, ["H"], **asked)["counterparty"].tolist()

    assert named(min_amount=100.0, order="amount") == ["X", "B", "A"]
    assert named(order="time") == ["A", "B", "X"]
    assert named(min_risk=0.85) == ["X", "A"]
    assert named(types=["CASH_OUT"]) == []
    assert named(limit=1) == ["X"]


def test_edges_are_those_inside_the_set(paths: RunPaths) -> None:
    found = ledger.edges_among(paths, ["A", "H", "X", "Q"])
    assert rows(found, "sender", "receiver", "transactions", "amount") == [
        ("H", "X", 1, 300.0),
        ("A", "H", 2, 150.0),
    ]


def test_facts_of_accounts_are_those_of_the_whole_run(paths: RunPaths) -> None:
    found = ledger.account_facts(paths, ["H", "A"])
    assert rows(found, "account", "role", "in_count", "out_count", "in_amount", "out_amount") == [
        ("A", "source", 0, 3, 0.0, 160.0),
        ("H", "collector", 3, 1, 350.0, 300.0),
    ]
    assert found["counterparties"].tolist() == [2, 3]
    assert found["pagerank"].tolist() == [0.1, 0.3]


def test_balances_are_those_of_the_account(paths: RunPaths) -> None:
    moved = pd.read_parquet(paths.augmented).head(1).assign(
        sender_balance_before=500.0, sender_balance_after=400.0,
        receiver_balance_before=7.0, receiver_balance_after=107.0,
    )  # fmt: skip
    moved.to_parquet(paths.augmented)
    known = pd.read_parquet(paths.accounts)
    known[known["account"].isin(["A", "H"])].to_parquet(paths.accounts)
    balances = ("balance_before", "balance_after")
    assert rows(ledger.entries(paths, ["A", "H"]), *balances) == [(500.0, 400.0), (7.0, 107.0)]


def test_a_run_without_accounts_is_refused(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path, has_accounts=False)
    with pytest.raises(InputError, match="name no accounts"):
        ledger.prepare(paths)
    assert not ledger.is_ready(paths)


def test_files_that_do_not_belong_together_are_refused(paths: RunPaths) -> None:
    pd.read_parquet(paths.accounts).iloc[1:].to_parquet(paths.accounts)
    with pytest.raises(RunError, match="its list of accounts lacks"):
        ledger.prepare(paths)
    assert [path.name for path in (paths.root / "cache" / RUN_ID).iterdir()] == ["lock"]


def test_it_is_made_once_for_all_who_ask(paths: RunPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    build = ledger_file.build

    def counted(paths: RunPaths, folder: Path) -> None:
        made.append(folder)
        build(paths, folder)

    monkeypatch.setattr(ledger_file, "build", counted)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ledger.prepare(paths), range(8)))
    assert len(made) == 1


def test_a_run_made_anew_gets_a_ledger_of_its_own(paths: RunPaths) -> None:
    assert len(ledger.entries(paths, ["P"])) == 1
    moved = pd.read_parquet(paths.augmented)
    moved.loc[moved["tx_id"] == 6, "sender"] = "P"
    moved.to_parquet(paths.augmented)
    paths.manifest.write_text(paths.manifest.read_text().replace('"seconds": 1.0', '"seconds": 2'))
    assert not ledger.is_ready(paths)
    (paths.root / "cache" / RUN_ID / ".ledger-of-an-ended-process").mkdir()
    assert len(ledger.entries(paths, ["P"])) == 2
    assert len(list((paths.root / "cache" / RUN_ID).glob("*ledger-*"))) == 1


def test_it_goes_with_its_run(paths: RunPaths) -> None:
    ledger.prepare(paths)
    Lake.open(paths.root).delete_run(RUN_ID)
    assert not (paths.root / "cache" / RUN_ID).exists()


def test_hashes_depend_on_every_byte_and_on_the_seed() -> None:
    names = pa.array(["", "A", "AB", "BA", "é", "A" * 1000])
    hashes = hash_names(names, 0)
    assert len({*hashes.tolist(), *hash_names(names, 1).tolist()}) == 12
    assert hash_names(names.slice(2, 2), 0).tolist() == hashes[2:4].tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.integers(0, 5)),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_on_random_transfers_it_says_what_pandas_says(
    folder: Path, transfers: list[tuple[str, str, int]]
) -> None:
    paths = write_small_run(folder)
    moved = pd.DataFrame(transfers, columns=["sender", "receiver", "hour"])
    moved["tx_id"] = np.arange(len(moved))
    moved["time"] = moments("2026-01-01")[0] + pd.to_timedelta(moved.pop("hour"), "h")
    moved["amount"] = moved["tx_id"] + 0.01
    moved["final_risk"] = moved["tx_id"] / 100
    moved.to_parquet(paths.augmented)
    names = sorted({*moved["sender"], *moved["receiver"]})
    known = pd.read_parquet(paths.accounts).head(1)
    pd.concat([known.assign(account=name) for name in names]).to_parquet(paths.accounts)
    paths.manifest.write_text(f'{{"rows": {transfers!r}}}'.replace("(", "[").replace(")", "]")
                              .replace("'", '"'))  # fmt: skip
    for name in names:
        own = moved[(moved["sender"] == name) | (moved["receiver"] == name)]
        twice = moved[(moved["sender"] == name) & (moved["receiver"] == name)]
        found = ledger.entries(paths, [name])
        expected = pd.concat([own, twice]).sort_values(["time", "tx_id"])["tx_id"]
        assert found["tx_id"].tolist() == expected.tolist()
        facts = ledger.account_facts(paths, [name]).iloc[0]
        sent = moved.loc[moved["sender"] == name, "amount"].sum()
        assert facts["out_amount"] == pytest.approx(sent, abs=1e-9)
    folded = ledger.edges_among(paths, names).set_index(["sender", "receiver"])["transactions"]
    assert folded.to_dict() == moved.groupby(["sender", "receiver"]).size().to_dict()


def test_a_run_deleted_while_its_ledger_is_made_is_told_as_such(
    paths: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build_and_lose(_paths: RunPaths, _folder: Path) -> None:
        Lake.open(paths.root).delete_run(RUN_ID)

    monkeypatch.setattr(ledger_file, "build", build_and_lose)

    with pytest.raises(RunError, match="was deleted"):
        ledger.prepare(paths)
