"""Search: a text finds the account, transaction, ring or alert that it may mean.

Accounts of the small run are A, B, H, X, P, Q, Z; it has rings R00001, R00002, alert A000001.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.lake import RunPaths
from engine.query import search
from engine.query.search import Hits, Search
from tests.small_run import write_small_run

LONG = ["C100200", "C100300", "c100400", "M9C100", "A", "B"]


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    return write_small_run(tmp_path)


@pytest.fixture
def long_names(paths: RunPaths) -> RunPaths:
    """The small run with longer account ids."""
    names = dict(zip(["A", "B", "H", "X", "P", "Q"], LONG, strict=True))
    moved, known = pd.read_parquet(paths.augmented), pd.read_parquet(paths.accounts)
    for column in ("sender", "receiver"):
        moved[column] = moved[column].replace(names)
    moved.to_parquet(paths.augmented)
    known.assign(account=known["account"].replace(names)).to_parquet(paths.accounts)
    return paths


def found(paths: RunPaths, text: str, *, whole: bool = False) -> Hits:
    return search.find(paths, Search(text, whole))


def names(paths: RunPaths, text: str, *, whole: bool = False) -> list[str]:
    return list(found(paths, text, whole=whole).accounts["account"])


def test_a_whole_account_comes_with_what_it_moved(paths: RunPaths) -> None:
    account = found(paths, " H ").accounts.iloc[0]
    assert (account["account"], account["role"], account["transactions"]) == ("H", "collector", 4)
    assert account["amount"] == 650.0


def test_the_very_account_is_first_then_those_that_begin_so(long_names: RunPaths) -> None:
    assert names(long_names, "C100200") == ["C100200"]
    assert names(long_names, "C100") == ["C100200", "C100300", "M9C100"]


def test_capitals_are_tried_where_a_text_as_typed_finds_nothing(long_names: RunPaths) -> None:
    assert names(long_names, "c1004") == ["c100400"]
    assert names(long_names, "c1003") == ["C100300"]


def test_a_short_text_is_a_whole_account_or_none(long_names: RunPaths) -> None:
    assert names(long_names, "C1") == []
    assert names(long_names, "a") == ["A"]


def test_no_more_accounts_than_fit_are_listed(
    long_names: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_ACCOUNTS", 2)
    hits = found(long_names, "100")
    assert len(hits.accounts) == 2
    assert hits.more_accounts


def test_a_whole_text_finds_no_parts(long_names: RunPaths) -> None:
    assert names(long_names, "C100", whole=True) == []
    assert names(long_names, "C100200", whole=True) == ["C100200"]


@pytest.mark.parametrize("name", ["R00001", "A000001", "5", "#5"])
def test_a_whole_text_is_an_account_or_anything_else_but_never_both(
    paths: RunPaths, name: str
) -> None:
    moved, known = pd.read_parquet(paths.augmented), pd.read_parquet(paths.accounts)
    for column in ("sender", "receiver"):
        moved[column] = moved[column].replace({"Z": name})
    moved.to_parquet(paths.augmented)
    known.assign(account=known["account"].replace({"Z": name})).to_parquet(paths.accounts)
    hits = search.find(paths, Search(name, whole=True))
    assert list(hits.accounts["account"]) == [name]
    assert not len(hits.rings) + len(hits.alerts) + len(hits.transactions)
    hits = search.find(paths, Search(name, whole=True, names_account=False))
    assert hits.accounts.empty
    assert len(hits.rings) + len(hits.alerts) + len(hits.transactions) == 1


@pytest.mark.parametrize("text", ["5", "tx 5", "TX#5", "#5"])
def test_a_number_is_a_transaction_too(paths: RunPaths, text: str) -> None:
    transaction = found(paths, text).transactions.iloc[0]
    assert (transaction["tx_id"], transaction["sender"], transaction["amount"]) == (5, "P", 999.0)


def test_rings_and_alerts_are_found_by_their_ids(paths: RunPaths) -> None:
    assert found(paths, "r00002").rings["typology"].tolist() == ["cycle"]
    assert found(paths, "A000001").alerts["title"].tolist() == ["Fan in to H"]


def test_nothing_is_found_for_nothing(paths: RunPaths) -> None:
    for text in ("", "   ", "nobody", "R99999", "9" * 30, "'; DROP TABLE x"):
        hits = found(paths, text)
        assert [len(one) for one in (hits.accounts, hits.transactions, hits.rings)] == [0, 0, 0]
        assert hits.alerts.empty


def test_a_run_without_accounts_has_transactions_to_find(tmp_path: Path) -> None:
    hits = found(write_small_run(tmp_path, has_accounts=False), "5")
    assert hits.transactions["amount"].tolist() == [999.0]
    assert hits.accounts.empty
