"""Turning a column as it was read, text or typed, into values; nothing is rejected here."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.columns import TIME_TYPE
from engine.intake.mapping import UNIT_MICROSECONDS, TimeRule

Bools = NDArray[np.bool_]

_NUMBER = r"(?i)^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf|infinity)$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A numeric column: ``values`` is NaN where it is ``missing`` or ``unreadable``."""

    values: NDArray[np.float64]
    missing: Bools
    unreadable: Bools


@dataclass(frozen=True, slots=True)
class Moments:
    """A time column in microseconds since 1970, UTC; 0 where it is missing or faulty.

    ``beyond`` marks numbers too large to be a moment at all, and negative ones; ``read`` holds
    the numbers or dates the moments were made from.
    """

    values: NDArray[np.int64]
    read: pa.Array
    missing: Bools
    unreadable: Bools
    beyond: Bools


def to_numbers(column: pa.Array) -> Numbers:
    """Read numbers: text such as ``12.5`` or ``1.0E7``, or a numeric column."""
    if not _is_text(column.type):
        values = column.cast(pa.float64(), safe=False)
        missing = _mask(pc.is_null(values))
        return Numbers(_floats(values), missing, np.zeros(len(values), bool))
    text = to_text(column)
    absent = pc.equal(text, "")
    missing = _mask(absent)
    nothing = pa.scalar(None, pa.string())
    try:
        values = pc.if_else(absent, nothing, text).cast(pa.float64())
    except pa.ArrowInvalid:
        # Some text is no number; to look for it costs more than the cast, so only now.
        readable = pc.match_substring_regex(text, _NUMBER)
        values = pc.if_else(readable, text, nothing).cast(pa.float64())
        return Numbers(_floats(values), missing, ~_mask(readable) & ~missing)
    return Numbers(_floats(values), missing, np.zeros(len(values), bool))


def to_text(column: pa.Array) -> pa.Array:
    """Read text without outer spaces; a missing value, NaN too, becomes the empty text.

    Whole numbers come out as plain decimals, also where the column is of floats.
    """
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_finite(column), column, None)
        whole = pc.all(pc.equal(pc.round(column), column)).as_py()
        column = column.cast(pa.int64(), safe=False) if whole is not False else column
    text = column if pa.types.is_string(column.type) else column.cast(pa.string())
    return pc.utf8_trim_whitespace(pc.fill_null(text, "") if text.null_count else text)


def to_categories(column: pa.Array) -> pa.Array:
    """Read text of few values as a dictionary array."""
    return to_text(column).dictionary_encode()


def to_ring_labels(column: pa.Array) -> pa.Array:
    """Read the names of true rings as a dictionary array; null where there is none.

    None is written as nothing, as a negative number (AMLSim writes -1), or as NaN.
    """
    encoded = to_categories(column)
    names = encoded.dictionary.to_pylist()
    none = np.array([not name or name.startswith("-") or name == "nan" for name in names], bool)
    codes = encoded.indices.to_numpy()
    indices = pa.array(codes, pa.int32(), mask=none[codes] if len(names) else None)
    return pa.DictionaryArray.from_arrays(indices, encoded.dictionary)


def to_moments(column: pa.Array, rule: TimeRule) -> Moments:
    """Read moments after the mapping's rule; a typed time column needs no rule."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _typed_moments(column)
    if rule.unit is None:
        return _written_moments(column, rule.format or "iso")
    return _counted_moments(column, rule, UNIT_MICROSECONDS[rule.unit])


def to_labels(
    column: pa.Array, positive: Collection[str], negative: Collection[str]
) -> tuple[NDArray[np.int8], Bools]:
    """Read labels: 1 for a positive value, 0 for a negative one, and which are neither."""
    encoded = to_categories(column)
    codes = [_label(value, positive, negative) for value in encoded.dictionary.to_pylist()]
    labels = np.array(codes, np.int8)[encoded.indices.to_numpy()]
    return np.maximum(labels, 0), labels < 0


def _label(value: str, positive: Collection[str], negative: Collection[str]) -> int:
    for text in (value.casefold(), re.sub(r"\.0+$", "", value)):
        if text in positive:
            return 1
        if text in negative:
            return 0
    return -1


def _typed_moments(column: pa.Array) -> Moments:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"), safe=False)
    values = column.cast(TIME_TYPE, safe=False)
    nothing = np.zeros(len(values), bool)
    micros = pc.fill_null(values.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    return Moments(micros, column, _mask(pc.is_null(values)), nothing, nothing)


def _counted_moments(column: pa.Array, rule: TimeRule, unit: int) -> Moments:
    numbers = to_numbers(column)
    missing = np.isnan(numbers.values) & ~numbers.unreadable
    origin = _microseconds(datetime.fromisoformat(rule.origin))
    known = np.nan_to_num(numbers.values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    beyond = (known < 0) | (known > 2**62 / unit / 2)
    since = np.round((np.where(beyond, 0.0, known) - rule.first) * unit)
    moments = origin + since.astype(np.int64)
    return Moments(moments, pa.array(numbers.values), missing, numbers.unreadable, beyond)


def _microseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _written_moments(column: pa.Array, form: str) -> Moments:
    text = to_text(column)
    missing = _mask(pc.equal(text, ""))
    parsed = pd.to_datetime(
        text.to_pandas(),
        format="ISO8601" if form.casefold() == "iso" else form,
        utc=True,
        errors="coerce",
    )
    # pandas reads these two words as the present moment, whatever the format.
    words = _mask(pc.is_in(pc.utf8_lower(text), pa.array(["now", "today"])))
    unreadable = (parsed.isna().to_numpy() | words) & ~missing
    values = parsed.dt.as_unit("us").to_numpy("datetime64[us]").astype(np.int64)
    values = np.where(missing | unreadable, 0, values)
    return Moments(values, column, missing, unreadable, np.zeros(len(values), bool))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _floats(values: pa.Array) -> NDArray[np.float64]:
    floats: NDArray[np.float64] = values.to_numpy(zero_copy_only=False)
    return floats


def _mask(values: pa.Array) -> Bools:
    mask: Bools = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return mask
