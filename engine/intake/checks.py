"""The checks a row must pass, on whole columns at once: good rows out, the others with a reason.

A row is judged in the order of the canonical columns, and its first fault is its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine import columns
from engine.errors import SchemaError
from engine.intake import values
from engine.intake.mapping import Mapping

#: 1970-01-01 to 2200-12-31, in microseconds since 1970.
_LAST_MOMENT = int(np.datetime64("2201-01-01", "us").astype(np.int64)) - 1
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Checked:
    """Good rows as canonical columns, and why the others were rejected, by index."""

    transactions: pa.Table
    reasons: dict[int, str]


class _Sieve:
    """Rows of a batch that are still good, and the first fault of each that is not."""

    def __init__(self, rows: int, sources: dict[str, str]) -> None:
        self.good = np.ones(rows, bool)
        self.reasons: dict[int, str] = {}
        self._sources = sources

    def drop(
        self, name: str, faulty: NDArray[np.bool_], fault: str, shown: pa.Array | None
    ) -> None:
        """Reject the faulty rows; ``shown`` is the column whose value the reason shows."""
        if not faulty.any():
            return
        source = self._sources[name]
        is_renamed = name != source and not name.startswith(columns.EXTRA_PREFIX)
        column = f"{name} ({source})" if is_renamed else source
        for i in np.flatnonzero(faulty & self.good).tolist():
            value = "" if shown is None else f": {_short(shown[i].as_py())}"
            self.reasons[i] = f"{column} {fault}{value}"
        self.good &= ~faulty


def check(
    given: dict[str, pa.Array], rows: NDArray[np.int64], mapping: Mapping, sources: dict[str, str]
) -> Checked:
    """Turn columns as read into canonical ones and reject the rows that are not whole.

    Parameters
    ----------
    given
        Canonical name, or ``x_<header>``, to the column as it was read, each ``(n_rows,)``.
    rows
        Position of each row in the input; becomes ``tx_id``.
    mapping
        Rules for time and label.
    sources
        Canonical name to the header in the file, for the reasons.

    Raises
    ------
    SchemaError
        If a typed column cannot hold such values at all, e.g. an amount that is a list.
    """
    sieve = _Sieve(len(rows), sources)
    clean: dict[str, pa.Array] = {columns.TX_ID: pa.array(rows, pa.int64())}
    extras = [name for name in given if name not in columns.CANONICAL]
    for name in (*columns.CANONICAL, *extras):
        if name in given:
            try:
                clean[name] = _judge(name)(name, given[name], mapping, sieve)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise SchemaError(
                    f"column {sources[name]!r} has the type {given[name].type}, "
                    f"which cannot be read as {name}: {error}"
                ) from error
    table = pa.table(clean)
    if sieve.reasons:
        table = table.filter(pa.array(sieve.good))
    return Checked(table, sieve.reasons)


_Judge = Callable[[str, pa.Array, Mapping, _Sieve], pa.Array]


def _judge(name: str) -> _Judge:
    judges: dict[str, _Judge] = {
        columns.TIME: _time,
        columns.SENDER: _account,
        columns.RECEIVER: _account,
        columns.AMOUNT: _amount,
        columns.TYPE: _category,
        columns.CURRENCY: _category,
        columns.MEMO: _memo,
        columns.LABEL: _label,
        columns.RING_LABEL: _ring_label,
    }
    return judges.get(name, _optional_number)


def _time(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    moments = values.to_moments(given, mapping.time)
    sieve.drop(name, moments.missing, "is missing", None)
    if mapping.time.unit is not None:
        unreadable = "is not a number"
    elif mapping.time.format == "iso":
        unreadable = "is not an ISO 8601 date"
    else:
        unreadable = f"is not a date like {mapping.time.format}"
    sieve.drop(name, moments.unreadable, unreadable, given)
    out = moments.beyond | (moments.values < 0) | (moments.values > _LAST_MOMENT)
    sieve.drop(name, out, "is out of range (not negative, years 1970 to 2200)", moments.read)
    return pa.array(moments.values, columns.TIME_TYPE)


def _account(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    text = values.to_text(given)
    empty = pc.equal(pc.binary_length(text), 0)
    sieve.drop(name, empty.to_numpy(zero_copy_only=False), "is missing", None)
    return text


def _amount(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    numbers = values.to_numbers(given)
    amount = numbers.values
    # Shown as read, not as given: the same text is a number in one block and text in another.
    read = pa.array(amount)
    sieve.drop(name, numbers.missing, "is missing", None)
    sieve.drop(name, numbers.unreadable, "is not a number", given)
    sieve.drop(name, np.isnan(amount), "is NaN", None)
    sieve.drop(name, np.isinf(amount), "is infinite", read)
    sieve.drop(name, amount < 0, "is negative", read)
    sieve.drop(name, amount > columns.MAX_AMOUNT, f"is above {columns.MAX_AMOUNT:,.0f}", read)
    return read


def _optional_number(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    """Read a balance or feature: empty or NaN is no value, anything else must be a number."""
    numbers = values.to_numbers(given)
    sieve.drop(name, numbers.unreadable, "is not a number", given)
    sieve.drop(name, np.isinf(numbers.values), "is infinite", None)
    absent = np.isnan(numbers.values)
    return pa.array(numbers.values, mask=absent) if absent.any() else pa.array(numbers.values)


def _category(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    return values.to_categories(given)


def _memo(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    """Read free text as it was given, whatever it says; empty text is no memo."""
    text = values.to_text(given)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _label(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    labels, unreadable = values.to_labels(given, mapping.positive, mapping.negative)
    sieve.drop(name, unreadable, "is neither fraud nor not fraud", given)
    return pa.array(labels)


def _ring_label(name: str, given: pa.Array, mapping: Mapping, sieve: _Sieve) -> pa.Array:
    return values.to_ring_labels(given)


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, (str, int, float)) else repr(str(value))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
