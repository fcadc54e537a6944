"""How the ledger of a run is made: entries sorted by account and time, a column a file.

Accounts are numbered in the order of the hashes of their names. The hashes tell them apart (a seed
is taken under which no two are alike), so that names need not be sorted, nor compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.columns import (
    AMOUNT,
    FINAL_RISK,
    RECEIVER,
    RECEIVER_AFTER,
    RECEIVER_BEFORE,
    SENDER,
    SENDER_AFTER,
    SENDER_BEFORE,
    TIME,
    TX_ID,
    TYPE,
)
from engine.errors import InputError, RunError
from engine.lake import RunPaths, write_json
from engine.query.database import require
from engine.query.ledger_hash import Hashes, hash_names
from engine.query.ledger_names import read_names, save_names

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

#: Rows handled at a time.
_CHUNK = 1 << 18
_SEEDS = range(16)
_BALANCES = {
    "balance_before": (SENDER_BEFORE, RECEIVER_BEFORE),
    "balance_after": (SENDER_AFTER, RECEIVER_AFTER),
}


@dataclass(frozen=True, slots=True)
class _Order:
    """Where each entry of the ledger comes from.

    Attributes
    ----------
    rows
        int32 or int64, shape (n_entries,): row of the transactions' file.
    is_in
        bool, shape (n_entries,): whether it is the receiver's entry.
    """

    rows: Array
    is_in: npt.NDArray[np.bool_]


def build(paths: RunPaths, folder: Path) -> None:
    """Write the ledger of a run into an empty folder.

    Raises
    ------
    InputError
        If the run's transactions name no accounts.
    RunError
        If a file of the run is missing or cannot be read, or if they do not belong together.
    """
    require(paths.augmented)
    try:
        transactions = pq.ParquetFile(paths.augmented)
        if not {SENDER, RECEIVER} <= set(transactions.schema_arrow.names):
            raise InputError(
                f"the transactions of run {paths.run_id} name no accounts, so there is none to "
                "look at; choose a run of data with a sender and a receiver"
            )
        with pq.ParquetFile(require(paths.accounts)) as accounts, transactions:
            hashes, told = _write_accounts(accounts, folder)
            order = _write_order(transactions, hashes, told["seed"], folder, paths.run_id)
            del hashes
            types = _write_entries(transactions, order, folder)
    except (OSError, pa.ArrowException) as error:
        raise RunError(
            f"the accounts of run {paths.run_id} could not be sorted in {folder.parent} ({error}); "
            "make room there, or run the input again"
        ) from error
    write_json(folder / "ledger.json", {**told, "types": types})


def _write_accounts(file: pq.ParquetFile, folder: Path) -> tuple[Hashes, dict[str, Any]]:
    """Write what is known of each account; return the hashes in order, and what reading takes."""
    for seed in _SEEDS:
        names, hashes = read_names(file, "account", seed)
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        if not (hashes[1:] == hashes[:-1]).any():
            break
    else:
        raise RunError("an account stands twice among the accounts; run the input again")
    letters = save_names(names, order, folder)
    del names
    for name in ("risk", "community", "pagerank"):
        values = _column(file, name).to_numpy()
        _save(folder / f"account_{name}.npy", _pieces(values, order), values.dtype, len(order))
    _save(folder / "account_row.npy", iter([order]), order.dtype, len(order))
    roles, codes = _numbered(_column(file, "role"))
    _save(folder / "account_role.npy", _pieces(codes, order), codes.dtype, len(order))
    _save(folder / "hashes.npy", iter([hashes]), hashes.dtype, len(hashes))
    return hashes, {"seed": seed, "roles": roles, "letters": letters}


def _write_order(
    file: pq.ParquetFile, hashes: Hashes, seed: int, folder: Path, run_id: str
) -> _Order:
    """Sort the entries by account and time; write where each account's begin, and with whom."""
    n_rows = file.metadata.num_rows
    sides = _hashed_sides(file, seed)
    times = _column(file, TIME).to_numpy()
    in_time = None if (times[1:] >= times[:-1]).all() else np.argsort(times, kind="stable")
    del times
    if in_time is not None:
        sides = sides[in_time]
    # A transaction's two entries stand side by side: number 2k is the sender's, 2k + 1 the other.
    sides = sides.reshape(-1)
    order = np.argsort(sides, kind="stable")
    sides = sides[order]
    starts = _starts(sides, hashes, run_id)
    del sides
    _save(folder / "starts.npy", iter([starts]), starts.dtype, len(starts))
    order = order.astype(np.int32 if 2 * n_rows < 2**31 else np.int64)
    numbers = np.repeat(np.arange(len(hashes), dtype=np.int32), np.diff(starts))
    codes = np.empty_like(numbers)
    codes[order] = numbers
    _save(folder / "counterparty.npy", _pieces(codes, order ^ 1), codes.dtype, len(order))
    rows = order >> 1
    return _Order(rows if in_time is None else in_time[rows], (order & 1).astype(np.bool_))


