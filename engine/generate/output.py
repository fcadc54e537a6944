"""Writing generated tables to disk: the suffix of the path decides the format."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from engine.errors import InputError
from engine.lake import replacing

_CSV = pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none")


def write_table(table: pa.Table, path: str | Path) -> Path:
    """Write a table as ``.csv``, ``.csv.gz`` or ``.parquet``; the same table gives the same bytes.

    Parameters
    ----------
    table
        Any table for Parquet; for CSV, one without nested columns whose texts need no quotes.
    path
        Where to write; missing folders are made, and an old file is replaced when all is written.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    InputError
        If the suffix names no known format, or the path is a folder.
    """
    path = checked_path(path)
    with replacing(path) as part:
        if path.suffix == ".parquet":
            pyarrow.parquet.write_table(table, part)
        else:
            compression = "gzip" if path.suffix == ".gz" else None
            with pa.output_stream(part, compression=compression) as stream:
                pyarrow.csv.write_csv(table, stream, _CSV)
    return path


def checked_path(path: str | Path) -> Path:
    """Return ``path`` if a table can be written there.

    Raises
    ------
    InputError
        If the suffix names no known format, or the path is a folder.
    """
    path = Path(path)
    if not path.name.endswith((".csv", ".csv.gz", ".parquet")):
        raise InputError(f"{path}: cannot tell the format; end the name in .csv, .csv.gz, .parquet")
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the name of a file in it")
    return path
