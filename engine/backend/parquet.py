"""Parquet with Arrow: read in batches of rows, written in row groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_BATCH_ROWS = 1 << 17


def read_batches(path: Path, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """Read some columns of a file, or all, a batch of rows after the other."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(_BATCH_ROWS, columns=None if columns is None else [*columns])


def write_groups(
    table: pa.Table, path: Path, rows_a_group: int, report: Callable[[int], None]
) -> None:
    """Write a table group by group; ``report`` is told the rows written so far.

    Columns of names and numbers are hardly ever repeated, so only the dictionary-typed ones
    (type, currency, role) are dictionary encoded.
    """
    encoded = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    with pq.ParquetWriter(
        path, table.schema, compression="zstd", compression_level=1, use_dictionary=encoded
    ) as writer:
        for start in range(0, max(table.num_rows, 1), rows_a_group):
            writer.write_table(table.slice(start, rows_a_group), row_group_size=rows_a_group)
            report(min(start + rows_a_group, table.num_rows))
