"""The rings of a run: filter, count, page, and what one ring consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.database import fetch, require

RingOrder = Literal["score", "amount", "n_accounts", "n_transactions", "start", "ring_id"]

#: Largest page that is handed to a browser.
MAX_PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class RingFilter:
    """Which rings, in which order.

    Attributes
    ----------
    typologies
        Typologies to keep; empty keeps all.
    min_score
        Lowest score kept, 0 to 1.
    min_amount, max_amount
        Bounds of the amount, in currency units; ``None`` leaves one open.
    start, end
        Keeps rings that were active in this period, the end not included.
    search
        Part of a ring id or of an account of the ring, in any case.
    sort, descending
        Order; equal values keep the order of the ring ids.
    """

    typologies: tuple[str, ...] = ()
    min_score: float = 0.0
    min_amount: float | None = None
    max_amount: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: str = ""
    sort: RingOrder = "score"
    descending: bool = True


_COLUMNS = 'ring_id, typology, score, n_accounts, n_transactions, amount, "start", "end"'

_WHERE = """
FROM read_parquet($rings)
WHERE (len($typologies::VARCHAR[]) = 0 OR list_contains($typologies::VARCHAR[], typology))
  AND score >= $min_score
  AND ($min_amount::DOUBLE IS NULL OR amount >= $min_amount)
  AND ($max_amount::DOUBLE IS NULL OR amount <= $max_amount)
  AND ($start::TIMESTAMP IS NULL OR "end" >= $start)
  AND ($end::TIMESTAMP IS NULL OR "start" < $end)
  AND ($search = '' OR contains(lower(ring_id), lower($search))
       OR ring_id IN (SELECT ring_id FROM read_parquet($ring_accounts)
                      WHERE contains(lower(account), lower($search))))
"""

_ORDERS: dict[tuple[str, bool], str] = {
    (name, descending): f'ORDER BY "{name}" {"DESC" if descending else "ASC"}, ring_id'
    for name in ("score", "amount", "n_accounts", "n_transactions", "start", "ring_id")
    for descending in (True, False)
}

#: The transfers of one ring. The period lets Parquet skip the row groups of other times.
_TRANSFERS = """
WITH transfers AS (
    SELECT tx_id, time, sender, receiver, amount, type,
           rule_score, anomaly_score, fraud_probability, final_risk
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


def has_rings(paths: RunPaths) -> bool:
    """Tell whether the run has a graph: an input without accounts has none."""
    return paths.rings.exists()


def _selection(paths: RunPaths, query: RingFilter) -> dict[str, Any]:
    return {
        "rings": require(paths.rings),
        "ring_accounts": require(paths.ring_accounts),
        "typologies": list(query.typologies),
        "min_score": query.min_score,
        "min_amount": query.min_amount,
        "max_amount": query.max_amount,
        "start": query.start,
        "end": query.end,
        "search": query.search.strip(),
    }


def count_rings(paths: RunPaths, query: RingFilter) -> int:
    """Return how many rings of the run pass the filter."""
    found = fetch(f"SELECT count(*) AS n {_WHERE}", _selection(paths, query))
    return int(found["n"].iloc[0])


def page_rings(
    paths: RunPaths, query: RingFilter, page: int = 1, page_size: int = 100
) -> pd.DataFrame:
    """Return one page of the filtered rings.

    Parameters
    ----------
    paths
        Files of the run.
    query
        Filter and order.
    page
        Number of the page, from 1; a page beyond the last is empty.
    page_size
        Rings a page, 1 to ``MAX_PAGE_SIZE``.

    Returns
    -------
    pandas.DataFrame
        ``ring_id, typology, score, n_accounts, n_transactions, amount, start, end``.

    Raises
    ------
    InputError
        If ``page`` or ``page_size`` is out of range.
    RunError
        If the run has no rings file.
    """
    if page < 1 or not 1 <= page_size <= MAX_PAGE_SIZE:
        raise InputError(
            f"page {page} of {page_size} rings: pages count from 1, with 1 to {MAX_PAGE_SIZE} rows"
        )
    parameters = _selection(paths, query)
    parameters |= {"page_size": page_size, "offset": (page - 1) * page_size}
    order = _ORDERS[query.sort, query.descending]
    return fetch(f"SELECT {_COLUMNS} {_WHERE} {order} LIMIT $page_size OFFSET $offset", parameters)


def ring_typologies(paths: RunPaths) -> pd.DataFrame:
    """Return ``typology`` and its number of ``rings`` in the run, the most frequent first."""
    return fetch(
        "SELECT typology, count(*) AS rings FROM read_parquet($rings) "
        "GROUP BY typology ORDER BY rings DESC, typology",
        {"rings": require(paths.rings)},
    )


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
        fraud_probability, final_risk``.
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
