"""Streams of transactions for the tests of real-time scoring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.columns import AMOUNT, RECEIVER, RECEIVER_BEFORE, SENDER, SENDER_BEFORE, TYPE
from engine.features import FeatureMatrix
from engine.features.build import epoch_seconds
from engine.realtime.profile import EMPTY, Profile, record
from engine.realtime.row import FeatureSpec, feature_row
from engine.realtime.transaction import Transaction

Float32 = npt.NDArray[np.float32]


def stream(table: pa.Table) -> Iterator[Transaction]:
    """Yield the rows of a table of canonical transactions, one by one."""
    names = (SENDER, RECEIVER, AMOUNT, TYPE, SENDER_BEFORE, RECEIVER_BEFORE)
    extras = [name for name in table.column_names if name.startswith("x_")]
    kept = table.select([n for n in (*names, *extras) if n in table.column_names])
    for seconds, row in zip(epoch_seconds(table).tolist(), kept.to_pylist(), strict=True):
        yield Transaction(
            row[SENDER], row[RECEIVER], row[AMOUNT], seconds, row.get(TYPE),
            row.get(SENDER_BEFORE), row.get(RECEIVER_BEFORE),
            {name: row[name] for name in extras if row[name] is not None},
        )  # fmt: skip


def spec_of(matrix: FeatureMatrix, windows_hours: tuple[int, ...] = (1, 24, 168)) -> FeatureSpec:
    return FeatureSpec(matrix.names, matrix.types, windows_hours)


def rows_one_by_one(table: pa.Table, spec: FeatureSpec) -> tuple[Float32, dict[str, Profile]]:
    """Return the features of each transaction as it comes by, and the profiles at the end."""
    profiles: dict[str, Profile] = {}
    rows = []
    for transaction in stream(table):
        sender = profiles.get(transaction.sender, EMPTY)
        receiver = profiles.get(transaction.receiver, EMPTY)
        rows.append(feature_row(spec, sender, receiver, transaction))
        profiles |= record(profiles, transaction, spec.keep_seconds)
    return np.array(rows, np.float32).reshape(len(rows), len(spec.names)), profiles
