"""Finding the entries of accounts in a ledger, and folding them by whom an account dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from engine.columns import MINOR_UNITS
from engine.query.ledger_file import Ledger

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries count: see :func:`engine.query.ledger.counterparties`."""

    start: datetime | None = None
    end: datetime | None = None
    min_amount: float = 0.0
    types: tuple[str, ...] = ()
    min_risk: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of accounts: where they lie in the ledger, and the account's code for each."""

    rows: Ints
    codes: Ints

    def where(self, chosen: npt.NDArray[np.bool_]) -> Found:
        """Return those that are chosen: bool, shape (n,)."""
        return Found(self.rows[chosen], self.codes[chosen])


def find(ledger: Ledger, codes: Ints, filters: Filters) -> Found:
    """Return the entries of accounts that pass, account by account in time order."""
    times = ledger.entries["time"]
    starts, ends = ledger.starts[codes].copy(), ledger.starts[codes + 1].copy()
    for k, (first, last) in enumerate(zip(starts, ends, strict=True)):
        if filters.start is not None:
            starts[k] = first + np.searchsorted(times[first:last], _moment(filters.start))
        if filters.end is not None:
            ends[k] = first + np.searchsorted(times[first:last], _moment(filters.end))
    lengths = np.maximum(ends - starts, 0)
    # Each account's rows count up from its start.
    offsets = np.repeat(starts - np.append(0, np.cumsum(lengths)[:-1])[: len(starts)], lengths)
    found = Found(np.arange(len(offsets)) + offsets, np.repeat(codes, lengths))
    return found.where(_passing(ledger, found.rows, filters))


def _passing(ledger: Ledger, rows: Ints, filters: Filters) -> npt.NDArray[np.bool_]:
    passing = np.ones(len(rows), np.bool_)
    if filters.min_amount > 0:
        passing &= ledger.entries["amount"][rows] >= filters.min_amount
    if filters.min_risk > 0:
        passing &= ledger.entries["risk"][rows] >= filters.min_risk
    if filters.types:
        wanted = [k for k, name in enumerate(ledger.types) if name in filters.types]
        codes = ledger.entries.get("type")
        passing &= np.isin(codes[rows], wanted) if codes is not None else False
    return passing


def folded_pairs(ledger: Ledger, found: Found) -> pd.DataFrame:
    """Fold the entries of each account with each other one.

    Returns
    -------
    pandas.DataFrame
        ``account, counterparty`` (codes), ``n_out, out_amount, n_in, in_amount, first_time,
        last_time, risk`` (the highest), in the order of the codes.
    """
    kept, rows = ledger.entries, found.rows
    others = kept["counterparty"][rows].astype(np.int64)
    pairs = found.codes * len(ledger.names) + others
    order = np.argsort(pairs, kind="stable")
    rows, pairs = rows[order], pairs[order]
    first = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    is_in = kept["is_in"][rows]
    minor = in_minor_units(kept["amount"][rows])

    def summed(values: Array) -> Ints:
        sums: Ints = np.add.reduceat(values.astype(np.int64), first) if len(first) else first
        return sums

    n_all, n_in = summed(np.ones(len(rows))), summed(is_in)
    total, received = summed(minor), summed(minor * is_in)
    times = kept["time"][rows]
    last = np.append(first[1:], len(rows))[: len(first)] - 1
    risks = kept["risk"][rows]
    return pd.DataFrame(
        {
            "account": found.codes[order][first],
            "counterparty": others[order][first],
            "n_out": n_all - n_in,
            "out_amount": (total - received) / MINOR_UNITS,
            "n_in": n_in,
            "in_amount": received / MINOR_UNITS,
            "first_time": times[first],
            "last_time": times[last],
            "risk": np.fmax.reduceat(risks, first) if len(first) else risks,
        }
    )


def per_account(fold: np.ufunc, values: Any, first: Ints) -> Array:
    """Fold values of pairs, which stand account by account from ``first`` on."""
    folded: Array = fold.reduceat(np.asarray(values), first) if len(first) else np.asarray(values)
    return folded


def in_minor_units(amounts: Any) -> Ints:
    """Return amounts as whole numbers: their sums are exact."""
    minor: Ints = np.rint(np.asarray(amounts) * MINOR_UNITS).astype(np.int64)
    return minor


def _moment(moment: datetime) -> np.datetime64:
    return np.datetime64(moment, "us")


def texts(names: pa.Array) -> pd.Series:
    """Return names as a column of a frame."""
    return pd.Series(names.cast(pa.string()).to_pandas())


def coded(meanings: Sequence[str], codes: Array) -> pd.Series:
    """Return the texts behind codes, nothing for -1."""
    texts = np.array([*meanings, None], dtype=object)
    return pd.Series(texts[codes.astype(np.int64)], dtype="str")


def types_of(ledger: Ledger, rows: Ints) -> pd.Series:
    """Return the types of entries as texts."""
    codes = ledger.entries.get("type")
    return coded(ledger.types, codes[rows] if codes is not None else np.full(len(rows), -1))


def balance_of(ledger: Ledger, name: str, rows: Ints) -> Array:
    """Return balances of entries, NaN where the data have none."""
    values = ledger.entries.get(name)
    return values[rows] if values is not None else np.full(len(rows), np.nan)
