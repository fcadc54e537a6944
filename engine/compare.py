"""``python -m engine compare``: whether two runs gave the same tables, by the hash of contents.

Beside it stands what became of the rings of the first run in the second and, where one run
computed on a GPU, whether the two agree within the bounds of :mod:`engine.parity`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.lake import Lake
from engine.parity import judge_parity
from engine.query.lineage import trace_runs
from engine.rings.lineage import count_states


def compare_runs(lake: Lake, run_a: str, run_b: str) -> dict[str, Any]:
    """Compare the output tables of two finished runs.

    Returns
    -------
    dict
        ``same`` and, by table, ``same``, rows of both, and the columns that differ. ``lineage``
        counts the rings by state, run A taken as the earlier one; ``None`` where a run has none.
        ``parity`` is None where both runs computed on one kind of engine; ``agree`` is what the
        exit status tells.

    Raises
    ------
    InputError
        If a run is missing or not done.
    """
    for run_id in (run_a, run_b):
        status = lake.read_manifest(run_id)["status"]
        if status != "done":
            raise InputError(f"run {run_id} is {status}; only finished runs can be compared")
        lake.fetch(run_id)
    tables = {}
    files_b = lake.run(run_b).outputs()
    for name, path_a in lake.run(run_a).outputs().items():
        if path_a.exists() or files_b[name].exists():
            tables[name] = _compare_tables(path_a, files_b[name])
    same = all(table["same"] for table in tables.values())
    parity = (
        None if same or not _other_engine(lake, run_a, run_b) else judge_parity(lake, run_a, run_b)
    )
    return {
        "same": same,
        "agree": same or (parity is not None and bool(parity["within"])),
        "run_a": run_a,
        "run_b": run_b,
        "tables": tables,
        "lineage": _lineage(lake, run_a, run_b),
        "parity": parity,
    }


def _other_engine(lake: Lake, run_a: str, run_b: str) -> bool:
    manifests = (lake.read_manifest(run_id) for run_id in (run_a, run_b))
    kinds = {manifest.get("engine", {}).get("kind") for manifest in manifests}
    return len(kinds) > 1


def _lineage(lake: Lake, run_a: str, run_b: str) -> dict[str, int] | None:
    if not (lake.run(run_a).rings.exists() and lake.run(run_b).rings.exists()):
        return None
    return count_states(trace_runs(lake, run_id=run_b, previous_run_id=run_a))


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a table's values, whatever the layout of the file."""
    digest = hashlib.sha256()
    for name in pq.read_schema(path).names:
        digest.update(_column_hash(path, name).encode())
    return digest.hexdigest()


def _compare_tables(path_a: Path, path_b: Path) -> dict[str, Any]:
    if not (path_a.exists() and path_b.exists()):
        return {"same": False, "missing_in": "run_b" if path_a.exists() else "run_a"}
    schema_a, schema_b = pq.read_schema(path_a), pq.read_schema(path_b)
    names = list(dict.fromkeys([*schema_a.names, *schema_b.names]))
    differ = [
        name
        for name in names
        if name not in schema_a.names
        or name not in schema_b.names
        or _column_hash(path_a, name) != _column_hash(path_b, name)
    ]
    rows = [pq.read_metadata(path).num_rows for path in (path_a, path_b)]
    return {"same": not differ, "rows_a": rows[0], "rows_b": rows[1], "differ": differ}


def _column_hash(path: Path, name: str) -> str:
    """Hash one column's name, type and values; the cut into chunks does not matter."""
    column = pq.read_table(path, columns=[name])[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([whole], names=[name])
    with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return hashlib.sha256(sink.getvalue()).hexdigest()
