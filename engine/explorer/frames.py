"""Frames as plain JSON and back, without loss: what a snapshot keeps of a scene."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from engine.errors import InputError

#: Kinds of columns with the dtypes that they are read back as.
_DTYPES = {
    "text": "str",
    "whole": "Int64",
    "real": "float64",
    "flag": "boolean",
    "moment": "datetime64[us]",
}


def to_plain(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a frame as JSON can hold it.

    Returns
    -------
    dict
        ``columns``: names in order; ``kinds``: a kind each, of ``text``, ``whole``, ``real``,
        ``flag``, ``moment``; ``rows``: lists of values, ``None`` where missing; moments as
        ISO 8601 to the microsecond. Python writes floats so that they read back exactly.
    """
    kinds = [_kind(frame[name]) for name in frame.columns]
    columns = [_values(frame[name], kind) for name, kind in zip(frame.columns, kinds, strict=True)]
    rows = [list(row) for row in zip(*columns, strict=True)] if columns else []
    return {"columns": [str(name) for name in frame.columns], "kinds": kinds, "rows": rows}


def from_plain(plain: Mapping[str, Any]) -> pd.DataFrame:
    """Return the frame that :func:`to_plain` was given; whole numbers without gaps are int64.

    Raises
    ------
    InputError
        If it is no such frame.
    """
    try:
        names, kinds, rows = plain["columns"], plain["kinds"], plain["rows"]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return pd.DataFrame(
            {
                name: _column(values, kind)
                for name, kind, values in zip(names, kinds, columns, strict=True)
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a table of the snapshot cannot be read: {error}") from error


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "flag"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "whole"
    if pd.api.types.is_float_dtype(column.dtype):
        return "real"
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "moment"
    return "text"


def _values(column: pd.Series, kind: str) -> list[Any]:
    values: list[Any] = column.tolist()
    return [None if pd.isna(value) else _value(value, kind) for value in values]


def _value(value: Any, kind: str) -> Any:
    if kind == "moment":
        return pd.Timestamp(value).isoformat(timespec="microseconds")
    if kind == "real":
        # Infinity is no JSON; nothing that is drawn has such an amount.
        return float(value) if math.isfinite(value) else None
    return {"flag": bool, "whole": int, "text": str}[kind](value)


def _column(values: Any, kind: str) -> pd.Series:
    column = pd.Series(list(values), dtype="object")
    dtype: Any = _DTYPES[kind]
    if kind == "whole" and not column.isna().any():
        dtype = "int64"
    if kind == "flag" and not column.isna().any():
        dtype = "bool"
    return column.astype(dtype)
