"""What accounts of a run did: their entries, with whom, among themselves, and their key figures.

All read the run's ledger (:mod:`engine.query.ledger_file`), which is made on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from engine.lake import RunPaths
from engine.query.database import fetch
from engine.query.ledger_file import is_ready as is_ready
from engine.query.ledger_file import prepare as prepare
from engine.query.ledger_file import ready_accounts, ready_ledger

CounterpartyOrder = Literal["risk", "amount", "time"]

_OF_ACCOUNTS = """
FROM read_parquet($ledger)
WHERE account IN (SELECT unnest($accounts::VARCHAR[]))
  AND ($start::TIMESTAMP IS NULL OR time >= $start)
  AND ($end::TIMESTAMP IS NULL OR time < $end)
"""

_FILTERS = """
  AND amount >= $min_amount
  AND (len($types::VARCHAR[]) = 0 OR list_contains($types::VARCHAR[], type))
  AND ($min_risk = 0 OR risk >= $min_risk)
"""

_ENTRIES = f"""
SELECT account, CASE WHEN is_in THEN 'in' ELSE 'out' END AS direction, counterparty, tx_id, time,
       amount, type, risk, balance_before, balance_after
{_OF_ACCOUNTS} ORDER BY time, tx_id, is_in LIMIT $limit
"""

_COUNTERPARTIES = f"""
SELECT account, counterparty,
       count(*) FILTER (NOT is_in) AS n_out,
       coalesce(sum(amount) FILTER (NOT is_in), 0.0) AS out_amount,
       count(*) FILTER (is_in) AS n_in,
       coalesce(sum(amount) FILTER (is_in), 0.0) AS in_amount,
       min(time) AS first_time, max(time) AS last_time, max(risk) AS risk
{_OF_ACCOUNTS} {_FILTERS} GROUP BY account, counterparty
"""

_ORDERS: dict[CounterpartyOrder, str] = {
    "risk": "ORDER BY risk DESC NULLS LAST, out_amount + in_amount DESC, account, counterparty",
    "amount": "ORDER BY out_amount + in_amount DESC, account, counterparty",
    "time": "ORDER BY first_time, account, counterparty",
}

_EDGES = f"""
SELECT account AS sender, counterparty AS receiver, count(*) AS transactions,
       sum(amount) AS amount, min(time) AS first_time, max(time) AS last_time, max(risk) AS risk
{_OF_ACCOUNTS} {_FILTERS} AND NOT is_in AND list_contains($accounts::VARCHAR[], counterparty)
GROUP BY sender, receiver ORDER BY amount DESC, sender, receiver
"""

_FACTS = """
SELECT account, role, risk, in_count, out_count, in_amount, out_amount, first_time, last_time,
       counterparties, community, pagerank
FROM read_parquet($account_list) WHERE account IN (SELECT unnest($accounts::VARCHAR[]))
ORDER BY account
"""


def entries(
    paths: RunPaths,
    accounts: Sequence[str],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Return what went in and out of accounts, in time order.

    Parameters
    ----------
    paths
        Files of the run.
    accounts
        The accounts; a transaction between two of them stands under both.
    start, end
        Period, the end not included; ``None`` leaves a side open.
    limit
        Most rows returned, the earliest; ``None`` returns all.

    Returns
    -------
    pandas.DataFrame
        ``account, direction`` (``in`` or ``out``), ``counterparty, tx_id, time, amount`` (currency
        units), ``type, risk, balance_before, balance_after`` (those of ``account``, null where the
        data have none).

    Raises
    ------
    InputError
        If the run's transactions name no accounts.
    """
    return fetch(_ENTRIES, _asked(paths, accounts, start, end) | {"limit": limit})


def counterparties(
    paths: RunPaths,
    accounts: Sequence[str],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    min_amount: float = 0.0,
    types: Sequence[str] = (),
    min_risk: float = 0.0,
    limit: int | None = None,
    order: CounterpartyOrder = "risk",
) -> pd.DataFrame:
    """Return with whom accounts dealt, parallel transfers folded.

    Parameters
    ----------
    paths, accounts, start, end
        As for :func:`entries`.
    min_amount, types, min_risk
        Which transfers count: at least this amount each (currency units), of these types (empty:
        all), with at least this risk.
    limit
        Most rows returned; ``None`` returns all.
    order
        The riskiest, the largest sum both ways, or the earliest first.

    Returns
    -------
    pandas.DataFrame
        ``account, counterparty, n_out, out_amount, n_in, in_amount, first_time, last_time, risk``,
        seen from ``account``; ``risk`` is the highest of the folded transfers.
    """
    given = _asked(paths, accounts, start, end) | _filters(min_amount, types, min_risk)
    query = f"{_COUNTERPARTIES} {_ORDERS[order]} LIMIT $limit"
    return fetch(query, given | {"limit": limit})


def edges_among(
    paths: RunPaths,
    accounts: Sequence[str],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    min_amount: float = 0.0,
    types: Sequence[str] = (),
    min_risk: float = 0.0,
) -> pd.DataFrame:
    """Return who paid whom among the accounts, parallel transfers folded, the largest sum first.

    Parameters are those of :func:`counterparties`.

    Returns
    -------
    pandas.DataFrame
        ``sender, receiver, transactions, amount, first_time, last_time, risk``.
    """
    given = _asked(paths, accounts, start, end) | _filters(min_amount, types, min_risk)
    return fetch(_EDGES, given)


def account_facts(paths: RunPaths, accounts: Sequence[str]) -> pd.DataFrame:
    """Return key figures of accounts over the whole run, in the order of their ids.

    Returns
    -------
    pandas.DataFrame
        ``account, role, risk, in_count, out_count, in_amount, out_amount, first_time, last_time,
        counterparties`` (different ones), ``community, pagerank``; an account that the run does
        not have is left out.
    """
    given = {"account_list": ready_accounts(paths), "accounts": list(accounts)}
    return fetch(_FACTS, given)


def _asked(
    paths: RunPaths, accounts: Sequence[str], start: datetime | None, end: datetime | None
) -> dict[str, Any]:
    return {
        "ledger": ready_ledger(paths),
        "accounts": list(dict.fromkeys(accounts)),
        "start": start,
        "end": end,
    }


def _filters(min_amount: float, types: Sequence[str], min_risk: float) -> dict[str, Any]:
    return {"min_amount": min_amount, "types": list(types), "min_risk": min_risk}
