"""A first look at a file, before anything is run."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.intake.batches import csv_blocks, parse_records
from engine.intake.checks import check
from engine.intake.detection import match, require
from engine.intake.mapping import Mapping
from engine.intake.source import Source, open_source

_BYTES_A_ROW = 2048


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file.

    Attributes
    ----------
    header
        Column names of the file; empty if they cannot be told.
    raw
        First records as given, all columns as text.
    canonical
        Good ones of these rows as canonical columns, in file order; ``None`` without a mapping.
    mapping
        The mapping asked for, else the one detected, else ``None``.
    problem
        What stands in the way of a run, or ``None``.
    """

    header: tuple[str, ...] = ()
    raw: pa.Table | None = None
    canonical: pa.Table | None = None
    mapping: Mapping | None = None
    problem: str | None = None


def preview(path: str | Path, mapping: Mapping | None = None, rows: int = 50) -> Preview:
    """Show the first rows of a file as given and as a mapping reads them.

    Parameters
    ----------
    path
        CSV (plain, gzip, or zstd) or Parquet; only its first part is read.
    mapping
        ``None`` detects the schema.
    rows
        Records to show.

    Returns
    -------
    Preview
        Never raises for a bad file: ``problem`` says what is wrong with it.
    """
    try:
        source = open_source(path, None if mapping is None else mapping.delimiter)
        raw, positions = _first_rows(source, rows)
    except InputError as error:
        return Preview(mapping=mapping, problem=str(error))
    try:
        mapping = mapping or match(source)
        found = require(source, mapping)
        given = {name: raw.column(header).combine_chunks() for name, header in found.items()}
        checked = check(given, positions, mapping, found)
    except InputError as error:
        return Preview(source.header, _as_text(raw), None, mapping, str(error))
    problem = None
    if not len(checked.transactions):
        reason = next(iter(checked.reasons.values()), "none is a record with all columns")
        problem = f"none of the first rows can be read with schema {mapping.name}: {reason}"
    return Preview(source.header, _as_text(raw), checked.transactions, mapping, problem)


def _first_rows(source: Source, rows: int) -> tuple[pa.Table, np.ndarray]:
    if source.kind == "parquet":
        return _first_parquet_rows(source, rows)
    records, _ = next(csv_blocks(source, rows * _BYTES_A_ROW))
    parsed = parse_records(records, source, dict.fromkeys(source.header, pa.string()))
    return pa.table(parsed).slice(0, rows), records.rows[:rows]


def _first_parquet_rows(source: Source, rows: int) -> tuple[pa.Table, np.ndarray]:
    try:
        with pq.ParquetFile(source.path) as file:
            first = list(itertools.islice(file.iter_batches(rows), 1))
            table = pa.Table.from_batches(first, file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{source.path}: the Parquet file is damaged ({error}); fetch the file again"
        ) from error
    return table.rename_columns(list(source.header)), np.arange(len(table))


def _as_text(raw: pa.Table) -> pa.Table:
    shown = {
        name: pa.array([None if value is None else str(value) for value in column.to_pylist()])
        for name, column in zip(raw.column_names, raw.columns, strict=True)
    }
    return pa.table({name: column.cast(pa.string()) for name, column in shown.items()})