def _hashed_sides(file: pq.ParquetFile, seed: int) -> Hashes:
    """Return the hashes of senders and receivers: uint64, shape (n_transactions, 2)."""
    sides = np.empty((file.metadata.num_rows, 2), np.uint64)
    row = 0
    for batch in file.iter_batches(_CHUNK, columns=[SENDER, RECEIVER]):
        for side, name in enumerate((SENDER, RECEIVER)):
            sides[row : row + len(batch), side] = hash_names(batch[name], seed)
        row += len(batch)
    return sides


def _starts(entries: Hashes, hashes: Hashes, run_id: str) -> Ints:
    """Return where the entries of each account begin, and where the last ones end."""
    starts = np.full(len(hashes) + 1, len(entries), np.int64)
    starts[:-1] = np.searchsorted(entries, hashes, side="left")
    for first in range(0, len(hashes), _CHUNK):
        some = hashes[first : first + _CHUNK]
        ends = np.searchsorted(entries, some, side="right")
        if not np.array_equal(ends, starts[first + 1 : first + 1 + len(some)]):
            raise _lacking(run_id)
    if starts[0] != 0:
        raise _lacking(run_id)
    return starts


def _lacking(run_id: str) -> RunError:
    return RunError(
        f"run {run_id}: its transactions name accounts that its list of accounts lacks; run the "
        "input again"
    )


def _write_entries(file: pq.ParquetFile, order: _Order, folder: Path) -> list[str]:
    """Write the columns of the entries; return the types of transactions that their codes mean."""
    names, count = file.schema_arrow.names, len(order.rows)
    _save(folder / "is_in.npy", iter([order.is_in]), order.is_in.dtype, count)
    for name, column in ((TX_ID, TX_ID), (TIME, TIME), (AMOUNT, AMOUNT), ("risk", FINAL_RISK)):
        values = _column(file, column).to_numpy()
        _save(folder / f"{name}.npy", _pieces(values, order.rows), values.dtype, count)
    for name, (sent, received) in _BALANCES.items():
        if sent in names and received in names:
            _write_balance(file, (sent, received), order, folder / f"{name}.npy")
    if TYPE not in names:
        return []
    types, codes = _numbered(_column(file, TYPE))
    _save(folder / "type.npy", _pieces(codes, order.rows), codes.dtype, count)
    return types


def _write_balance(
    file: pq.ParquetFile, columns: tuple[str, str], order: _Order, path: Path
) -> None:
    sent, received = (_column(file, name).to_numpy() for name in columns)

    def pieces() -> Iterator[Array]:
        for start in range(0, len(order.rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            rows = order.rows[part]
            yield np.where(order.is_in[part], received[rows], sent[rows])

    _save(path, pieces(), np.dtype(np.float64), len(order.rows))


def _column(file: pq.ParquetFile, name: str) -> pa.ChunkedArray:
    return file.read([name]).column(0)


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], Array]:
    """Return the texts of a column with few of them, and their numbers, -1 for none."""
    plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    coded = plain.dictionary_encode().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = pa.concat_arrays(coded.chunks)
    numbers = coded.indices.fill_null(-1).to_numpy()
    return coded.dictionary.to_pylist(), numbers.astype(np.int16)


def _pieces(values: Array, rows: Array) -> Iterator[Array]:
    for start in range(0, len(rows), _CHUNK):
        yield values[rows[start : start + _CHUNK]]


def _save(path: Path, pieces: Iterator[Array], dtype: np.dtype[Any], count: int) -> None:
    """Write an array in pieces: a memory map would be held in memory until it is written."""
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (count,),
    }  # fmt: skip
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for piece in pieces:
            file.write(np.ascontiguousarray(piece, dtype).view(np.uint8).data)
