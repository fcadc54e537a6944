"""Follow the money of a transaction through a run, with what its ledger knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import pandas as pd

from engine.amounts import MINOR_UNITS
from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger import entries
from engine.trace import (
    Direction,
    Later,
    Limits,
    Method,
    Statement,
    Trace,
    Transfer,
    beyond_the_wait,
    follow,
    statements_of,
)

_TRANSFER = """
SELECT tx_id, time, sender, receiver, amount FROM read_parquet($transactions) WHERE tx_id = $tx_id
"""

#: Alerts name the riskiest transactions; of a ring, its first transfer leads through all of it.
_ALERTED = """
WITH best AS (
    SELECT alert_id, score, ring_id, tx_id FROM read_parquet($alerts)
    ORDER BY score DESC, amount DESC, alert_id LIMIT $limit
), chosen AS (
    SELECT coalesce(best.tx_id, min(evidence.tx_id)) AS tx_id, any_value(score) AS score,
           any_value(alert_id) AS alert_id, any_value(best.ring_id) AS ring_id
    FROM best LEFT JOIN read_parquet($ring_transactions) AS evidence USING (ring_id)
    GROUP BY best.alert_id, best.tx_id
)
SELECT tx_id, time, sender, receiver, amount, type, final_risk AS risk, ring_id
FROM read_parquet($transactions) JOIN chosen USING (tx_id)
WHERE sender <> receiver AND amount > 0
ORDER BY chosen.score DESC, amount DESC, chosen.alert_id
"""

_RINGS = """
WITH holding AS (SELECT ring_id FROM read_parquet($ring_transactions) WHERE tx_id = $tx_id)
SELECT ring_id, date_diff('second', min(time), max(time)) / 3600.0 AS hours
FROM read_parquet($ring_transactions) JOIN holding USING (ring_id)
JOIN read_parquet($transactions) USING (tx_id)
GROUP BY ring_id ORDER BY ring_id
"""


def get_transfer(paths: RunPaths, tx_id: int) -> Transfer:
    """Return a transaction of a run as a transfer to follow.

    Raises
    ------
    InputError
        If the run has no transaction of that id.
    """
    found = fetch(_TRANSFER, {"transactions": require(paths.augmented), "tx_id": tx_id})
    if found.empty:
        raise InputError(
            f"run {paths.run_id} has no transaction {tx_id}; take its number from a table of "
            "transactions (column Row), or choose an account's transfer below"
        )
    row = found.iloc[0]
    return Transfer(
        tx_id=int(row["tx_id"]),
        time=row["time"].to_pydatetime(),
        sender=str(row["sender"]),
        receiver=str(row["receiver"]),
        amount=round(float(row["amount"]) * MINOR_UNITS),
    )


def trace_money(
    paths: RunPaths, tx_id: int, direction: Direction, method: Method, limits: Limits
) -> Trace:
    """Return where the money of a transaction went, or where it came from.

    What was on an account before its first entry is its balance then where the data have one, and
    counts as other money; without balances it counts as nothing.

    Raises
    ------
    InputError
        If the run has no such transaction, or it moves no money between two accounts.
    """
    return follow(
        get_transfer(paths, tx_id),
        partial(_statements, paths),
        direction=direction,
        method=method,
        limits=limits,
    )


def paid_later(
    paths: RunPaths, tx_id: int, direction: Direction, method: Method, limits: Limits
) -> Later | None:
    """Return what went on, or had come, only beyond the longest wait on the first account.

    Raises
    ------
    InputError
        As for :func:`trace_money`.
    """
    trace = trace_money(paths, tx_id, direction, method, limits)
    return beyond_the_wait(trace, partial(_statements, paths))


def rings_of(paths: RunPaths, tx_id: int) -> pd.DataFrame:
    """Return the rings that hold a transaction.

    Returns
    -------
    pandas.DataFrame
        ``ring_id`` and ``hours``, from the first to the last transfer of the ring.
    """
    files = {
        "transactions": require(paths.augmented),
        "ring_transactions": require(paths.ring_transactions),
    }
    return fetch(_RINGS, files | {"tx_id": tx_id})


def transfers_of(
    paths: RunPaths, account: str, way: Literal["in", "out"], limit: int = 200
) -> pd.DataFrame:
    """Return transfers into or out of an account, the riskiest first, of equal ones the largest.

    Returns
    -------
    pandas.DataFrame
        ``tx_id, time, sender, receiver, amount`` (currency units), ``type, risk``.
    """
    found = entries(paths, [account])
    chosen = found[(found["direction"] == way) & (found["counterparty"] != account)]
    riskiest = chosen.sort_values(["risk", "amount", "tx_id"], ascending=[False, False, True]).head(
        limit
    )
    near, far = ("receiver", "sender") if way == "in" else ("sender", "receiver")
    named = riskiest.rename(columns={"account": near, "counterparty": far})
    columns = ["tx_id", "time", "sender", "receiver", "amount", "type", "risk"]
    return named[columns].reset_index(drop=True)


def alerted_transfers(paths: RunPaths, limit: int = 50) -> pd.DataFrame:
    """Return transfers that are worth following: that of each of the worst alerts.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`transfers_of` and ``ring_id`` (null for a lone transaction): of an
        alert's ring its first transfer.
    """
    files = {
        "transactions": require(paths.augmented),
        "alerts": require(paths.alerts),
        "ring_transactions": require(paths.ring_transactions),
    }
    return fetch(_ALERTED, files | {"limit": limit})


def trace_transfers(
    paths: RunPaths, tx_id: int, direction: Direction, methods: Sequence[Method], limits: Limits
) -> pd.DataFrame:
    """Return the transfers that carried money of a transaction, for a file.

    Returns
    -------
    pandas.DataFrame
        ``method, hop, tx_id, time, sender, receiver, amount, part``, both in currency units.
    """
    found = [trace_money(paths, tx_id, direction, method, limits) for method in methods]
    return _told(found, [one.flows for one in found])


def trace_ends(
    paths: RunPaths, tx_id: int, direction: Direction, methods: Sequence[Method], limits: Limits
) -> pd.DataFrame:
    """Return where the money of a transaction was followed no further, for a file.

    Returns
    -------
    pandas.DataFrame
        ``method, hop, account, kind`` (see ``engine.trace.result.End``), ``part`` (currency
        units), ``transfers``.
    """
    found = [trace_money(paths, tx_id, direction, method, limits) for method in methods]
    return _told(found, [one.ends for one in found])


def _told(found: Sequence[Trace], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = pd.concat(
        [frame.assign(method=one.method) for one, frame in zip(found, frames, strict=True)],
        ignore_index=True,
    )
    units = [name for name in ("amount", "part") if name in rows.columns]
    rows[units] = rows[units] / MINOR_UNITS
    return rows[["method", *rows.columns.drop("method")]]


def _statements(
    paths: RunPaths, accounts: Sequence[str], start: datetime, end: datetime
) -> dict[str, Statement]:
    """Return statements of a period; what came before it is summed up."""
    after = None if end == datetime.max else end + timedelta(microseconds=1)
    return statements_of(entries(paths, accounts, end=after), since=start)
