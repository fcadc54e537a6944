"""Transactions -> account graph -> table of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.columns import TIME_TYPE
from engine.features.history import make_order
from engine.progress import Progress, silent

if TYPE_CHECKING:  # the CPU backend imports the algorithms of this package
    from engine.accounts import Accounts
    from engine.backend import Array, Backend
    from engine.config import GraphConfig

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Edges:
    """One row a pair of accounts, parallel transactions folded, where the backend computes.

    Attributes
    ----------
    source, target
        int32 account codes.
    count
        int64: transactions of the pair.
    amount
        float64: their sum in currency units.
    """

    source: Array
    target: Array
    count: Array
    amount: Array


def fold_edges(sender: Array, receiver: Array, minor_units: Array, xp: ModuleType = np) -> Edges:
    """Fold parallel transactions to one edge a pair, ordered by source and target.

    Parameters
    ----------
    minor_units
        int64 amounts in minor units (cents): their sums are exact.
    """
    order, start = _by_pair(sender, receiver, xp)
    total = xp.zeros(len(order) + 1, dtype=xp.int64)
    xp.cumsum(minor_units[order], out=total[1:])
    end = xp.append(start[1:], len(order))
    first = order[start]
    return Edges(sender[first], receiver[first], end - start, (total[end] - total[start]) / 100)


def pair_totals(sender: Array, receiver: Array, xp: ModuleType = np) -> Array:
    """Return, for each transaction, how many the run has of the same sender and receiver."""
    order, start = _by_pair(sender, receiver, xp)
    end = xp.append(start[1:], len(order))
    group = xp.zeros(len(order), dtype=xp.int64)
    group[start[1:]] = 1
    total = xp.empty(len(order), dtype=xp.int64)
    total[order] = (end - start)[xp.cumsum(group)]
    return total


def _by_pair(sender: Array, receiver: Array, xp: ModuleType) -> tuple[Array, Array]:
    """Return the order of rows by sender and receiver, and where each pair begins in it."""
    by_receiver = make_order(xp, receiver)
    order = by_receiver[make_order(xp, sender[by_receiver])]
    a, b = sender[order], receiver[order]
    new = xp.ones(len(order), dtype=bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return order, xp.flatnonzero(new)


def account_table(
    accounts: Accounts,
    micros: Int64,
    minor_units: Int64,
    risk: npt.NDArray[np.float32],
    config: GraphConfig,
    backend: Backend,
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
    from engine.backend import to_host

    n, xp = accounts.count, backend.xp
    sender, receiver = xp.asarray(accounts.sender), xp.asarray(accounts.receiver)
    units = xp.asarray(minor_units)
    edges = fold_edges(sender, receiver, units, xp)
    progress(0.25, f"{len(edges.source):,} edges between {n:,} accounts")
    pagerank = backend.page_rank(edges.source, edges.target, edges.amount, n, config.damping)
    progress(0.5, "PageRank")
    community = backend.communities(edges.source, edges.target, edges.amount, n, config)
    progress(0.8, f"{int(community.max()) + 1 if n else 0:,} communities")
    component = backend.components(edges.source, edges.target, n)
    in_count, out_count = xp.bincount(receiver, minlength=n), xp.bincount(sender, minlength=n)
    first, last = first_and_last(sender, receiver, xp.asarray(micros), n, xp)
    highest = xp.zeros(n, dtype=xp.float32)
    seen = xp.asarray(risk)
    xp.maximum.at(highest, sender, seen)
    xp.maximum.at(highest, receiver, seen)
    return pa.table(
        {
            "account": accounts.names,
            "in_count": to_host(in_count),
            "out_count": to_host(out_count),
            "in_amount": to_host(_sums(receiver, units, n, xp)),
            "out_amount": to_host(_sums(sender, units, n, xp)),
            "first_time": pa.array(to_host(first), pa.int64()).cast(TIME_TYPE),
            "last_time": pa.array(to_host(last), pa.int64()).cast(TIME_TYPE),
            "community": to_host(community),
            "component": to_host(component),
            "pagerank": to_host(pagerank),
            "role": _roles(to_host(in_count), to_host(out_count)),
            "risk": to_host(highest),
        }
    )


def first_and_last(
    sender: Array, receiver: Array, micros: Array, n: int, xp: ModuleType = np
) -> tuple[Array, Array]:
    """Return the first and last time of each account, int64; every account has a transaction."""
    # Which of several values an index assignment leaves is not defined on a GPU; extremes are.
    # CuPy finds them for unsigned numbers, and no time is before 1970.
    first = xp.full(n, np.iinfo(np.int64).max, dtype=xp.uint64)
    last = xp.zeros(n, dtype=xp.uint64)
    moments = micros.view(xp.uint64)
    for code in (sender, receiver):
        xp.minimum.at(first, code, moments)
        xp.maximum.at(last, code, moments)
    return first.view(xp.int64), last.view(xp.int64)


def _sums(code: Array, minor_units: Array, n: int, xp: ModuleType) -> Array:
    """Sum minor units per account exactly: halves below 2**53 survive the float64 of bincount."""
    low = (minor_units & 0xFFFFF).astype(xp.float64)
    high = (minor_units >> 20).astype(xp.float64)
    total = xp.bincount(code, weights=low, minlength=n).astype(xp.int64)
    total += xp.bincount(code, weights=high, minlength=n).astype(xp.int64) << 20
    return total / 100


def _roles(in_count: Int64, out_count: Int64) -> pa.DictionaryArray:
    """Name what an account does in the whole graph: it only sends, only receives, or passes on."""
    names = pa.array(["source", "sink", "intermediary"])
    code = np.where(in_count == 0, 0, np.where(out_count == 0, 1, 2)).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(code), names)
