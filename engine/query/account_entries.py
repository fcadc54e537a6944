"""Accounts to begin with, and the transactions of one, by period, counterparty, or id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger import entries

_RISKIEST = """
SELECT account, role, risk, in_count + out_count AS transactions, in_amount, out_amount
FROM read_parquet($accounts)
ORDER BY risk DESC, in_amount + out_amount DESC, account LIMIT $limit
"""

_BY_ID = """
SELECT COLUMNS('^(tx_id|time|sender|receiver|amount|type|memo|.*_score|fraud_probability|'
               || 'final_risk)$')
FROM read_parquet($augmented) WHERE tx_id IN (SELECT unnest($tx_ids::BIGINT[]))
ORDER BY time, tx_id
"""


def riskiest_accounts(paths: RunPaths, limit: int) -> pd.DataFrame:
    """Return the riskiest accounts of a run, among equal ones those that moved most.

    Returns
    -------
    pandas.DataFrame
        ``account, role, risk, transactions, in_amount, out_amount``.
    """
    return fetch(_RISKIEST, {"accounts": require(paths.accounts), "limit": limit})


def account_entries(
    paths: RunPaths,
    account: str,
    *,
    counterparty: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = 500,
) -> pd.DataFrame:
    """Return the entries of an account, the latest first, without the account itself.

    Parameters
    ----------
    paths, account
        Files of the run, and the account.
    counterparty
        Only entries with this account.
    start, end
        Period, the end not included.
    limit
        Most rows returned; ``None`` returns all.

    Returns
    -------
    pandas.DataFrame
        ``direction, counterparty, tx_id, time, amount, type, risk, balance_before,
        balance_after`` as :func:`engine.query.ledger.entries` has them.
    """
    found = entries(paths, [account], start=start, end=end).drop(columns="account")
    if counterparty is not None:
        found = found[found["counterparty"] == counterparty]
    return found.iloc[::-1].head(len(found) if limit is None else limit).reset_index(drop=True)


def transactions_by_id(paths: RunPaths, tx_ids: Sequence[int]) -> pd.DataFrame:
    """Return some transactions in time order with their scores, as the lake has them."""
    return fetch(_BY_ID, {"augmented": require(paths.augmented), "tx_ids": list(tx_ids)})
