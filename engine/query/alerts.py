"""The alert queue of a run: filter, count, page, and export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.database import fetch, require

AlertOrder = Literal["score", "amount", "n_accounts", "opened", "typology", "alert_id"]

#: Largest page that is handed to a browser.
MAX_PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts, in which order.

    Attributes
    ----------
    typologies
        Typologies to keep; empty keeps all.
    min_score
        Lowest score kept, 0 to 1.
    min_amount, max_amount
        Range of the amount in currency units, both ends included.
    start, end
        Range of ``opened``: from ``start`` on, before ``end``.
    search
        Part of an alert id or title, or of an account of the ring, in any case; the account of a
        lone transaction must be given whole.
    sort, descending
        Order; equal values keep the order of the alert ids.
    """

    typologies: tuple[str, ...] = ()
    min_score: float = 0.0
    min_amount: float | None = None
    max_amount: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: str = ""
    sort: AlertOrder = "score"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class AlertSummary:
    """Figures over the filtered alerts; ``latest`` is when the last one opened."""

    alerts: int
    rings: int
    amount: float
    median_score: float | None
    latest: datetime | None


_RING_HITS = """
    OR ring_id IN (SELECT ring_id FROM read_parquet($ring_accounts)
                   WHERE contains(lower(account), lower($search)))
    OR tx_id IN (SELECT tx_id FROM read_parquet($augmented)
                 WHERE sender = $search OR receiver = $search)"""

_WHERE = """
FROM read_parquet($alerts)
WHERE (len($typologies::VARCHAR[]) = 0 OR list_contains($typologies::VARCHAR[], typology))
  AND score >= $min_score
  AND ($min_amount::DOUBLE IS NULL OR amount >= $min_amount)
  AND ($max_amount::DOUBLE IS NULL OR amount <= $max_amount)
  AND ($start::TIMESTAMP IS NULL OR opened >= $start)
  AND ($end::TIMESTAMP IS NULL OR opened < $end)
"""

_SEARCH = """
  AND (contains(lower(alert_id), lower($search)) OR contains(lower(title), lower($search)){hits})
"""

_COLUMNS = "alert_id, ring_id, tx_id, title, typology, score, amount, n_accounts, opened"

_ORDERS: dict[tuple[str, bool], str] = {
    (name, descending): f"ORDER BY {name} {'DESC' if descending else 'ASC'}, alert_id"
    for name in ("score", "amount", "n_accounts", "opened", "typology", "alert_id")
    for descending in (True, False)
}


def _selection(paths: RunPaths, query: AlertFilter) -> tuple[str, dict[str, Any]]:
    parameters: dict[str, Any] = {
        "alerts": require(paths.alerts),
        "typologies": list(query.typologies),
        "min_score": query.min_score,
        "min_amount": query.min_amount,
        "max_amount": query.max_amount,
        "start": query.start,
        "end": query.end,
    }
    search = query.search.strip()
    if not search:
        return _WHERE, parameters
    parameters["search"] = search
    if not paths.ring_accounts.exists():
        return _WHERE + _SEARCH.format(hits=""), parameters
    parameters["ring_accounts"] = str(paths.ring_accounts)
    parameters["augmented"] = require(paths.augmented)
    return _WHERE + _SEARCH.format(hits=_RING_HITS), parameters


def count_alerts(paths: RunPaths, query: AlertFilter) -> int:
    """Return how many alerts of the run pass the filter."""
    where, parameters = _selection(paths, query)
    return int(fetch(f"SELECT count(*) AS n {where}", parameters)["n"].iloc[0])


def summarize_alerts(paths: RunPaths, query: AlertFilter) -> AlertSummary:
    """Return the figures over the filtered alerts."""
    where, parameters = _selection(paths, query)
    row = fetch(
        "SELECT count(*) AS alerts, count(ring_id) AS rings, coalesce(sum(amount), 0.0) AS amount, "
        f"median(score) AS median_score, max(opened) AS latest {where}",
        parameters,
    ).iloc[0]
    empty = row["alerts"] == 0
    return AlertSummary(
        alerts=int(row["alerts"]),
        rings=int(row["rings"]),
        amount=float(row["amount"]),
        median_score=None if empty else float(row["median_score"]),
        latest=None if empty else row["latest"].to_pydatetime(),
    )


def page_alerts(
    paths: RunPaths, query: AlertFilter, page: int = 1, page_size: int = 100
) -> pd.DataFrame:
    """Return one page of the filtered alerts.

    Parameters
    ----------
    paths
        Files of the run.
    query
        Filter and order.
    page
        Number of the page, from 1; a page beyond the last is empty.
    page_size
        Alerts a page, 1 to ``MAX_PAGE_SIZE``.

    Returns
    -------
    pandas.DataFrame
        ``alert_id, ring_id, tx_id, title, typology, score, amount, n_accounts, opened``.

    Raises
    ------
    InputError
        If ``page`` or ``page_size`` is out of range.
    RunError
        If the run has no alerts file.
    """
    if page < 1 or not 1 <= page_size <= MAX_PAGE_SIZE:
        raise InputError(
            f"page {page} of {page_size} alerts: pages count from 1, with 1 to {MAX_PAGE_SIZE} rows"
        )
    where, parameters = _selection(paths, query)
    parameters |= {"page_size": page_size, "offset": (page - 1) * page_size}
    order = _ORDERS[query.sort, query.descending]
    return fetch(f"SELECT {_COLUMNS} {where} {order} LIMIT $page_size OFFSET $offset", parameters)


def export_alerts(paths: RunPaths, query: AlertFilter) -> pd.DataFrame:
    """Return every filtered alert in order, with its reasons' texts, for a download."""
    where, parameters = _selection(paths, query)
    order = _ORDERS[query.sort, query.descending]
    return fetch(
        f"SELECT {_COLUMNS}, array_to_string(json_extract_string(reasons, '$[*].text'), '; ') "
        f"AS reasons {where} {order}",
        parameters,
    )


def alert_typologies(paths: RunPaths) -> pd.DataFrame:
    """Return ``typology`` and its number of ``alerts`` in the run, the most frequent first."""
    return fetch(
        "SELECT typology, count(*) AS alerts FROM read_parquet($alerts) "
        "GROUP BY typology ORDER BY alerts DESC, typology",
        {"alerts": require(paths.alerts)},
    )


def alert_of_ring(paths: RunPaths, ring_id: str) -> str | None:
    """Return the id of the alert that a ring raised, or ``None``."""
    found = fetch(
        "SELECT alert_id FROM read_parquet($alerts) WHERE ring_id = $ring_id "
        "ORDER BY alert_id LIMIT 1",
        {"alerts": require(paths.alerts), "ring_id": ring_id},
    )
    return str(found["alert_id"].iloc[0]) if len(found) else None
