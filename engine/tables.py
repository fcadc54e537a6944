"""Writing and reading a run's tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.backend import CPU, Backend, to_host
from engine.columns import (
    ANOMALY_SCORE,
    FINAL_RISK,
    FRAUD_PROBABILITY,
    IS_ANOMALY,
    RULE_SCORE,
)
from engine.features import FeatureMatrix
from engine.lake import RunPaths, replacing
from engine.progress import Progress, silent
from engine.rings import RingTables
from engine.scoring.score import Scores

#: Rows a row group: small enough that a page reads few rows, large enough to compress.
ROW_GROUP = 262_144


def write_table(
    table: pa.Table, path: Path, progress: Progress = silent, backend: Backend = CPU
) -> None:
    """Write a Parquet file that appears whole or not at all."""

    def report(done: int) -> None:
        progress(done / max(table.num_rows, 1), f"{path.parent.parent.name}, {done:,} rows")

    with replacing(path) as part:
        backend.write_parquet(table, part, ROW_GROUP, report)


def augmented_table(
    transactions: pa.Table,
    features: FeatureMatrix,
    scores: Scores,
    final_risk: npt.NDArray[np.float32],
) -> pa.Table:
    """Put canonical columns, features, and scores side by side.

    ``amount`` stands once, as given; the model's float32 copy is left out.
    """
    table = transactions
    for name in features.names:
        if name not in table.column_names:
            table = table.append_column(name, pa.array(to_host(features.column(name))))
    rows = len(final_risk)
    probability = (
        pa.nulls(rows, pa.float32()) if scores.probability is None else pa.array(scores.probability)
    )
    return (
        table.append_column(RULE_SCORE, pa.array(scores.rule))
        .append_column(ANOMALY_SCORE, pa.array(scores.anomaly))
        .append_column(IS_ANOMALY, pa.array(scores.is_anomaly))
        .append_column(FRAUD_PROBABILITY, probability)
        .append_column(FINAL_RISK, pa.array(final_risk))
    )


def write_rings(tables: RingTables, paths: RunPaths) -> None:
    """Write the three ring tables."""
    write_table(tables.ring_accounts, paths.ring_accounts)
    write_table(tables.ring_transactions, paths.ring_transactions)
    write_table(tables.rings, paths.rings)


def read_rings(paths: RunPaths) -> RingTables:
    """Read the three ring tables."""
    return RingTables(
        pq.read_table(paths.rings),
        pq.read_table(paths.ring_accounts),
        pq.read_table(paths.ring_transactions),
    )
