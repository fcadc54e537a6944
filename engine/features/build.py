"""Canonical transactions -> feature matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.accounts import Accounts
from engine.amounts import MINOR_UNITS, ROUND_MULTIPLE
from engine.backend import Array, Backend
from engine.columns import (
    AMOUNT,
    EXTRA_PREFIX,
    RECEIVER_AFTER,
    RECEIVER_BEFORE,
    SENDER_AFTER,
    SENDER_BEFORE,
    TIME,
    TYPE,
)
from engine.config import FeatureConfig
from engine.features import history
from engine.features.matrix import FeatureMatrix
from engine.progress import Progress, silent

#: Types that keep the same code in every run, so that a model fits other files.
KNOWN_TYPES = (
    "CASH_IN", "CASH_OUT", "DEBIT", "PAYMENT", "TRANSFER",
    "ACH", "Bitcoin", "Cash", "Cheque", "Credit Card", "Reinvestment", "Wire",
)  # fmt: skip
_MAX_TYPES = 64

_LAST = ("amount_to_sender_mean", "amount_to_receiver_mean")

Columns = dict[str, Array]


def build_features(
    transactions: pa.Table,
    accounts: Accounts | None,
    config: FeatureConfig,
    backend: Backend,
    progress: Progress = silent,
    types: Sequence[str] | None = None,
) -> FeatureMatrix:
    """Make the causal features of every transaction.

    Parameters
    ----------
    transactions
        Canonical transactions in time order.
    accounts
        Codes of senders and receivers, or None where there are none: then history features are
        left out.
    types
        Vocabulary of ``type_code`` when a model of another run shall score; default: the known
        types, then this input's other types in order of first appearance.

    Returns
    -------
    FeatureMatrix
        float32, one row a transaction, where the backend keeps it. Amounts are in currency units,
        gaps in hours; -1 marks "no earlier row" and "no balance".
    """
    vocabulary = tuple(types) if types is not None else _vocabulary(transactions)
    made: dict[str, Array] = {}

    def take(columns: Columns) -> None:
        for name, values in columns.items():
            made[name] = backend.keep(values)

    take(_own_columns(transactions, vocabulary, backend.xp))
    progress(0.1, "amounts, times, types")
    take(_balance_columns(transactions, config, backend.xp))
    if accounts is not None:
        for columns in _history_columns(transactions, accounts, config, backend, progress):
            take(columns)
    progress(1.0, f"{len(made)} features")
    # The place of a column decides which trees a seed gives: these two have always stood last.
    names = sorted(made, key=lambda name: name in _LAST)
    kept = tuple(made[name] for name in names)
    on_host = all(isinstance(column, np.ndarray) for column in kept)
    return FeatureMatrix(tuple(names), kept, vocabulary, np if on_host else backend.xp)


def causal_names(matrix: FeatureMatrix) -> tuple[str, ...]:
    """Return the columns a transaction model may use."""
    return tuple(name for name in matrix.names if not name.startswith("batch_"))


def minor_units(transactions: pa.Table) -> npt.NDArray[np.int64]:
    """Return amounts as int64 minor units (cents), so that sums are exact."""
    return np.rint(_numbers(transactions, AMOUNT) * MINOR_UNITS).astype(np.int64)


def epoch_seconds(transactions: pa.Table) -> npt.NDArray[np.int64]:
    """Return times as whole seconds since 1970."""
    micros = transactions[TIME].cast(pa.int64()).to_numpy()
    return np.asarray(micros // 1_000_000, np.int64)


def _vocabulary(transactions: pa.Table) -> tuple[str, ...]:
    if TYPE not in transactions.column_names:
        return KNOWN_TYPES
    found = pc.unique(transactions[TYPE].cast(pa.string())).to_pylist()
    # In order of first appearance: a type that comes later changes no earlier row's code.
    return KNOWN_TYPES + tuple(t for t in found if t not in (None, *KNOWN_TYPES))[:_MAX_TYPES]


def _numbers(transactions: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(transactions[name].to_numpy(), np.float64)


def _own_columns(transactions: pa.Table, vocabulary: Sequence[str], xp: ModuleType) -> Columns:
    amount = _numbers(transactions, AMOUNT)
    seconds = xp.asarray(epoch_seconds(transactions))
    units = xp.asarray(minor_units(transactions))
    columns: Columns = {
        "amount": amount,
        # On the CPU whatever the engine: logarithms of two libraries differ in the last digit,
        # and a cut of a tree may fall between.
        "log_amount": np.log1p(amount),
        "is_round": units % (ROUND_MULTIPLE * MINOR_UNITS) == 0,
        "hour": seconds // 3600 % 24,
        "weekday": (seconds // 86400 + 3) % 7,  # 1970-01-01 was a Thursday; Monday is 0
    }
    if TYPE in transactions.column_names:
        codes = pc.index_in(transactions[TYPE].cast(pa.string()), pa.array(vocabulary))
        columns["type_code"] = codes.fill_null(-1).to_numpy()
    for name in transactions.column_names:
        if name.startswith(EXTRA_PREFIX):
            columns[name] = _known(xp, xp.asarray(_numbers(transactions, name)))
    return columns


def _balance_columns(transactions: pa.Table, config: FeatureConfig, xp: ModuleType) -> Columns:
    columns: Columns = {}
    amount = xp.asarray(_numbers(transactions, AMOUNT))

    def balance(name: str) -> Array | None:
        has = name in transactions.column_names
        return xp.asarray(_numbers(transactions, name)) if has else None

    if config.balances == "none":
        return columns
    sender, receiver = balance(SENDER_BEFORE), balance(RECEIVER_BEFORE)
    if sender is not None:
        # Differences are taken in minor units: emptying an account leaves exactly nothing.
        left = xp.rint(sender * MINOR_UNITS) - xp.rint(amount * MINOR_UNITS)
        columns["sender_balance_before"] = _known(xp, sender)
        columns["sender_balance_left"] = xp.where(xp.isnan(sender), -1.0, left / MINOR_UNITS)
        # A flag of its own: the histogram bins of the trees are too wide to single out zero.
        columns["empties_sender"] = (left == 0) & (amount > 0)
        filled = sender > 0
        share = amount / xp.where(filled, sender, 1.0)
        columns["amount_to_sender_balance"] = xp.where(filled, share, -1.0)
    if receiver is not None:
        columns["receiver_balance_before"] = _known(xp, receiver)
    if config.balances == "all":
        sender_after, receiver_after = balance(SENDER_AFTER), balance(RECEIVER_AFTER)
        if sender is not None and sender_after is not None:
            columns["sender_balance_after"] = _known(xp, sender_after)
            columns["sender_balance_error"] = _known(xp, sender_after + amount - sender)
        if receiver is not None and receiver_after is not None:
            columns["receiver_balance_after"] = _known(xp, receiver_after)
            columns["receiver_balance_error"] = _known(xp, receiver + amount - receiver_after)
    return columns


def _known(xp: ModuleType, values: Array) -> Array:
    return xp.nan_to_num(values, nan=-1.0)


def _history_columns(
    transactions: pa.Table,
    accounts: Accounts,
    config: FeatureConfig,
    backend: Backend,
    progress: Progress,
) -> Iterator[Columns]:
    xp = backend.xp
    seconds = xp.asarray(epoch_seconds(transactions))
    cents = xp.asarray(minor_units(transactions))
    sender, receiver = xp.asarray(accounts.sender), xp.asarray(accounts.receiver)
    starts = {f"{h}h": history.window_rows(xp, seconds, h) for h in config.windows_hours}
    sent, received = backend.map(
        lambda code: history.make_ledger(xp, code, cents), [sender, receiver]
    )
    progress(0.3, "accounts in time order")
    pairs = history.pair_history(xp, sender, receiver)
    yield {"pair_n": pairs}
    progress(0.4, "pairs of accounts")

    def past(asked: history.Ledger, own: history.Ledger) -> Columns:
        return history.history(xp, asked, own, starts, backend.keep)

    tasks: list[Callable[[], Columns]] = [
        lambda: _money("sender_out", "sender", past(sent, sent), cents, xp),
        lambda: _money("receiver_in", "receiver", past(received, received), cents, xp),
        lambda: _prefixed("sender_in", past(received, sent)),
        lambda: _prefixed("receiver_out", past(sent, received)),
        lambda: _side_columns(xp, "sender", sent, seconds, pairs),
        lambda: _side_columns(xp, "receiver", received, seconds, pairs),
    ]
    for index, columns in enumerate(backend.stream(lambda task: task(), tasks)):
        yield columns
        progress(0.5 + 0.07 * index, "histories")


def _prefixed(prefix: str, columns: Columns) -> Columns:
    return {f"{prefix}_{name}": values for name, values in columns.items()}


def _money(prefix: str, side: str, columns: Columns, cents: Array, xp: ModuleType) -> Columns:
    return _prefixed(prefix, columns) | {
        f"amount_to_{side}_mean": _to_mean(xp, cents, columns["n_all"], columns["sum_all"])
    }


def _side_columns(
    xp: ModuleType, side: str, ledger: history.Ledger, seconds: Array, pairs: Array
) -> Columns:
    return {
        f"{side}_gap_hours": history.hours_since_last(xp, ledger, seconds),
        f"{side}_counterparties": history.distinct_before(xp, ledger, pairs),
    }


def _to_mean(xp: ModuleType, cents: Array, n: Array, total: Array) -> Array:
    mean = xp.asarray(total) / xp.maximum(xp.asarray(n), 1)
    return xp.where(mean > 0, cents / 100 / xp.maximum(mean, 0.01), -1.0)
