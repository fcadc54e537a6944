"""Two rings side by side: which are worth comparing, and what they have in common."""

from __future__ import annotations

import pandas as pd

from engine.lake import RunPaths
from engine.query.database import fetch, require

#: Of rings without a common account, the alike ones have the same typology, and about as many
#: accounts and as large an amount: the sum of the two ratios on a logarithmic scale is small.
_RELATED = """
WITH mine AS (SELECT account FROM read_parquet($ring_accounts) WHERE ring_id = $ring_id),
this AS (SELECT * FROM read_parquet($rings) WHERE ring_id = $ring_id),
common AS (
    SELECT ring_id, count(*) AS shared FROM read_parquet($ring_accounts)
    WHERE account IN (SELECT account FROM mine) GROUP BY ring_id
)
SELECT other.ring_id, other.typology, other.score, coalesce(shared, 0) AS shared,
       coalesce(shared, 0) / (other.n_accounts + this.n_accounts - coalesce(shared, 0))::DOUBLE
           AS jaccard
FROM read_parquet($rings) AS other CROSS JOIN this
LEFT JOIN common ON common.ring_id = other.ring_id
WHERE other.ring_id <> $ring_id
ORDER BY jaccard DESC, other.typology = this.typology DESC,
         abs(ln(other.n_accounts / this.n_accounts))
         + abs(ln(greatest(other.amount, 0.01) / greatest(this.amount, 0.01))),
         other.ring_id
LIMIT $limit
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
SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $ring_id
INTERSECT SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $other_id
ORDER BY tx_id
"""


def related_rings(paths: RunPaths, ring_id: str, limit: int = 20) -> pd.DataFrame:
    """Return rings to compare with one: those that share accounts, then those most alike.

    Returns
    -------
    pandas.DataFrame
        ``ring_id, typology, score, shared, jaccard``: accounts in common, and their share of all
        accounts of both.
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


def shared_transactions(paths: RunPaths, ring_id: str, other_id: str) -> list[int]:
    """Return the ids of the transactions that prove both rings, ascending."""
    parameters = {
        "ring_transactions": require(paths.ring_transactions), "ring_id": ring_id,
        "other_id": other_id,
    }  # fmt: skip
    return [int(tx_id) for tx_id in fetch(_SHARED_TRANSACTIONS, parameters)["tx_id"]]
