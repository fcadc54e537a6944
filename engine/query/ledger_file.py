"""The ledger of a run: every transaction under both of its accounts, sorted so that one is found.

Derived from a run and never an output of it: it lies in ``cache/<run_id>/`` of the local lake, is
made when it is first asked for, and anew when the run was made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
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
from engine.lake import RunPaths, read_json, replacing, write_json
from engine.query.database import require

#: Goes up when the files change their meaning: older ones are then made anew.
_VERSION = 1
#: What sorting may take; the rest spills beside the ledger. DuckDB needs some more for its output.
_MEMORY = "500MB"
#: Rows that are read or skipped as one: few enough that one account costs little.
_ROWS_PER_GROUP = 20_480

_SIDE = """
SELECT {account} AS account, {is_in} AS is_in, {counterparty} AS counterparty, tx_id, time,
       amount, {type} AS type, {risk} AS risk, {before} AS balance_before, {after} AS balance_after
FROM read_parquet($transactions) WHERE {account} IS NOT NULL
"""

_ACCOUNTS = """
SELECT known.*, coalesce(counterparties, 0) AS counterparties
FROM read_parquet($accounts) AS known
LEFT JOIN (SELECT account, count(DISTINCT counterparty) AS counterparties
           FROM read_parquet($ledger) GROUP BY account) USING (account)
ORDER BY account
"""


def ledger_path(paths: RunPaths) -> Path:
    """Return where the ledger of a run lies, made or not."""
    return paths.root / "cache" / paths.run_id / "ledger.parquet"


def account_list_path(paths: RunPaths) -> Path:
    """Return where the accounts of a run lie in the order of their ids, made or not."""
    return ledger_path(paths).with_name("accounts.parquet")


def is_ready(paths: RunPaths) -> bool:
    """Tell whether the ledger is there and belongs to the run as it is now."""
    record = _record(paths)
    return record.exists() and read_json(record) == _made_of(paths)


def prepare(paths: RunPaths) -> None:
    """Make the ledger of a run unless it is there; who asks at the same time waits for it.

    Raises
    ------
    InputError
        If the run's transactions name no accounts.
    RunError
        If the run's files are missing or cannot be read.
    """
    if is_ready(paths):
        return
    with _alone(paths):
        if not is_ready(paths):
            _make(paths)


def ready_ledger(paths: RunPaths) -> str:
    """Return the path of the ledger as text for DuckDB; it is made if need be."""
    prepare(paths)
    return str(ledger_path(paths))


def ready_accounts(paths: RunPaths) -> str:
    """Return the path of the accounts in the order of their ids; it is made if need be."""
    prepare(paths)
    return str(account_list_path(paths))


def _record(paths: RunPaths) -> Path:
    return ledger_path(paths).with_name("ledger.json")


def _made_of(paths: RunPaths) -> dict[str, object]:
    manifest = Path(require(paths.manifest)).read_bytes()
    return {"version": _VERSION, "manifest_sha256": hashlib.sha256(manifest).hexdigest()}


@contextmanager
def _alone(paths: RunPaths) -> Iterator[None]:
    """Hold the run's cache against other threads and processes."""
    folder = ledger_path(paths).parent
    folder.mkdir(parents=True, exist_ok=True)
    # Each opening of the file locks for itself, so threads wait for each other as processes do.
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(paths: RunPaths) -> None:
    source, accounts = require(paths.augmented), require(paths.accounts)
    made_of, ledger = _made_of(paths), ledger_path(paths)
    names = pq.read_schema(source).names
    if not {SENDER, RECEIVER} <= set(names):
        raise InputError(
            f"the transactions of run {paths.run_id} name no accounts, so there is none to look "
            "at; choose a run of data with a sender and a receiver"
        )
    _record(paths).unlink(missing_ok=True)
    sides = f"{_side(names, is_in=False)} UNION ALL {_side(names, is_in=True)}"
    rows = f"SELECT * FROM ({sides}) ORDER BY account, time, tx_id, is_in"
    try:
        with _sorting(ledger.parent) as database:
            _write(database, rows, {"transactions": source}, ledger)
            given = {"accounts": accounts, "ledger": str(ledger)}
            _write(database, _ACCOUNTS, given, account_list_path(paths))
    except duckdb.Error as error:
        raise RunError(
            f"the accounts of run {paths.run_id} could not be sorted in {ledger.parent} ({error}); "
            "make room there, or run the input again"
        ) from error
    write_json(_record(paths), made_of)


def _side(names: list[str], *, is_in: bool) -> str:
    """Return the query of all transactions as those of their senders, or of their receivers."""
    before, after = (RECEIVER_BEFORE, RECEIVER_AFTER) if is_in else (SENDER_BEFORE, SENDER_AFTER)

    def column(name: str, missing: str) -> str:
        return name if name in names else missing

    return _SIDE.format(
        account=RECEIVER if is_in else SENDER,
        counterparty=SENDER if is_in else RECEIVER,
        is_in=str(is_in).lower(),
        type=column(TYPE, "''"),
        risk=column(FINAL_RISK, "NULL::FLOAT"),
        before=column(before, "NULL::DOUBLE"),
        after=column(after, "NULL::DOUBLE"),
    )


@contextmanager
def _sorting(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database of its own with bounded memory, which spills into the folder."""
    with TemporaryDirectory(prefix=".sort-", dir=folder) as spill:
        settings = {"memory_limit": _MEMORY, "temp_directory": spill}
        with duckdb.connect(":memory:", config=settings) as database:
            yield database


def _write(
    database: duckdb.DuckDBPyConnection, query: str, given: dict[str, str], path: Path
) -> None:
    with replacing(path) as part:
        target = str(part).replace("'", "''")
        database.execute(
            f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, "
            f"ROW_GROUP_SIZE {_ROWS_PER_GROUP})",
            given,
        )
