"""Causal history features of an account: what it did before this row, as array code.

Rows are in time order, so "before" means a smaller row number. An account's rows, sorted by
``(code, row)`` and packed into one int64 key, answer every question by binary search: the rows of
account ``c`` between rows ``a`` and ``b`` lie between ``key(c, a)`` and ``key(c, b)``. Amounts are
summed as int64 minor units, so results are exact on every backend.

All functions take the array module ``xp`` (NumPy or CuPy) and cost O(n log n).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Array = Any  # numpy.ndarray or cupy.ndarray


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of one side (all sendings, or all receivings), account by account.

    Attributes
    ----------
    keys
        int64, sorted, ``code << bits | row``.
    paid
        int64, shape (n + 1,): sums of minor units before each position of ``keys``.
    bits
        Bits that hold a row number.
    """

    keys: Array
    paid: Array
    bits: int

    @property
    def rows(self) -> Array:
        """Row number at each position: the permutation from ledger order to table order."""
        return self.keys & ((1 << self.bits) - 1)

    def position(self, xp: ModuleType, code: Array, row: Array | int) -> Array:
        """Return the position of the first entry of account ``code`` at or after ``row``."""
        wanted = code.astype(xp.int64, copy=False) << self.bits
        wanted |= row
        return xp.searchsorted(self.keys, wanted)


def make_ledger(xp: ModuleType, code: Array, minor_units: Array) -> Ledger:
    """Sort one side's rows by account and time.

    Parameters
    ----------
    code
        int32, shape (n,): account of each row; rows in time order.
    minor_units
        int64, shape (n,): amount in minor units (cents).
    """
    n = int(code.shape[0])
    bits = max(n - 1, 1).bit_length()
    keys = (code.astype(xp.int64) << bits) | xp.arange(n, dtype=xp.int64)
    keys.sort()
    paid = xp.zeros(n + 1, dtype=xp.int64)
    xp.cumsum(minor_units[keys & ((1 << bits) - 1)], out=paid[1:])
    return Ledger(keys, paid, bits)


def window_rows(xp: ModuleType, seconds: Array, hours: int) -> Array:
    """Return, for each row, the first row not older than ``hours`` before it (int32)."""
    return xp.searchsorted(seconds, seconds - hours * 3600).astype(xp.int32)


def as_it_is(column: Array) -> Array:
    """Return a column where it is."""
    return column


def history(
    xp: ModuleType,
    asked: Ledger,
    own: Ledger,
    starts: dict[str, Array],
    keep: Callable[[Array], Array] = as_it_is,
) -> dict[str, Array]:
    """Count and sum what the accounts of ``own`` did in ``asked`` before each own row.

    Parameters
    ----------
    asked
        Ledger that is looked up (sendings or receivings).
    own
        Ledger whose rows ask, each for its own account.
    starts
        Window name to first row of the window, integer, shape (n,), in table order.
    keep
        Applied to every column as soon as it is made: brings it to the CPU where memory is short.

    Returns
    -------
    dict
        ``n_<window>`` (float32) and ``sum_<window>`` (float32, currency units), in table order;
        ``n_all`` and ``sum_all`` reach back to the first row.
    """
    rows = own.rows
    code = own.keys >> own.bits
    end = asked.position(xp, code, rows)
    out: dict[str, Array] = {}
    for name, start in {**starts, "all": None}.items():
        begin = asked.position(xp, code, 0 if start is None else start[rows])
        out[f"n_{name}"] = keep(_in_table_order(xp, rows, end - begin))
        paid = (asked.paid[end] - asked.paid[begin]) / 100
        out[f"sum_{name}"] = keep(_in_table_order(xp, rows, paid))
    return out


def hours_since_last(xp: ModuleType, own: Ledger, seconds: Array) -> Array:
    """Return hours since the account's previous row on this side; -1 for its first (float32)."""
    rows = own.rows
    code = own.keys >> own.bits
    at = seconds[rows]
    gap = xp.full(rows.shape[0], -1.0, dtype=xp.float64)
    same = code[1:] == code[:-1]
    gap[1:] = xp.where(same, (at[1:] - at[:-1]) / 3600, -1.0)
    return _in_table_order(xp, rows, gap)


def pair_history(xp: ModuleType, sender: Array, receiver: Array) -> Array:
    """Return how many earlier rows had the same sender and receiver (int64, table order)."""
    n = int(sender.shape[0])
    by_receiver = make_order(xp, receiver)
    order = by_receiver[make_order(xp, sender[by_receiver])]
    a, b = sender[order], receiver[order]
    new = xp.ones(n, dtype=bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    group_start = xp.flatnonzero(new)[xp.cumsum(new) - 1]
    count = xp.empty(n, dtype=xp.int64)
    count[order] = xp.arange(n, dtype=xp.int64) - group_start
    return count


def distinct_before(xp: ModuleType, own: Ledger, pair_count: Array) -> Array:
    """Return how many distinct counterparties the account had on this side before (float32)."""
    rows = own.rows
    first_contact = (pair_count[rows] == 0).astype(xp.int64)
    before = xp.cumsum(first_contact) - first_contact
    code = own.keys >> own.bits
    start = xp.searchsorted(own.keys, code << own.bits)
    return _in_table_order(xp, rows, before - before[start])


def make_order(xp: ModuleType, code: Array) -> Array:
    """Return the stable order of rows by code (int64)."""
    n = int(code.shape[0])
    bits = max(n - 1, 1).bit_length()
    keys = (code.astype(xp.int64) << bits) | xp.arange(n, dtype=xp.int64)
    keys.sort()
    return keys & ((1 << bits) - 1)


def _in_table_order(xp: ModuleType, rows: Array, values: Array) -> Array:
    out = xp.empty(rows.shape[0], dtype=xp.float32)
    out[rows] = values.astype(xp.float32)
    return out
