"""Cleaning an input in a stream: a file of any size, in the memory of a few blocks.

The stage ``intake`` of a run holds the whole table, because the next stages need it. Where a file
is only received and cleaned, in a function with little memory, this does the same work block by
block and leaves the run with that stage done. What grows with the rows is 20 bytes each.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine import columns
from engine.backend import CPU
from engine.config import Config
from engine.errors import InputError
from engine.features import build_features
from engine.intake.batches import Batch, read_batches
from engine.intake.checks import check
from engine.intake.detection import require
from engine.intake.mapping import Mapping
from engine.intake.reader import mostly_rejected, no_good_row, reject_table
from engine.intake.source import open_source
from engine.lake import Lake, replacing, write_json
from engine.plan import RunPlan, open_manifest
from engine.processes import peak_rss_mb
from engine.scoring.rules import hit_rules, quantile
from engine.scoring.split import split_in_time
from engine.tables import ROW_GROUP

#: Rows that are sorted at a time where the input is not in time order.
_SORTED_ROWS = 1 << 20
_EXAMPLES = 1000


@dataclass(slots=True)
class _Seen:
    """What is remembered of every row while the file goes by."""

    micros: list[np.ndarray] = field(default_factory=list)
    amounts: list[np.ndarray] = field(default_factory=list)
    first_rejects: list[tuple[int, str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: int = 0
    rejected: int = 0


def ingest(lake: Lake, planned: RunPlan) -> dict[str, Any]:
    """Clean the input of a run into ``prepped/`` and leave the run waiting for its next stages.

    ``transactions.parquet`` gets the column ``rule_score`` (float32, 0 to 1), the one score that
    needs no history; it is the same that the run will have. A run that has its input already stays
    as it is.

    Returns
    -------
    dict
        The manifest (``run.json``) with the stage ``intake`` done.

    Raises
    ------
    InputError
        If the input cannot be read to its end, or no row of it is good.
    RunError
        If another machine is bringing the same run to the lake's store.
    """
    paths = lake.run(planned.run_id)
    manifest = open_manifest(paths, planned)
    if manifest["stages"]:
        return manifest
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=lake.root, prefix=".ingest-") as folder:
        spool = Path(folder) / "spool.parquet"
        with replacing(paths.rejects) as rejects:
            seen = _clean(planned.input, planned.mapping, spool, rejects)
        with replacing(paths.prepped) as prepped:
            _write_in_time_order(spool, seen, prepped, planned.config)
    seconds = round(time.monotonic() - began, 3)
    manifest["input"] |= {"rows": seen.rows, "rejected": seen.rejected}
    manifest["counts"]["transactions"] = seen.rows - seen.rejected
    manifest["notes"] += seen.warnings
    manifest["stages"].append(
        {
            "name": "intake", "seconds": seconds, "rows": seen.rows, "engine": "cpu",
            "peak_rss_mb": peak_rss_mb(), "peak_device_mb": None, "notes": seen.warnings,
        }
    )  # fmt: skip
    manifest |= {"status": "waiting", "seconds": seconds}
    write_json(paths.manifest, manifest)
    if not lake.keep_new(planned.run_id, manifest):
        return lake.read_manifest(planned.run_id)
    return manifest


def _clean(path: Path, mapping: Mapping, spool: Path, rejects: Path) -> _Seen:
    """Write the good rows in the order of the file, and the others aside."""
    source = open_source(path, mapping.delimiter)
    found = require(source, mapping)
    seen = _Seen()
    writer: pq.ParquetWriter | None = None
    with pq.ParquetWriter(rejects, columns.REJECTS, compression="zstd") as aside:
        for batch in read_batches(source, mapping, found):
            good, bad = _checked(batch, mapping, found)
            _remember(seen, good, bad)
            if bad:
                aside.write_table(reject_table(bad))
            if writer is None and good.num_rows:
                writer = pq.ParquetWriter(spool, good.schema, compression="lz4")
            if writer is not None:
                writer.write_table(good)
    if writer is None:
        raise InputError(no_good_row(path, mapping, seen.first_rejects))
    writer.close()
    return seen


def _checked(
    batch: Batch, mapping: Mapping, found: dict[str, str]
) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    checked = check(batch.given, batch.rows, mapping, found)
    faulty = [(int(batch.rows[i]), why, batch.raw(i)) for i, why in checked.reasons.items()]
    return checked.transactions, sorted(batch.rejects + faulty)


def _remember(seen: _Seen, good: pa.Table, bad: list[tuple[int, str, str]]) -> None:
    rows = good.num_rows + len(bad)
    if seen.rows == 0:
        seen.warnings += mostly_rejected(bad, rows)
    seen.rows += rows
    seen.rejected += len(bad)
    seen.first_rejects += bad[: max(_EXAMPLES - len(seen.first_rejects), 0)]
    seen.micros.append(good[columns.TIME].cast(pa.int64()).to_numpy())
    seen.amounts.append(good[columns.AMOUNT].to_numpy().astype(np.float32))


def _write_in_time_order(spool: Path, seen: _Seen, prepped: Path, config: Config) -> None:
    micros, amounts = np.concatenate(seen.micros), np.concatenate(seen.amounts)
    is_sorted = bool((micros[1:] >= micros[:-1]).all())
    if not is_sorted:
        amounts = amounts[np.argsort(micros, kind="stable")]
    train = split_in_time(len(amounts), config.model).train
    limit = quantile(amounts[train], config.rules.high_amount_quantile)
    del amounts
    parts = _as_they_are(spool) if is_sorted else _sorted(spool, np.sort(micros))
    writer: pq.ParquetWriter | None = None
    for part in parts:
        features = build_features(part, None, config.features, CPU)
        score = pa.array(hit_rules(features, limit, config.rules).score)
        table = part.append_column(columns.RULE_SCORE, score)
        writer = writer or _writer(prepped, table.schema)
        writer.write_table(table, row_group_size=ROW_GROUP)
    if writer is not None:
        writer.close()


def _as_they_are(spool: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(spool) as file:
        for batch in file.iter_batches(ROW_GROUP):
            yield pa.Table.from_batches([batch])


def _sorted(spool: Path, micros: np.ndarray) -> Iterator[pa.Table]:
    """Yield ranges of time one after the other, each sorted; rows of one moment stay together."""
    cuts = np.unique(micros[::_SORTED_ROWS])
    for first, after in zip(cuts, [*cuts[1:].tolist(), micros[-1] + 1], strict=True):
        begin, end = (pa.scalar(int(at), pa.int64()).cast(columns.TIME_TYPE) for at in
                      (first, after))  # fmt: skip
        part = pq.read_table(spool, filters=[(columns.TIME, ">=", begin), (columns.TIME, "<", end)])
        order = np.lexsort(
            (part[columns.TX_ID].to_numpy(), part[columns.TIME].cast(pa.int64()).to_numpy())
        )
        yield part.take(pa.array(order))


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    encoded = [f.name for f in schema if pa.types.is_dictionary(f.type)]
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=encoded
    )
