"""cuDF: reading CSV and Parquet, numbering names, writing Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import cudf
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.backend.base import Codes, to_host
from engine.columns import MAX_AMOUNT, MINOR_UNITS

# cuDF moves its own buffers to the CPU when the device fills up.
cudf.set_option("spill", True)

#: cuDF adds decimals up digit by digit, so its numbers may be some units in the last place off.
_UNITS_IN_LAST_PLACE = 8
#: Rows of a Parquet file that are on the device at once.
_ROWS_AT_ONCE = 8_000_000


def parse_csv(
    text: pa.Buffer, header: Sequence[str], delimiter: str, types: dict[str, pa.DataType]
) -> dict[str, pa.Array]:
    """Parse whole records; see ``Backend.parse_csv``.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a number is empty or unreadable: cuDF makes both null, so the caller reads the text.
    """
    frame = cudf.read_csv(
        io.BytesIO(text),
        sep=delimiter,
        header=None,
        names=list(header),
        usecols=list(types),
        dtype={name: _dtype(kind) for name, kind in types.items()},
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
    )
    table = frame[list(types)].to_arrow(preserve_index=False)
    return {name: _column(table[name], name, types[name]) for name in types}


def read_parquet(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read columns of a file, some row groups at a time; see ``Backend.read_parquet``."""
    for groups in _row_groups(path):
        frame = cudf.read_parquet(
            path, columns=list(columns), row_groups=[groups], use_pandas_metadata=False
        )
        table = frame[list(columns)].to_arrow(preserve_index=False)
        yield from table.combine_chunks().to_batches()


def _row_groups(path: Path) -> Iterator[list[int]]:
    """Yield row groups that together have at most so many rows, or one that has more."""
    metadata = pq.read_metadata(path)
    groups: list[int] = []
    rows = 0
    for number in range(metadata.num_row_groups):
        more = metadata.row_group(number).num_rows
        if groups and rows + more > _ROWS_AT_ONCE:
            yield groups
            groups, rows = [], 0
        groups.append(number)
        rows += more
    if groups:
        yield groups


def number_names(names: pa.Array) -> tuple[Codes, pa.Array]:
    """Number distinct names in order of first appearance; see ``Backend.number_names``."""
    codes, distinct = cudf.Series.from_arrow(names).factorize()
    return to_host(codes).astype(np.int32, copy=False), distinct.to_arrow().cast(pa.string())


def write_parquet(table: pa.Table, path: Path, rows_a_group: int) -> None:
    """Write a table from the device; dictionary columns become plain text."""
    for index, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            plain = table.column(index).cast(field.type.value_type)
            table = table.set_column(index, field.name, plain)
    cudf.DataFrame.from_arrow(table).to_parquet(
        path, compression="zstd", index=False, row_group_size_rows=rows_a_group
    )


def _dtype(kind: pa.DataType) -> str:
    return "float64" if pa.types.is_floating(kind) else "str"


def _column(column: pa.ChunkedArray, name: str, kind: pa.DataType) -> pa.Array:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    if not pa.types.is_floating(kind):
        return whole.cast(pa.string()).fill_null("")
    if whole.null_count:
        raise pa.ArrowInvalid(f"column {name}: empty or unreadable numbers")
    return pa.array(nearest_minor_units(whole.to_numpy(zero_copy_only=False)))


def nearest_minor_units(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return amounts as a correct parser reads them, where they have at most two decimals.

    A number that is some units in the last place away from a whole number of minor units is that
    number; others stay as they are.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        nearest = np.rint(values * MINOR_UNITS) / MINOR_UNITS
        close = np.abs(values - nearest) <= _UNITS_IN_LAST_PLACE * np.spacing(np.abs(nearest))
    return np.where(close & (np.abs(values) <= MAX_AMOUNT), nearest, values)
