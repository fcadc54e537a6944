"""Two-sided window features: what both ends did before *and after* a transaction.

They look back at a closed period as an analyst does, so they serve ring detection and never the
causal transaction model: every name starts with ``batch_``. A window counts by time, not by row,
so rows of equal time may stand in any order.

All functions take the array module ``xp`` (NumPy or CuPy) and cost O(n log n).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from engine.features.history import Ledger, make_ledger

Array = Any  # numpy.ndarray or cupy.ndarray

#: Parts of the window that are looked at as well: a week and three days of the default 21 days.
WINDOW_PARTS = (7, 3, 1)


@dataclass(frozen=True, slots=True)
class Spans:
    """Row ranges round each asked row: ``[first, upto)`` before and ``[since, past)`` after it.

    Rows of the very time of the asked row, itself too, lie in both.
    """

    first: Array
    upto: Array
    since: Array
    past: Array


def batch_columns(
    xp: ModuleType,
    sender: Array,
    receiver: Array,
    seconds: Array,
    minor_units: Array,
    rare: Array,
    asked: Array,
    window_seconds: int,
) -> dict[str, Array]:
    """Count and sum what both ends of the asked rows did in windows before and after them.

    Parameters
    ----------
    sender, receiver
        int32 account codes, shape (n,), in time order.
    seconds
        int64, shape (n,), ascending.
    minor_units
        int64, shape (n,).
    rare
        bool, shape (n,): rows of pairs that seldom meet, counted apart.
    asked
        int64 rows, shape (m,), that want features.
    window_seconds
        The longest window; a third and a seventh of it are looked at as well.

    Returns
    -------
    dict
        float32 columns of shape (m,), amounts in currency units.
        ``batch_sender_out_rare_n_before_1`` is the number of rare sendings of the sender within
        the whole window before the row.
    """
    spans = {part: _spans(xp, seconds, asked, window_seconds // part) for part in WINDOW_PARTS}
    kept = xp.flatnonzero(rare)
    position = xp.zeros(len(seconds) + 1, dtype=xp.int64)
    xp.cumsum(rare, out=position[1:])

    def seen(direction: str, code: Array) -> dict[str, Array]:
        every = make_ledger(xp, code, minor_units)
        few = make_ledger(xp, code[kept], minor_units[kept])
        columns: dict[str, Array] = {}
        for side, end in (("sender", sender), ("receiver", receiver)):
            name = f"batch_{side}_{direction}"
            account = end[asked]
            for part, span in spans.items():
                columns |= _sums(xp, f"{name}_rare", part, few, account, span, position)
            columns |= _sums(xp, name, 1, every, account, spans[1], None)
            columns |= _sums(xp, name, 3, every, account, spans[3], None)
            if side == ("sender" if direction == "out" else "receiver"):
                count = _count(xp, every, account, 0, len(seconds))
                columns[f"{name}_n_ever"] = count.astype(xp.float32)
        return columns

    return _both_directions(seen, sender, receiver)


def quick_columns(
    xp: ModuleType,
    sender: Array,
    receiver: Array,
    seconds: Array,
    minor_units: Array,
    pair_total: Array,
    window_seconds: int,
) -> dict[str, Array]:
    """Count what both ends did in the window before and after every row: the cheapest columns.

    Parameters are those of ``batch_columns``, for rare rows only; ``pair_total`` is int64.

    Returns
    -------
    dict
        float32 columns of shape (n,).
    """
    n = len(seconds)
    rows = xp.arange(n)
    span = _spans(xp, seconds, rows, window_seconds)
    own = {
        "batch_log_amount": xp.log1p(minor_units).astype(xp.float32),
        "batch_pair_total": pair_total.astype(xp.float32),
    }

    def seen(direction: str, code: Array) -> dict[str, Array]:
        ledger = make_ledger(xp, code, minor_units)
        columns: dict[str, Array] = {}
        for side, account in (("sender", sender), ("receiver", receiver)):
            name = f"batch_{side}_{direction}_n"
            for when, first, past in (
                ("before", span.first, span.upto), ("after", span.since, span.past), ("ever", 0, n),
            ):  # fmt: skip
                count = _count(xp, ledger, account, first, past)
                columns[f"{name}_{when}"] = count.astype(xp.float32)
        return columns

    return own | _both_directions(seen, sender, receiver)


def _both_directions(
    seen: Callable[[str, Array], dict[str, Array]], sender: Array, receiver: Array
) -> dict[str, Array]:
    """Look at payments out and in at the same time; the columns of the former stand first."""
    with ThreadPoolExecutor(2) as pool:
        out, into = pool.map(seen, ("out", "in"), (sender, receiver))
    return out | into


def _spans(xp: ModuleType, seconds: Array, asked: Array, window: int) -> Spans:
    at = seconds[asked]
    return Spans(
        xp.searchsorted(seconds, at - window, side="left"),
        xp.searchsorted(seconds, at, side="right"),
        xp.searchsorted(seconds, at, side="left"),
        xp.searchsorted(seconds, at + window, side="right"),
    )


def _sums(
    xp: ModuleType,
    name: str,
    part: int,
    ledger: Ledger,
    account: Array,
    span: Spans,
    position: Array | None,
) -> dict[str, Array]:
    columns: dict[str, Array] = {}
    bounds = {"before": (span.first, span.upto), "after": (span.since, span.past)}
    for when, (first, past) in bounds.items():
        if position is not None:
            first, past = position[first], position[past]
        begin = _position(xp, ledger, account, first)
        end = _position(xp, ledger, account, past)
        columns[f"{name}_n_{when}_{part}"] = (end - begin).astype(xp.float32)
        paid = (ledger.paid[end] - ledger.paid[begin]) / 100
        columns[f"{name}_sum_{when}_{part}"] = paid.astype(xp.float32)
    return columns


def _count(
    xp: ModuleType, ledger: Ledger, account: Array, first: Array | int, past: Array | int
) -> Array:
    return _position(xp, ledger, account, past) - _position(xp, ledger, account, first)


def _position(xp: ModuleType, ledger: Ledger, account: Array, row: Array | int) -> Array:
    """Like ``Ledger.position``; a row past the last one gives the end of the account."""
    return xp.searchsorted(ledger.keys, (account.astype(xp.int64) << ledger.bits) + row)
