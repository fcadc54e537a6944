"""What accounts of a run did: their entries, with whom, among themselves, and their key figures.

All read the run's ledger (:mod:`engine.query.ledger_file`), which is made on first use. What an
account costs to ask for grows with its own entries, not with those of the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd

from engine.columns import MINOR_UNITS
from engine.lake import RunPaths
from engine.query.ledger_entries import (
    Filters,
    balance_of,
    coded,
    find,
    folded_pairs,
    in_minor_units,
    per_account,
    texts,
    types_of,
)
from engine.query.ledger_file import is_ready as is_ready
from engine.query.ledger_file import open_ledger
from engine.query.ledger_file import prepare as prepare

CounterpartyOrder = Literal["risk", "amount", "time"]


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
    ledger = open_ledger(paths)
    found = find(ledger, ledger.codes_of(accounts), Filters(start, end))
    kept = ledger.entries
    keys = (kept["is_in"][found.rows], kept["tx_id"][found.rows], kept["time"][found.rows])
    order = np.lexsort(keys)[:limit]
    rows = found.rows[order]
    return pd.DataFrame(
        {
            "account": texts(ledger.names_of(found.codes[order])),
            "direction": coded(("out", "in"), kept["is_in"][rows]),
            "counterparty": texts(ledger.names_of(kept["counterparty"][rows])),
            "tx_id": kept["tx_id"][rows],
            "time": kept["time"][rows],
            "amount": kept["amount"][rows],
            "type": types_of(ledger, rows),
            "risk": kept["risk"][rows],
            "balance_before": balance_of(ledger, "balance_before", rows),
            "balance_after": balance_of(ledger, "balance_after", rows),
        }
    )


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
        The riskiest, the largest sum both ways, or the earliest first; equal ones stand in an
        order of no meaning that stays.

    Returns
    -------
    pandas.DataFrame
        ``account, counterparty, n_out, out_amount, n_in, in_amount, first_time, last_time, risk``,
        seen from ``account``; ``risk`` is the highest of the folded transfers.
    """
    ledger = open_ledger(paths)
    chosen = Filters(start, end, min_amount, tuple(types), min_risk)
    found = find(ledger, ledger.codes_of(accounts), chosen)
    folded = folded_pairs(ledger, found)
    largest = -(folded["out_amount"] + folded["in_amount"])
    keys = {
        "risk": (largest, -folded["risk"].fillna(-1.0)),
        "amount": (largest,),
        "time": (largest, folded["first_time"]),
    }[order]
    shown = folded.iloc[np.lexsort(keys)[:limit]].reset_index(drop=True)
    for name in ("account", "counterparty"):
        shown[name] = texts(ledger.names_of(shown[name].to_numpy()))
    return shown


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
    ledger = open_ledger(paths)
    codes = ledger.codes_of(accounts)
    found = find(ledger, codes, Filters(start, end, min_amount, tuple(types), min_risk))
    sent = found.where(~ledger.entries["is_in"][found.rows])
    inside = sent.where(np.isin(ledger.entries["counterparty"][sent.rows], codes))
    folded = folded_pairs(ledger, inside)
    edges = pd.DataFrame(
        {
            "sender": texts(ledger.names_of(folded["account"].to_numpy())),
            "receiver": texts(ledger.names_of(folded["counterparty"].to_numpy())),
            "transactions": folded["n_out"],
            "amount": folded["out_amount"],
            "first_time": folded["first_time"],
            "last_time": folded["last_time"],
            "risk": folded["risk"],
        }
    )
    by = ["amount", "sender", "receiver"]
    return edges.sort_values(by, ascending=[False, True, True], ignore_index=True)


def account_facts(paths: RunPaths, accounts: Sequence[str]) -> pd.DataFrame:
    """Return key figures of accounts over the whole run, in the order of their ids.

    Returns
    -------
    pandas.DataFrame
        ``account, role, risk, in_count, out_count, in_amount, out_amount, first_time, last_time,
        counterparties`` (different ones), ``community, pagerank``; an account that the run does
        not have is left out.
    """
    ledger = open_ledger(paths)
    codes = np.sort(ledger.codes_of(accounts))
    folded = folded_pairs(ledger, find(ledger, codes, Filters()))
    first = np.searchsorted(folded["account"], codes)
    counts = {name: per_account(np.add, folded[name], first) for name in ("n_in", "n_out")}
    minor = {
        name: per_account(np.add, in_minor_units(folded[name]), first)
        for name in ("in_amount", "out_amount")
    }
    facts = pd.DataFrame(
        {
            "account": texts(ledger.names_of(codes)),
            "role": coded(ledger.roles, ledger.facts["role"][codes]),
            "risk": ledger.facts["risk"][codes],
            "in_count": counts["n_in"],
            "out_count": counts["n_out"],
            "in_amount": minor["in_amount"] / MINOR_UNITS,
            "out_amount": minor["out_amount"] / MINOR_UNITS,
            "first_time": per_account(np.minimum, folded["first_time"], first),
            "last_time": per_account(np.maximum, folded["last_time"], first),
            "counterparties": np.diff(np.append(first, len(folded))),
            "community": ledger.facts["community"][codes],
            "pagerank": ledger.facts["pagerank"][codes],
        }
    )
    return facts.sort_values("account", ignore_index=True)
