"""What one ring of a run consists of: its accounts, who paid whom, and its transactions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.lake import RunPaths
from engine.query.database import fetch, require

_COLUMNS = (
    "tx_id|time|sender|receiver|amount|type|memo|rule_score|anomaly_score|fraud_probability|"
    "final_risk"
)
#: The transfers of one ring. The period lets Parquet skip the row groups of other times.
_TRANSFERS = f"""
WITH transfers AS (
    SELECT COLUMNS('^({_COLUMNS})$')
    FROM read_parquet($augmented)
    WHERE tx_id IN (SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $ring_id)
      AND time BETWEEN (SELECT "start" FROM read_parquet($rings) WHERE ring_id = $ring_id)
                   AND (SELECT "end" FROM read_parquet($rings) WHERE ring_id = $ring_id)
)
"""

_TRANSACTIONS = """
SELECT * FROM transfers
WHERE $account::VARCHAR IS NULL OR sender = $account OR receiver = $account
ORDER BY time, tx_id LIMIT $limit
"""

_EDGES = """
SELECT sender, receiver, count(*) AS transactions, sum(amount) AS amount,
       min(time) AS first_time, max(time) AS last_time, max(final_risk) AS risk
FROM transfers GROUP BY sender, receiver ORDER BY amount DESC, sender, receiver
"""

_MEMBERS = """
, sent AS (SELECT sender AS account, count(*) AS out_count, sum(amount) AS out_amount
           FROM transfers GROUP BY sender)
, received AS (SELECT receiver AS account, count(*) AS in_count, sum(amount) AS in_amount
               FROM transfers GROUP BY receiver)
SELECT member.account, member.role,
       coalesce(in_count, 0) AS in_count, coalesce(in_amount, 0.0) AS in_amount,
       coalesce(out_count, 0) AS out_count, coalesce(out_amount, 0.0) AS out_amount,
       known.risk, known.pagerank
FROM read_parquet($ring_accounts) AS member
LEFT JOIN sent USING (account)
LEFT JOIN received USING (account)
LEFT JOIN (SELECT account, risk, pagerank FROM read_parquet($accounts)) AS known USING (account)
WHERE member.ring_id = $ring_id
ORDER BY known.risk DESC NULLS LAST, member.account
"""


def ring_members(paths: RunPaths, ring_id: str) -> pd.DataFrame:
    """Return the accounts of a ring, the riskiest first.

    Returns
    -------
    pandas.DataFrame
        ``account, role, in_count, in_amount, out_count, out_amount, risk, pagerank``: counts and
        amounts inside the ring, risk and PageRank over the whole run.
    """
    parameters = _transfers_of(paths, ring_id)
    parameters |= {
        "ring_accounts": require(paths.ring_accounts),
        "accounts": require(paths.accounts),
    }
    return fetch(_TRANSFERS + _MEMBERS, parameters)


def ring_edges(paths: RunPaths, ring_id: str) -> pd.DataFrame:
    """Return who paid whom in a ring, parallel transfers folded, the largest sum first.

    Returns
    -------
    pandas.DataFrame
        ``sender, receiver, transactions, amount, first_time, last_time, risk``, where ``risk`` is
        the highest of the folded transfers.
    """
    return fetch(_TRANSFERS + _EDGES, _transfers_of(paths, ring_id))


def ring_transactions(
    paths: RunPaths, ring_id: str, limit: int | None = 500, *, account: str | None = None
) -> pd.DataFrame:
    """Return the transactions that prove a ring, in time order, with their scores.

    Parameters
    ----------
    paths
        Files of the run.
    ring_id
        The ring.
    limit
        Most rows returned, the earliest; ``None`` returns all.
    account
        Only transactions sent or received by this account.

    Returns
    -------
    pandas.DataFrame
        ``tx_id, time, sender, receiver, amount, type, rule_score, anomaly_score,
        fraud_probability, final_risk``, and after ``type`` the ``memo`` where the input has one.
    """
    parameters = _transfers_of(paths, ring_id) | {"account": account, "limit": limit}
    return fetch(_TRANSFERS + _TRANSACTIONS, parameters)


def _transfers_of(paths: RunPaths, ring_id: str) -> dict[str, Any]:
    return {
        "augmented": require(paths.augmented),
        "rings": require(paths.rings),
        "ring_transactions": require(paths.ring_transactions),
        "ring_id": ring_id,
    }
