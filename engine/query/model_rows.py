"""The rows of a run that its model is judged on: the last part in time, never trained on.

Only the columns asked for are read, one row group after the other, into arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.columns import FRAUD_PROBABILITY, LABEL
from engine.errors import InputError
from engine.label_record import ignores_labels
from engine.lake import RunPaths
from engine.query.database import require
from engine.query.run_model import config_of, manifest_of
from engine.realtime.row import UNKNOWN
from engine.scoring.split import TimeSplit, split_in_time

Score = Literal["fraud_probability", "final_risk", "anomaly_score", "rule_score"]
SCORES: tuple[Score, ...] = ("fraud_probability", "final_risk", "anomaly_score", "rule_score")

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


def split_of(paths: RunPaths) -> TimeSplit:
    """Return the split in time of a run, by the shares it was made with.

    A model of another run has seen none of these rows: then all of them are a test.
    """
    rows = pq.read_metadata(require(paths.augmented)).num_rows
    config = config_of(manifest_of(paths)).model
    return TimeSplit(0, 0, rows) if config.use else split_in_time(rows, config)


def scores_of(paths: RunPaths) -> tuple[Score, ...]:
    """Return the scores a run has; ``fraud_probability`` only where a model gave one."""
    file = pq.ParquetFile(require(paths.augmented))
    column = file.schema_arrow.names.index(FRAUD_PROBABILITY)
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    told = [group.column(column).statistics for group in groups]
    is_empty = all(
        one is not None and one.null_count == group.num_rows
        for one, group in zip(told, groups, strict=True)
    )
    return SCORES[1:] if is_empty else SCORES


def why_not_measured(paths: RunPaths) -> str | None:
    """Say why nothing of a run can be measured; ``None`` where it can."""
    names = pq.read_schema(require(paths.augmented)).names
    if ignores_labels(manifest_of(paths)):
        has = "has labels, but the run was" if LABEL in names else "may have labels; the run was"
        return f"the input {has} told to leave them aside, and so does this page"
    if LABEL not in names:
        return "the input has no labels"
    label = read(paths, [LABEL], split_of(paths).test)[LABEL]
    found = np.unique(label)
    if not {0, 1} <= set(found.tolist()):
        return "the last part of the rows, which is kept for the test, holds only one class"
    return None


def judged(paths: RunPaths, score: Score, *more: str) -> dict[str, npt.NDArray[Any]]:
    """Return ``label`` (bool), ``score`` (float32) and more columns of the test rows.

    Raises
    ------
    InputError
        If nothing can be measured, or the run has no such score.
    """
    why = why_not_measured(paths)
    if why is not None:
        raise InputError(f"run {paths.run_id} cannot be measured: {why}")
    if score not in scores_of(paths):
        raise InputError(f"run {paths.run_id} has no {score}: choose another score")
    found = read(paths, [LABEL, score, *more], split_of(paths).test)
    return {**found, "label": found[LABEL] == 1, "score": found[score].astype(np.float32)}


def read(paths: RunPaths, names: Sequence[str], rows: slice) -> dict[str, npt.NDArray[Any]]:
    """Return columns of a range of rows; a column of few texts as int32 codes, -1 for none.

    The texts of the column ``type``, sorted, stand under ``type_values``.
    """
    file = pq.ParquetFile(require(paths.augmented))
    parts, start = [], 0
    for group in range(file.metadata.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        first, past = max(rows.start - start, 0), min(rows.stop - start, size)
        if first < past:
            table = file.read_row_group(group, columns=list(names))
            parts.append(table.slice(first, past - first))
        start += size
    empty = pa.schema([file.schema_arrow.field(name) for name in names]).empty_table()
    table = pa.concat_tables(parts) if parts else empty
    found: dict[str, npt.NDArray[Any]] = {}
    for name in names:
        if pa.types.is_dictionary(table[name].type):
            found[name], found[f"{name}_values"] = _coded(table[name])
        else:
            found[name] = table[name].to_numpy()
    return found


def _coded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any]]:
    """Return a dictionary column as codes of its sorted values, -1 for none, and the values."""
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # of no rows
        return np.empty(0, np.int32), np.empty(0, object)
    values = np.array(whole.dictionary.to_pylist(), object)
    order = np.argsort(values)
    place = np.append(np.argsort(order), -1).astype(np.int32)
    return place[whole.indices.fill_null(-1).to_numpy()], values[order]


def picked(paths: RunPaths, names: Sequence[str], rows: Int64) -> Float32:
    """Return columns of chosen rows as the model sees them, shape (n_rows, n_columns).

    Parameters
    ----------
    rows
        Row numbers, ascending.
    """
    file = pq.ParquetFile(require(paths.augmented))
    out, start = np.empty((len(rows), len(names)), np.float32), 0
    for group in range(file.metadata.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        first, past = np.searchsorted(rows, [start, start + size])
        if first < past:
            table = file.read_row_group(group, columns=list(names))
            wanted = rows[first:past] - start
            for index, name in enumerate(names):
                values = table[name].to_numpy()[wanted].astype(np.float64)
                out[first:past, index] = np.nan_to_num(values, nan=UNKNOWN)
        start += size
    return out


def sample(rows: slice, most: int, seed: int) -> Int64:
    """Draw at most so many row numbers of a range, without replacement, ascending."""
    n = rows.stop - rows.start
    if n <= most:
        return np.arange(rows.start, rows.stop)
    drawn = np.random.default_rng(seed).choice(n, most, replace=False, shuffle=False)
    found: Int64 = np.sort(drawn) + rows.start
    return found
