"""One ring in full: why it scored, what speaks for innocence, what passed through, and who else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.database import fetch, require


@dataclass(frozen=True, slots=True)
class LookalikeCheck:
    """One innocent explanation that was tested, and whether it fits."""

    code: str
    title: str
    innocent: bool
    text: str


@dataclass(frozen=True, slots=True)
class PassedOn:
    """An account that passed money on inside the ring.

    Attributes
    ----------
    in_amount, out_amount
        In currency units.
    retention
        Amount out over amount in.
    hours
        From the mean moment of the money in to that of the money out, weighted by amount.
    """

    account: str
    in_amount: float
    out_amount: float
    retention: float
    hours: float


@dataclass(frozen=True, slots=True)
class RingDetail:
    """One ring: its verdict, its size, its period, its evidence, and the hash that names it.

    Attributes
    ----------
    surprise
        ``-log10`` of the matches that chance makes in 10,000 accounts; 0 where not defined.
    expected
        Counterparties expected at the hub's own rate.
    learned
        Whether labels of the past gave the score.
    """

    ring_id: str
    typology: str
    score: float
    n_accounts: int
    n_transactions: int
    amount: float
    start: datetime
    end: datetime
    fingerprint: str
    surprise: float = 0.0
    expected: float = 0.0
    mean_risk: float = 0.0
    learned: bool = False
    checks: tuple[LookalikeCheck, ...] = ()
    passed_on: tuple[PassedOn, ...] = ()


#: Rings that share accounts with one, the most alike first.
_RELATED = """
WITH mine AS (SELECT account FROM read_parquet($ring_accounts) WHERE ring_id = $ring_id),
shared AS (
    SELECT ring_id, count(*) AS shared FROM read_parquet($ring_accounts)
    WHERE ring_id <> $ring_id AND account IN (SELECT account FROM mine) GROUP BY ring_id
)
SELECT ring_id, typology, score, n_accounts, amount, "start", "end", shared,
       shared / (n_accounts + (SELECT count(*) FROM mine) - shared)::DOUBLE AS jaccard
FROM shared JOIN read_parquet($rings) USING (ring_id)
ORDER BY jaccard DESC, score DESC, ring_id LIMIT $limit
"""

#: Every account of either ring with its role in both.
_ROLES = """
SELECT coalesce(one.account, other.account) AS account, one.role AS role, other.role AS other_role
FROM (SELECT account, role FROM read_parquet($ring_accounts) WHERE ring_id = $ring_id) AS one
FULL JOIN (SELECT account, role FROM read_parquet($ring_accounts)
           WHERE ring_id = $other_id) AS other USING (account)
ORDER BY (one.role IS NULL OR other.role IS NULL), one.role IS NULL, account
"""

_SHARED_TRANSACTIONS = """
SELECT count(*) AS n FROM (
    SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $ring_id
    INTERSECT SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $other_id
)
"""


def get_ring(paths: RunPaths, ring_id: str) -> RingDetail:
    """Read one ring. Evidence that an older run did not write is left out.

    Raises
    ------
    InputError
        If the run has no ring of that id.
    """
    found = fetch(
        "SELECT * FROM read_parquet($rings) WHERE ring_id = $ring_id",
        {"rings": require(paths.rings), "ring_id": ring_id},
    )
    if found.empty:
        raise InputError(f"run {paths.run_id} has no ring {ring_id!r}; choose one from the list")
    row: dict[Any, Any] = found.iloc[0].to_dict()
    evidence = json.loads(row.get("evidence") or "{}")
    return RingDetail(
        ring_id=str(row["ring_id"]),
        typology=str(row["typology"]),
        score=float(row["score"]),
        n_accounts=int(row["n_accounts"]),
        n_transactions=int(row["n_transactions"]),
        amount=float(row["amount"]),
        start=row["start"].to_pydatetime(),
        end=row["end"].to_pydatetime(),
        fingerprint=str(row["fingerprint"]),
        surprise=float(row.get("surprise", 0.0)),
        expected=float(row.get("expected", 0.0)),
        mean_risk=float(row.get("mean_risk", 0.0)),
        learned=bool(row.get("learned", False)),
        checks=tuple(
            LookalikeCheck(check["code"], check["title"], bool(check["innocent"]), check["text"])
            for check in json.loads(row.get("checks") or "[]")
        ),
        passed_on=tuple(PassedOn(**one) for one in evidence.get("passed_on", ())),
    )


def related_rings(paths: RunPaths, ring_id: str, limit: int = 20) -> pd.DataFrame:
    """Return the rings that share accounts with a ring, the most alike first.

    Returns
    -------
    pandas.DataFrame
        ``ring_id, typology, score, n_accounts, amount, start, end, shared, jaccard``: accounts in
        common, and their share of all accounts of both.
    """
    parameters = {
        "rings": require(paths.rings), "ring_accounts": require(paths.ring_accounts),
        "ring_id": ring_id, "limit": limit,
    }  # fmt: skip
    return fetch(_RELATED, parameters)


def compare_roles(paths: RunPaths, ring_id: str, other_id: str) -> pd.DataFrame:
    """Return ``account, role, other_role`` of all accounts of two rings, those of both first."""
    parameters = {
        "ring_accounts": require(paths.ring_accounts), "ring_id": ring_id, "other_id": other_id,
    }  # fmt: skip
    return fetch(_ROLES, parameters)


def shared_transactions(paths: RunPaths, ring_id: str, other_id: str) -> int:
    """Return how many transactions prove both rings."""
    parameters = {
        "ring_transactions": require(paths.ring_transactions), "ring_id": ring_id,
        "other_id": other_id,
    }  # fmt: skip
    return int(fetch(_SHARED_TRANSACTIONS, parameters)["n"].iloc[0])
