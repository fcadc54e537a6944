"""Account names become codes in the order of first appearance."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from engine.accounts import encode_accounts
from tests.engine.rows import accounts_of, transactions


def test_senders_are_numbered_before_accounts_that_only_receive() -> None:
    accounts = accounts_of(transactions([(0, "B", "A", 1), (1, "C", "B", 1), (2, "B", "D", 1)]))
    assert accounts.names.to_pylist() == ["B", "C", "A", "D"]
    assert accounts.sender.tolist() == [0, 1, 0]
    assert accounts.receiver.tolist() == [2, 0, 3]
    assert accounts.count == 4


def test_codes_are_int32_and_names_plain_strings() -> None:
    accounts = accounts_of(transactions([(0, "A", "B", 1)]))
    assert accounts.sender.dtype == accounts.receiver.dtype == np.int32
    assert accounts.names.type == pa.string()


def test_the_cut_into_chunks_changes_no_code() -> None:
    first = transactions([(0, "A", "B", 1), (1, "C", "A", 1)])
    second = transactions([(2, "B", "A", 1), (3, "D", "C", 1)])
    chunked = pa.concat_tables([first, second])
    whole = chunked.combine_chunks()
    assert chunked["sender"].num_chunks == 2
    assert accounts_of(chunked).names.equals(accounts_of(whole).names)
    assert accounts_of(chunked).receiver.tolist() == accounts_of(whole).receiver.tolist()


def test_an_account_that_pays_itself_is_one_account() -> None:
    accounts = accounts_of(transactions([(0, "A", "A", 1)]))
    assert accounts.names.to_pylist() == ["A"]
    assert accounts.sender.tolist() == accounts.receiver.tolist() == [0]


def test_no_transactions_give_no_accounts() -> None:
    empty = pa.table({"sender": pa.chunked_array([], pa.string()),
                      "receiver": pa.chunked_array([], pa.string())})  # fmt: skip
    assert accounts_of(empty).count == 0


def test_an_input_without_accounts_has_none() -> None:
    assert encode_accounts(transactions([(0, "A", "B", 1)]).drop(["sender", "receiver"])) is None
