"""Small tables that tests write by hand, in the shape the stages hand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.accounts import Accounts, encode_accounts
from engine.backend import CPU
from engine.columns import AMOUNT, CANONICAL, RECEIVER, SENDER, TIME, TX_ID
from engine.config import FeatureConfig
from engine.features import FeatureMatrix, build_features
from engine.features.build import epoch_seconds, minor_units
from engine.graph.build import pair_totals
from engine.rings.candidates import Transfers

#: Hours since 2026-01-05 00:00 (a Monday), sender, receiver, amount.
Row = tuple[float, str, str, float]

MONDAY = np.datetime64("2026-01-05T00:00:00", "us")


def transactions(rows: Sequence[Row], **columns: Sequence[Any]) -> pa.Table:
    """Return canonical transactions; further canonical or ``x_*`` columns by name."""
    hours, sender, receiver, amount = zip(*rows, strict=True) if rows else ((), (), (), ())
    micros = np.rint(np.array(hours, np.float64) * 3600).astype(np.int64) * 1_000_000
    given = {
        TX_ID: np.arange(len(rows)),
        TIME: MONDAY + micros.astype("timedelta64[us]"),
        SENDER: list(sender),
        RECEIVER: list(receiver),
        AMOUNT: list(amount),
        **columns,
    }
    return pa.table(
        {
            name: pa.array(values, CANONICAL.get(name, pa.float64()))
            for name, values in given.items()
        }
    )


def accounts_of(table: pa.Table) -> Accounts:
    """Return the codes of a table that has accounts."""
    accounts = encode_accounts(table)
    assert accounts is not None
    return accounts


def features_of(table: pa.Table, config: FeatureConfig | None = None) -> FeatureMatrix:
    """Return the features of a table, with the default settings unless others are given."""
    return build_features(table, encode_accounts(table), config or FeatureConfig(), CPU)


def matrix(types: Sequence[str] = (), **columns: Sequence[float]) -> FeatureMatrix:
    """Return a feature matrix of the named columns."""
    values = np.asfortranarray(np.array(list(columns.values()), np.float32).T)
    return FeatureMatrix.of(tuple(columns), values, tuple(types))


def values_of(features: FeatureMatrix) -> npt.NDArray[np.float32]:
    """Return the whole matrix as one array, shape (n_rows, n_columns)."""
    return np.asarray(features.rows(slice(None), features.names))


def transfers_of(
    table: pa.Table, risk: float | Sequence[float] = 0.0, *, has_model: bool = False
) -> tuple[Transfers, Accounts]:
    """Return what the ring finders read; ``risk`` of each row, or one for all."""
    accounts = accounts_of(table)
    levels = np.broadcast_to(np.asarray(risk, np.float32), table.num_rows).copy()
    return (
        Transfers(
            accounts.sender,
            accounts.receiver,
            epoch_seconds(table),
            minor_units(table),
            levels,
            pair_totals(accounts.sender, accounts.receiver),
            has_model,
        ),
        accounts,
    )
