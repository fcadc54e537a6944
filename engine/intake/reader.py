"""Reading a whole input: canonical transactions in time order, and the rows put aside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from engine import columns
from engine.backend import CPU, Backend
from engine.errors import InputError
from engine.intake.batches import Batch, read_batches
from engine.intake.checks import check
from engine.intake.detection import require
from engine.intake.mapping import Mapping
from engine.intake.source import open_source
from engine.progress import Progress, silent

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read from an input.

    Attributes
    ----------
    transactions
        Canonical columns that the input has, then ``x_*``; sorted by ``time, tx_id``. ``tx_id``
        is the 0-based position of the row in the input, rejected rows counted.
    rejects
        ``row`` (1-based position, ``tx_id + 1``), ``reason``, ``raw`` (the text as given).
    rows_in
        Rows of the input; always ``len(transactions) + len(rejects)``. Blank lines are no rows.
    warnings
        What an analyst should know about this input, a sentence each.
    """

    transactions: pa.Table
    rejects: pa.Table
    rows_in: int
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Collected:
    tables: list[pa.Table] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: int = 0


def read_transactions(
    path: str | Path, mapping: Mapping, progress: Progress = silent, backend: Backend = CPU
) -> Intake:
    """Read a transactions file into canonical, clean, time-ordered rows.

    Parameters
    ----------
    path
        CSV (plain, gzip, or zstd) or Parquet.
    mapping
        How its columns become canonical ones; see :func:`engine.intake.detect`.
    progress
        Told the share of the file that is read.

    Raises
    ------
    SchemaError
        If the file lacks a column that the mapping needs.
    InputError
        If the file cannot be read to its end, or no row of it is good.

    Notes
    -----
    One pass over the file in blocks of 16 MB; memory is that of the result and a few blocks.
    The sort is skipped where the input is in time order already.
    """
    source = open_source(path, mapping.delimiter)
    found = require(source, mapping)
    collected = _Collected()
    for batch in read_batches(source, mapping, found, backend):
        _collect(collected, batch, mapping, found)
        progress(batch.share, f"{collected.rows:,} rows read")
    rejects = sorted(collected.rejects)
    if not any(len(table) for table in collected.tables):
        raise InputError(no_good_row(Path(path), mapping, rejects))
    transactions = pa.concat_tables(collected.tables).unify_dictionaries()
    return Intake(
        transactions=_in_time_order(transactions),
        rejects=reject_table(rejects),
        rows_in=collected.rows,
        warnings=tuple(collected.warnings),
    )


def _collect(collected: _Collected, batch: Batch, mapping: Mapping, found: dict[str, str]) -> None:
    checked = check(batch.given, batch.rows, mapping, found)
    faulty = [(int(batch.rows[i]), why, batch.raw(i)) for i, why in checked.reasons.items()]
    rejects = batch.rejects + faulty
    rows = len(checked.transactions) + len(rejects)
    if not collected.tables:
        collected.warnings += mostly_rejected(rejects, rows)
    collected.tables.append(checked.transactions)
    collected.rejects += rejects
    collected.rows += rows


def _in_time_order(transactions: pa.Table) -> pa.Table:
    time = transactions.column(columns.TIME).cast(pa.int64()).to_numpy()
    if (time[1:] >= time[:-1]).all():
        return transactions
    return transactions.take(pa.array(np.argsort(time, kind="stable")))


def reject_table(rejects: list[tuple[int, str, str]]) -> pa.Table:
    """Return rejected rows, ``(position, reason, raw)``, as the table of the lake."""
    row, reason, raw = zip(*rejects, strict=True) if rejects else ((), (), ())
    arrays = [pa.array([position + 1 for position in row]), pa.array(reason), pa.array(raw)]
    return pa.table(
        [array.cast(kind) for array, kind in zip(arrays, columns.REJECTS.types, strict=True)],
        schema=columns.REJECTS,
    )


def _kinds(rejects: list[tuple[int, str, str]]) -> Counter[str]:
    return Counter(reason.split(":")[0] for _, reason, _ in rejects)


def mostly_rejected(rejects: list[tuple[int, str, str]], rows: int) -> list[str]:
    """Return a warning if most of the first rows were rejected for one reason."""
    for kind, count in _kinds(rejects).most_common(1):
        if count > rows / 2:
            return [
                f"{count:,} of the first {rows:,} rows are rejected for one reason: {kind}; "
                "check the schema and the delimiter"
            ]
    return []


def no_good_row(path: Path, mapping: Mapping, rejects: list[tuple[int, str, str]]) -> str:
    """Return the message of an input without a row that can be read."""
    if not rejects:
        return f"{path} has a header and no rows"
    lines = [f"{path}: none of the {len(rejects):,} rows can be read with schema {mapping.name}"]
    for kind, count in _kinds(rejects).most_common(_EXAMPLES):
        row, _, raw = next(reject for reject in rejects if reject[1].split(":")[0] == kind)
        lines.append(f"  {count:,} rows: {kind}; first is row {row + 1}: {raw[:120]}")
    return "\n".join(lines)
