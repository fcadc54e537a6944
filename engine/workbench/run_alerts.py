"""What a run found, as the queue takes it in: read from the lake, and named so that a later run's
alert of the same ring or transaction has the same name.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.columns import MINOR_UNITS, RECEIVER, SENDER, TYPE
from engine.errors import RunError
from engine.lake import Lake, RunPaths
from engine.query.database import fetch, require
from engine.query.overview import currency

Kind = Literal["ring", "transaction"]

#: A longer account id is kept shortened, with its hash: an index of a database has to hold it.
MAX_ACCOUNT = 400


@dataclass(frozen=True, slots=True)
class Found:
    """One alert of a run.

    Attributes
    ----------
    run_alert_id, ring_id, tx_id
        What names it in the run.
    fingerprint
        What names it in any run: the ring's fingerprint, or a hash of the transaction's content.
    roles
        Its accounts, as :func:`account_key` writes them, each with its role.
    """

    run_alert_id: str
    kind: Kind
    fingerprint: str
    ring_id: str | None
    tx_id: int | None
    title: str
    typology: str
    score: float
    amount: float
    n_accounts: int
    first_activity: datetime
    last_activity: datetime
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunAlerts:
    """All alerts of a finished run, by id; ``made`` tells one making of the run from the next."""

    run_id: str
    made: str
    data_set: str
    currency: str | None
    found: tuple[Found, ...]


_RINGS = """
SELECT alert_id, alert.ring_id, title, alert.typology, alert.score, alert.amount,
       alert.n_accounts, ring."start" AS first, opened AS last, fingerprint, accounts, roles
FROM read_parquet($alerts) AS alert
LEFT JOIN read_parquet($rings) AS ring USING (ring_id)
LEFT JOIN (SELECT ring_id, list(account ORDER BY account) AS accounts,
                  list(role ORDER BY account) AS roles
           FROM read_parquet($ring_accounts) GROUP BY ring_id) USING (ring_id)
WHERE alert.ring_id IS NOT NULL
ORDER BY alert_id
"""

#: The fingerprint is over the content; rows of equal content are told apart by their order.
_LONE = """
WITH alert AS (
    SELECT alert_id, tx_id, title, typology, score, n_accounts
    FROM read_parquet($alerts) WHERE ring_id IS NULL
), tx AS (
    SELECT tx_id, time, amount, {sender} AS sender, {receiver} AS receiver, {type} AS type
    FROM read_parquet($augmented)
), own AS (
    SELECT time, amount FROM tx SEMI JOIN alert USING (tx_id)
), numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY time, amount, sender, receiver, type ORDER BY tx_id) AS ordinal
    FROM tx SEMI JOIN own USING (time, amount)
)
SELECT alert_id, tx_id, title, typology, score, amount, n_accounts, time AS first, time AS last,
       sender, receiver,
       sha256(CAST(json_array(epoch_us(time), sender, receiver, CAST(round(amount * {minor})
                              AS BIGINT), type, ordinal) AS VARCHAR)) AS fingerprint
FROM alert LEFT JOIN numbered USING (tx_id)
ORDER BY alert_id
"""


def read_run_alerts(lake: Lake, run_id: str) -> RunAlerts:
    """Read the alerts of a finished run, from the lake's store where it is in one.

    Raises
    ------
    InputError
        If there is no such run.
    RunError
        If it has not finished, or its files are missing.
    """
    manifest = lake.read_manifest(run_id)
    if manifest["status"] != "done":
        raise RunError(
            f"run {run_id} is {manifest['status']}; its alerts come into the queue when it is done"
        )
    lake.fetch(run_id)
    paths = lake.run(run_id)
    rings = list(_rings(paths)) if paths.rings.exists() else []
    found = sorted([*rings, *_lone(paths)], key=lambda one: one.run_alert_id)
    return RunAlerts(
        run_id, made(manifest), str(manifest["input"]["name"]), currency(paths), tuple(found)
    )


def made(manifest: Mapping[str, Any]) -> str:
    """Return what tells one making of a run from the next: when it started."""
    return str(manifest["started"])


def account_key(account: str) -> str:
    """Return an account id as the workbench's database keeps it."""
    plain = account.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(plain) <= MAX_ACCOUNT:
        return plain
    return f"{plain[:MAX_ACCOUNT]}…{hashlib.sha256(account.encode()).hexdigest()[:16]}"


def _rings(paths: RunPaths) -> Iterator[Found]:
    table = fetch(
        _RINGS,
        {
            "alerts": require(paths.alerts),
            "rings": require(paths.rings),
            "ring_accounts": require(paths.ring_accounts),
        },
    )
    _refuse_gaps(table, "fingerprint", paths.rings)
    _refuse_gaps(table, "accounts", paths.ring_accounts)
    seen: Counter[str] = Counter()
    for row in _rows(table):
        name = str(row["fingerprint"])
        seen[name] += 1
        # Two rings of a run may lie on the same accounts.
        own = name if seen[name] == 1 else f"{name}#{seen[name]}"
        roles = zip(map(account_key, row["accounts"]), map(str, row["roles"]), strict=True)
        yield _found(row, "ring", own, dict(roles))


def _lone(paths: RunPaths) -> Iterator[Found]:
    there = set(pq.read_schema(require(paths.augmented)).names)
    columns = {
        name: f"CAST({name} AS VARCHAR)" if name in there else "CAST(NULL AS VARCHAR)"
        for name in (SENDER, RECEIVER, TYPE)
    }
    table = fetch(
        _LONE.format(**columns, minor=MINOR_UNITS),
        {"alerts": require(paths.alerts), "augmented": require(paths.augmented)},
    )
    _refuse_gaps(table, "amount", paths.augmented)
    for row in _rows(table):
        ends = ((RECEIVER, row["receiver"]), (SENDER, row["sender"]))
        roles = {account_key(account): role for role, account in ends if account}
        yield _found(row, "transaction", row["fingerprint"], roles)


def _found(row: Mapping[str, Any], kind: Kind, fingerprint: str, roles: dict[str, str]) -> Found:
    return Found(
        run_alert_id=row["alert_id"],
        kind=kind,
        fingerprint=fingerprint,
        ring_id=row.get("ring_id"),
        tx_id=row.get("tx_id"),
        title=row["title"].replace("\0", "\N{REPLACEMENT CHARACTER}"),
        typology=row["typology"],
        score=row["score"],
        amount=row["amount"],
        n_accounts=row["n_accounts"],
        first_activity=row["first"],
        last_activity=row["last"],
        roles=roles,
    )


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield rows of plain Python values: moments in UTC, ``None`` for what is missing."""
    columns = [_plain(table[name]) for name in table.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(table.columns, values, strict=True))


def _plain(column: pd.Series) -> list[Any]:
    if column.dtype.kind == "M":
        return list(pd.DatetimeIndex(column).tz_localize("UTC").to_pydatetime())
    values: list[Any] = pa.array(column.array, from_pandas=True).to_pylist()
    return values


def _refuse_gaps(table: pd.DataFrame, column: str, path: object) -> None:
    gaps = table[table[column].isna()]
    if len(gaps):
        raise RunError(
            f"{path} lacks what alert {gaps['alert_id'].iloc[0]} is made of; run the input again"
        )
