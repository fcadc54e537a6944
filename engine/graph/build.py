"""Transactions -> account graph -> table of accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.accounts import Accounts
from engine.columns import TIME_TYPE
from engine.config import GraphConfig
from engine.features.history import make_order
from engine.graph.communities import find_communities, find_components
from engine.graph.pagerank import rank_pages
from engine.progress import Progress, silent

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edges:
    """One row a pair of accounts, parallel transactions folded.

    Attributes
    ----------
    source, target
        int32 account codes.
    count
        int64: transactions of the pair.
    amount
        float64: their sum in currency units.
    """

    source: Int32
    target: Int32
    count: Int64
    amount: Float64


def fold_edges(sender: Int32, receiver: Int32, minor_units: Int64) -> Edges:
    """Fold parallel transactions to one edge a pair, ordered by source and target.

    Parameters
    ----------
    minor_units
        int64 amounts in minor units (cents): their sums are exact.
    """
    if len(sender) == 0:
        empty = np.empty(0, np.int32)
        return Edges(empty, empty, np.empty(0, np.int64), np.empty(0, np.float64))
    by_receiver = make_order(np, receiver)
    order = by_receiver[make_order(np, sender[by_receiver])]
    a, b = sender[order], receiver[order]
    new = np.ones(len(a), bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    start = np.flatnonzero(new)
    count = np.diff(np.append(start, len(a)))
    amount = np.add.reduceat(minor_units[order], start) / 100
    return Edges(a[start], b[start], count, amount)


def account_table(
    accounts: Accounts,
    micros: Int64,
    minor_units: Int64,
    risk: npt.NDArray[np.float32],
    config: GraphConfig,
    progress: Progress = silent,
) -> pa.Table:
    """Describe every account of the run.

    Parameters
    ----------
    micros
        int64 transaction times in microseconds since 1970, ascending.
    risk
        float32 base risk of each transaction.

    Returns
    -------
    pyarrow.Table
        The contract's ``accounts``: counts and sums per side, first and last time, community,
        weakly connected component, PageRank (sums to one), role, and risk (the highest of the
        account's transactions).
    """
    n = accounts.count
    sender, receiver = accounts.sender, accounts.receiver
    edges = fold_edges(sender, receiver, minor_units)
    progress(0.25, f"{len(edges.source):,} edges between {n:,} accounts")
    pagerank = rank_pages(edges.source, edges.target, edges.amount, n, config.damping)
    progress(0.5, "PageRank")
    community = find_communities(edges.source, edges.target, edges.amount, n, config)
    progress(0.85, f"{int(community.max(initial=-1)) + 1:,} communities")
    in_count = np.bincount(receiver, minlength=n)
    out_count = np.bincount(sender, minlength=n)
    first, last = _first_and_last(sender, receiver, micros, n)
    highest = np.zeros(n, np.float32)
    np.maximum.at(highest, sender, risk)
    np.maximum.at(highest, receiver, risk)
    return pa.table(
        {
            "account": accounts.names,
            "in_count": in_count,
            "out_count": out_count,
            "in_amount": _sums(receiver, minor_units, n),
            "out_amount": _sums(sender, minor_units, n),
            "first_time": pa.array(first, pa.int64()).cast(TIME_TYPE),
            "last_time": pa.array(last, pa.int64()).cast(TIME_TYPE),
            "community": community,
            "component": find_components(edges.source, edges.target, n),
            "pagerank": pagerank,
            "role": _roles(in_count, out_count),
            "risk": highest,
        }
    )


def _first_and_last(sender: Int32, receiver: Int32, micros: Int64, n: int) -> tuple[Int64, Int64]:
    first = np.zeros(n, np.int64)
    last = np.full(n, np.iinfo(np.int64).min)
    # Rows are in time order: the last assignment wins, so the reversed order leaves the first.
    last[sender] = micros
    last[receiver] = np.maximum(last[receiver], micros)
    backwards = slice(None, None, -1)
    first[sender[backwards]] = micros[backwards]
    seen = np.zeros(n, bool)
    seen[sender] = True
    arrived = np.full(n, np.iinfo(np.int64).max)
    arrived[receiver[backwards]] = micros[backwards]
    return np.where(seen, np.minimum(first, arrived), arrived), last


def _sums(code: Int32, minor_units: Int64, n: int) -> Float64:
    """Sum minor units per account exactly: halves below 2**53 survive the float64 of bincount."""
    low, high = minor_units & 0xFFFFF, minor_units >> 20
    total = np.bincount(code, weights=low, minlength=n).astype(np.int64)
    total += np.bincount(code, weights=high, minlength=n).astype(np.int64) << 20
    return np.asarray(total / 100)


def _roles(in_count: Int64, out_count: Int64) -> pa.DictionaryArray:
    """Name what an account does in the whole graph: it only sends, only receives, or passes on."""
    names = pa.array(["source", "sink", "intermediary"])
    code = np.where(in_count == 0, 0, np.where(out_count == 0, 1, 2)).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(code), names)


def pair_totals(sender: Int32, receiver: Int32) -> Int64:
    """Return, for each transaction, how many the run has of the same sender and receiver."""
    if len(sender) == 0:
        return np.empty(0, np.int64)
    by_receiver = make_order(np, receiver)
    order = by_receiver[make_order(np, sender[by_receiver])]
    a, b = sender[order], receiver[order]
    start = np.flatnonzero(np.concatenate([[True], (a[1:] != a[:-1]) | (b[1:] != b[:-1])]))
    count = np.diff(np.append(start, len(a)))
    total = np.empty(len(a), np.int64)
    total[order] = np.repeat(count, count)
    return total
