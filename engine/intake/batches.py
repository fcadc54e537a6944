"""Reading an input in batches of columns as they stand in the file, CSV and Parquet alike."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine import columns
from engine.backend import CPU, Backend
from engine.errors import InputError, RunError
from engine.intake.lines import Layout
from engine.intake.mapping import Mapping
from engine.intake.records import Records, find_records
from engine.intake.source import Source, open_bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of an input.

    Attributes
    ----------
    given
        Canonical name, or ``x_<header>``, to the column as read.
    rows
        Position of each row in the input, ``(n_rows,)``.
    raw
        Gives the text of a row of this batch, by index.
    rejects
        ``(row, reason, raw)`` of lines that are no record.
    share
        Part of the input read so far, 0 to 1.
    """

    given: dict[str, pa.Array]
    rows: NDArray[np.int64]
    raw: Callable[[int], str]
    rejects: list[tuple[int, str, str]]
    share: float


def read_batches(
    source: Source, mapping: Mapping, found: dict[str, str], backend: Backend = CPU
) -> Iterator[Batch]:
    """Read the columns ``found`` (canonical name to header) of an input, batch by batch.

    Raises
    ------
    InputError
        If the file is cut off or damaged.
    """
    if source.kind == "parquet":
        return _parquet_batches(source, found, backend)
    return _csv_batches(source, mapping, found, backend)


def csv_blocks(source: Source, block_bytes: int) -> Iterator[tuple[Records, float]]:
    """Find the records of a CSV file, block by block, each with the share read so far."""
    layout = Layout(source.delimiter, len(source.header), source.header_line)
    with open_bytes(source) as reader:
        reader.read(source.body)
        carry, first_row, at_end = b"", 0, False
        while not at_end:
            data = reader.read(block_bytes)
            at_end = len(data) < block_bytes
            block = carry + data if carry else data
            records = find_records(block, layout, first_row, at_end)
            carry = block[records.consumed :]
            first_row += records.n_rows
            yield records, reader.share


def parse_records(
    records: Records, source: Source, types: dict[str, pa.DataType], backend: Backend = CPU
) -> dict[str, pa.Array]:
    """Parse the good records of a block: header name to column, of the types asked for.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a value does not fit its type.
    RunError
        If the parser sees other rows than the scan did.
    """
    if not len(records.rows):
        return {name: pa.array([], kind) for name, kind in types.items()}
    longest = int((records.stops - records.starts).max())
    parsed = backend.parse_csv(
        pa.py_buffer(records.text), source.header, source.delimiter, types,
        joined_lines=records.has_joined, longest=longest,
    )  # fmt: skip
    for column in parsed.values():
        if len(column) != len(records.rows):
            raise RunError(
                f"{source.path}: {len(records.rows):,} records found and {len(column):,} parsed "
                f"before row {records.rows[-1] + 1:,}; "
                "this is a fault of the reader, please report it"
            )
    return parsed


def _csv_batches(
    source: Source, mapping: Mapping, found: dict[str, str], backend: Backend
) -> Iterator[Batch]:
    typed = {header: _wanted_type(name, mapping) for name, header in found.items()}
    as_text = dict.fromkeys(typed, pa.string())
    for records, share in csv_blocks(source, backend.csv_block_bytes):
        try:
            parsed = parse_records(records, source, typed, backend)
        except pa.ArrowInvalid:
            # Some value of this block is no number: read text, so that only its row is rejected.
            parsed = parse_records(records, source, as_text)
        given = {name: parsed[header] for name, header in found.items()}
        yield Batch(given, records.rows, records.raw, records.rejects, share)


def _wanted_type(name: str, mapping: Mapping) -> pa.DataType:
    if name == columns.TIME:
        return pa.string() if mapping.time.unit is None else pa.float64()
    is_number = columns.CANONICAL.get(name, pa.float64()) == pa.float64()
    return pa.float64() if is_number else pa.string()


def _parquet_batches(source: Source, found: dict[str, str], backend: Backend) -> Iterator[Batch]:
    wanted = list(dict.fromkeys(found.values()))
    first = 0
    try:
        file = pq.ParquetFile(source.path)
        total, raw = file.metadata.num_rows, _RawRows(file)
        # A name made unique, as Account.1, is not in the file: then places tell columns apart.
        in_file = set(file.schema_arrow.names) >= set(source.header)
        place = wanted.index if in_file else source.header.index
        for part in backend.read_parquet(source.path, wanted if in_file else None):
            rows = np.arange(first, first + len(part))
            given = {name: part.column(place(header)) for name, header in found.items()}
            yield Batch(given, rows, raw.after(first), [], first / total)
            first += len(part)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{source.path}: the Parquet file is damaged after {first:,} rows ({error}); "
            "fetch the file again"
        ) from error


class _RawRows:
    """Rows of a Parquet file with all their columns as JSON, read when asked for."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self._number, self._group = -1, pa.table({})

    def after(self, first: int) -> Callable[[int], str]:
        """Return the function that writes a row, counted from row ``first`` of the file."""
        return lambda index: self._write(first + index)

    def _write(self, position: int) -> str:
        number = 0
        while position >= (rows := self._file.metadata.row_group(number).num_rows):
            position, number = position - rows, number + 1
        if number != self._number:
            self._number, self._group = number, self._file.read_row_group(number)
        row = self._group.slice(position, 1).to_pylist()[0]
        plain = {name: _json_value(value) for name, value in row.items()}
        return json.dumps(plain, ensure_ascii=False, default=str)


def _json_value(value: Any) -> Any:
    # JSON has no NaN and no infinity.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
