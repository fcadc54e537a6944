"""Of the ledger: the transfers between accounts that are drawn, and the sums of who is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from engine.columns import MINOR_UNITS
from engine.explorer.view import Filters
from engine.lake import RunPaths
from engine.query.ledger_file import Ledger, open_ledger

Rows = npt.NDArray[np.int64]


def transfers_among(paths: RunPaths, accounts: list[str], filters: Filters) -> pd.DataFrame:
    """Return the transfers between accounts that pass the filters, in time order.

    Returns
    -------
    pandas.DataFrame
        ``tx_id, time, sender, receiver, amount`` (currency units), ``type``.
    """
    ledger = open_ledger(paths)
    codes = ledger.codes_of(accounts)
    found = [_sent_to(ledger, int(code), codes, filters) for code in codes]
    rows = np.concatenate([*found, np.empty(0, np.int64)])
    senders = np.repeat(codes, [len(one) for one in found])
    entries = ledger.entries
    transfers = pd.DataFrame(
        {
            "tx_id": entries["tx_id"][rows],
            "time": entries["time"][rows],
            "sender": _names(ledger, senders),
            "receiver": _names(ledger, entries["counterparty"][rows]),
            "amount": entries["amount"][rows],
            "type": _types(ledger, rows),
        }
    )
    return transfers.sort_values(["time", "tx_id"], ignore_index=True)


def rests(paths: RunPaths, accounts: list[str], drawn: list[str], filters: Filters) -> pd.DataFrame:
    """Sum up the counterparties of accounts that are not drawn.

    Returns
    -------
    pandas.DataFrame
        ``account, counterparties, transactions, amount`` (currency units, both ways), one row an
        account that has any.
    """
    ledger = open_ledger(paths)
    inside = ledger.codes_of(drawn)
    found = []
    for account in accounts:
        rows = _passing(ledger, int(ledger.codes_of([account])[0]), filters)
        others = ledger.entries["counterparty"][rows]
        outside = ~np.isin(others, inside)
        if outside.any():
            minor = np.rint(ledger.entries["amount"][rows[outside]] * MINOR_UNITS).astype(np.int64)
            different = len(np.unique(others[outside]))
            found.append((account, different, int(outside.sum()), int(minor.sum()) / MINOR_UNITS))
    return pd.DataFrame(found, columns=["account", "counterparties", "transactions", "amount"])


def _passing(ledger: Ledger, code: int, filters: Filters) -> Rows:
    """Return where the entries of an account lie that pass the filters, in time order."""
    first, last = int(ledger.starts[code]), int(ledger.starts[code + 1])
    times = ledger.entries["time"][first:last]
    begin = 0 if filters.start is None else np.searchsorted(times, np.datetime64(filters.start))
    end = len(times) if filters.end is None else np.searchsorted(times, np.datetime64(filters.end))
    rows = np.arange(first + int(begin), first + max(int(end), int(begin)))
    if filters.min_amount > 0:
        rows = rows[ledger.entries["amount"][rows] >= filters.min_amount]
    if filters.min_risk > 0:
        rows = rows[ledger.entries["risk"][rows] >= filters.min_risk]
    if filters.types:
        wanted = [k for k, name in enumerate(ledger.types) if name in filters.types]
        types = ledger.entries.get("type")
        rows = rows[:0] if types is None else rows[np.isin(types[rows], wanted)]
    return rows


def _sent_to(ledger: Ledger, code: int, codes: Rows, filters: Filters) -> Rows:
    rows = _passing(ledger, code, filters)
    rows = rows[~ledger.entries["is_in"][rows]]
    return rows[np.isin(ledger.entries["counterparty"][rows], codes)]


def _names(ledger: Ledger, codes: npt.NDArray[np.int64]) -> pd.Series:
    names: pd.Series = ledger.names_of(codes).cast(pa.string()).to_pandas()
    return names


def _types(ledger: Ledger, rows: Rows) -> pd.Series:
    codes = ledger.entries.get("type")
    meanings = np.array([*ledger.types, None], dtype=object)
    chosen = np.full(len(rows), -1) if codes is None else codes[rows].astype(np.int64)
    return pd.Series(meanings[chosen], dtype="str")
