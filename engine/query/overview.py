"""Figures of a run as a whole, asked of its Parquet files; every answer is a small frame.

DuckDB reads only the columns and row groups a question needs, so a run of millions of rows is
never loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow.parquet as pq

from engine.columns import CURRENCY, LABEL, TYPE
from engine.lake import RunPaths
from engine.query.database import fetch, require

Bucket = Literal["hour", "day", "week", "month", "year"]

#: Most points of a time series: more bars than this cannot be told apart on a page.
MAX_POINTS = 200

_LENGTH: dict[Bucket, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=28),
}

#: Transactions an alert rests on: those of its ring, or the lone one.
_ALERTED = """
    SELECT evidence.tx_id
    FROM read_parquet($alerts) JOIN read_parquet($ring_transactions) AS evidence USING (ring_id)
    UNION
    SELECT tx_id FROM read_parquet($alerts) WHERE tx_id IS NOT NULL
"""
_ALERTED_LONE = "SELECT DISTINCT tx_id FROM read_parquet($alerts) WHERE tx_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Key figures of a run.

    ``amount`` and ``alerted_amount`` are in currency units; a transaction in several alerts counts
    once. ``lone_alerts`` hold a transaction and no ring. ``accounts`` and ``rings`` are ``None``
    for an input without accounts, ``fraud_share`` (0 to 1) for one without labels; ``currency``
    is set if all rows share one.
    """

    transactions: int
    amount: float
    accounts: int | None
    alerts: int
    lone_alerts: int
    rings: int | None
    alerted_transactions: int
    alerted_amount: float
    fraud_share: float | None
    first: datetime | None
    last: datetime | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Transactions and alerts over time.

    ``points`` has a row for each bucket that holds either: ``time`` (its start), ``transactions``,
    ``amount`` (currency units), and ``alerts`` (by the time of their last transaction).
    """

    bucket: Bucket
    points: pd.DataFrame


def key_figures(paths: RunPaths) -> KeyFigures:
    """Return the key figures of a run."""
    columns = _columns(paths.augmented)
    label = f"avg({LABEL})" if LABEL in columns else "NULL"
    whole = _ask(
        paths,
        f"""
        SELECT count(*) AS n, coalesce(fsum(amount), 0.0) AS amount, {label} AS fraud,
               min(time) AS first, max(time) AS last
        FROM read_parquet($transactions)
        """,
    ).iloc[0]
    alerted = _ask(
        paths,
        f"""
        SELECT count(*) AS n, coalesce(fsum(amount), 0.0) AS amount,
               (SELECT count(*) FROM read_parquet($alerts)) AS alerts,
               (SELECT count(*) FROM read_parquet($alerts) WHERE ring_id IS NULL) AS lone
        FROM read_parquet($transactions) SEMI JOIN ({_alerted(paths)}) USING (tx_id)
        """,
    ).iloc[0]
    return KeyFigures(
        transactions=int(whole["n"]),
        amount=float(whole["amount"]),
        accounts=_rows(paths.accounts),
        alerts=int(alerted["alerts"]),
        lone_alerts=int(alerted["lone"]),
        rings=_rows(paths.rings),
        alerted_transactions=int(alerted["n"]),
        alerted_amount=float(alerted["amount"]),
        fraud_share=None if pd.isna(whole["fraud"]) else float(whole["fraud"]),
        first=_moment(whole["first"]),
        last=_moment(whole["last"]),
        currency=currency(paths),
    )


def currency(paths: RunPaths) -> str | None:
    """Return the code of the run's currency, or ``None`` if it has none or several.

    Letters, digits and spaces, ten at most: whatever else a file may hold there names no currency.
    """
    if CURRENCY not in _columns(paths.augmented):
        return None
    codes = _ask(
        paths,
        f"SELECT DISTINCT CAST({CURRENCY} AS VARCHAR) AS code FROM read_parquet($transactions) "
        f"WHERE {CURRENCY} IS NOT NULL LIMIT 2",
    )["code"]
    code = str(codes.iloc[0]) if len(codes) == 1 else ""
    return code if re.fullmatch(r"\w[\w ]{0,9}", code) else None


def choose_bucket(first: datetime, last: datetime) -> Bucket:
    """Return the finest bucket that keeps a series within :data:`MAX_POINTS` points."""
    for bucket, length in _LENGTH.items():
        # A span of n lengths touches up to n + 1 buckets.
        if (last - first) / length <= MAX_POINTS - 1:
            return bucket
    return "year"


def over_time(paths: RunPaths) -> Timeline:
    """Return transactions, their amount, and alerts by time, in at most 200 buckets."""
    span = _ask(
        paths, "SELECT min(time) AS first, max(time) AS last FROM read_parquet($transactions)"
    ).iloc[0]
    first, last = _moment(span["first"]), _moment(span["last"])
    bucket = choose_bucket(first, last) if first and last else "day"
    points = _ask(
        paths,
        f"""
        WITH moved AS (
            SELECT date_trunc('{bucket}', time) AS time, count(*) AS transactions,
                   fsum(amount) AS amount
            FROM read_parquet($transactions) GROUP BY 1
        ), raised AS (
            SELECT date_trunc('{bucket}', opened) AS time, count(*) AS alerts
            FROM read_parquet($alerts) GROUP BY 1
        )
        SELECT CAST(time AS TIMESTAMP) AS time, coalesce(transactions, 0) AS transactions,
               coalesce(amount, 0.0) AS amount, coalesce(alerts, 0) AS alerts
        FROM moved FULL JOIN raised USING (time) ORDER BY time
        """,
    )
    return Timeline(bucket, points)


def by_type(paths: RunPaths) -> pd.DataFrame:
    """Return ``type, transactions, amount``, and ``alerted`` transactions, largest first.

    Empty for an input without types.
    """
    if TYPE not in _columns(paths.augmented):
        return pd.DataFrame(columns=["type", "transactions", "amount", "alerted"])
    return _ask(
        paths,
        f"""
        SELECT coalesce(CAST(type AS VARCHAR), 'unknown') AS type, count(*) AS transactions,
               fsum(amount) AS amount, count(alerted.tx_id) AS alerted
        FROM read_parquet($transactions) LEFT JOIN ({_alerted(paths)}) AS alerted USING (tx_id)
        GROUP BY 1 ORDER BY amount DESC, type
        """,
    )


def risk_histogram(paths: RunPaths) -> pd.DataFrame:
    """Return the number of ``transactions`` by final risk, in 20 bins from ``low`` to ``high``.

    The last bin holds a risk of exactly 1 as well; empty bins are there with 0.
    """
    return _ask(
        paths,
        """
        WITH binned AS (
            SELECT least(CAST(floor(final_risk * 20) AS INTEGER), 19) AS bin, count(*) AS n
            FROM read_parquet($transactions) WHERE final_risk IS NOT NULL GROUP BY 1
        )
        SELECT bin / 20 AS low, (bin + 1) / 20 AS high, coalesce(n, 0) AS transactions
        FROM (SELECT unnest(range(20)) AS bin) LEFT JOIN binned USING (bin) ORDER BY bin
        """,
    )


def typologies(paths: RunPaths) -> pd.DataFrame:
    """Return ``typology, alerts, amount``, and best ``score`` of rings with alerts, most first."""
    return _ask(
        paths,
        """
        SELECT typology, count(*) AS alerts, fsum(amount) AS amount, max(score) AS score
        FROM read_parquet($alerts) WHERE ring_id IS NOT NULL
        GROUP BY typology ORDER BY alerts DESC, typology
        """,
    )


def top_accounts(paths: RunPaths, limit: int = 10) -> pd.DataFrame:
    """Return the riskiest accounts, worst first.

    Returns
    -------
    DataFrame
        ``account, role, risk, rings`` (number of rings it is in), ``in_amount``, ``out_amount``
        (currency units), ``transactions``. Empty for an input without accounts.
    """
    if not paths.accounts.exists():
        names = ["account", "role", "risk", "rings", "in_amount", "out_amount", "transactions"]
        return pd.DataFrame(columns=names)
    return _ask(
        paths,
        """
        WITH counted AS (
            SELECT account, count(DISTINCT ring_id) AS rings
            FROM read_parquet($ring_accounts) GROUP BY account
        )
        SELECT account, role, risk, coalesce(rings, 0) AS rings, in_amount, out_amount,
               in_count + out_count AS transactions
        FROM read_parquet($accounts) LEFT JOIN counted USING (account)
        ORDER BY risk DESC, rings DESC, account LIMIT $limit
        """,
        limit=limit,
    )


def _ask(paths: RunPaths, sql: str, **values: object) -> pd.DataFrame:
    files = {name: path for name, path in _tables(paths).items() if f"${name})" in sql}
    return fetch(sql, {**{name: require(path) for name, path in files.items()}, **values})


def _tables(paths: RunPaths) -> dict[str, Path]:
    return {
        "transactions": paths.augmented,
        "alerts": paths.alerts,
        "accounts": paths.accounts,
        "ring_accounts": paths.ring_accounts,
        "ring_transactions": paths.ring_transactions,
    }


def _alerted(paths: RunPaths) -> str:
    return _ALERTED if paths.ring_transactions.exists() else _ALERTED_LONE


def _columns(path: Path) -> list[str]:
    return list(pq.read_schema(require(path)).names)


def _rows(path: Path) -> int | None:
    return int(pq.read_metadata(path).num_rows) if path.exists() else None


def _moment(value: object) -> datetime | None:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else None
