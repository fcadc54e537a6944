"""How many rows an input has, without reading it whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from engine.intake.source import Source, open_bytes, open_source

_LOOKED_AT = 1 << 22


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of an input; those of a CSV file are estimated from its first megabytes."""

    rows: int
    is_exact: bool = True


def estimate_size(path: str | Path, delimiter: str | None = None) -> Size:
    """Estimate the rows of a transactions file.

    Raises
    ------
    InputError
        If the file is no CSV or Parquet file that can be read.
    """
    source = open_source(path, delimiter)
    if source.kind == "parquet":
        return Size(int(pq.read_metadata(source.path).num_rows))
    return _csv_size(source)


def _csv_size(source: Source) -> Size:
    with open_bytes(source) as reader:
        text = reader.read(_LOOKED_AT)
        share = reader.share
    lines = text[source.body :].count(b"\n")
    if len(text) < _LOOKED_AT:
        return Size(lines + (not text.endswith(b"\n")))
    # Of a compressed file somewhat more is read ahead than was unpacked.
    return Size(round(lines / max(share, 1e-9)), False)
