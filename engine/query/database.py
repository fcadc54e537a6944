"""DuckDB over the Parquet files of a run: one in-memory database, one cursor per request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from engine.errors import RunError


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@contextmanager
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a cursor of its own to one request: cursors are not safe to share between threads."""
    own = _database().cursor()
    try:
        yield own
    finally:
        own.close()


def fetch(query: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Run a constant query with bound parameters and return its rows.

    Parameters
    ----------
    query
        SQL text from this package, never from a user; values stand as ``$name``.
    parameters
        The value of each ``$name``; a path is given as a string to ``read_parquet($name)``.

    Raises
    ------
    RunError
        If a file of the run is missing or is no Parquet file.
    """
    try:
        with cursor() as own:
            return own.execute(query, dict(parameters)).df()
    except duckdb.IOException as error:
        raise RunError(
            f"a file of this run cannot be read ({error}); run the input again"
        ) from error


def require(path: Path) -> str:
    """Return the path as text for ``read_parquet``.

    Raises
    ------
    RunError
        If the file is not there.
    """
    if not path.exists():
        raise RunError(f"{path} is missing: the run has not finished, or its files were deleted")
    return str(path)
