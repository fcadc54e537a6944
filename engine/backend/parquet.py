"""Writing a table to Parquet in row groups, with Arrow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


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
