"""Analysts' decisions as labels: a file of decided transactions, matched to an input by content.

Row numbers differ between exports of the same transactions, so a decision names its transaction by
sender, receiver, time, and amount; several equal rows all match. The label of a row is the decision
where there is one, else the input's own label, else 0. Nothing else of a decision enters a run.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.columns import AMOUNT, LABEL, MINOR_UNITS, RECEIVER, SENDER, TIME, TIME_TYPE
from engine.errors import InputError
from engine.identity import sha256_of
from engine.lake import replacing

Labels = npt.NDArray[np.int8]

#: A file of decisions: one row a decided transaction.
FEEDBACK = pa.schema(
    [
        (SENDER, pa.string()),
        (RECEIVER, pa.string()),
        (TIME, TIME_TYPE),  # UTC
        (AMOUNT, pa.float64()),  # currency units
        (LABEL, pa.int8()),  # 1 = fraud or laundering, 0 = clean
        ("alert", pa.string()),
        ("disposition", pa.string()),
        ("decided_at", TIME_TYPE),  # UTC
    ]
)
_NEEDED = (SENDER, RECEIVER, TIME, AMOUNT, LABEL, "decided_at")
_KEY = [SENDER, RECEIVER, TIME, AMOUNT]


@dataclass(frozen=True, slots=True)
class FeedbackFile:
    """A file of decisions: where it lies here, what names it elsewhere, and its hash."""

    path: Path
    uri: str
    sha256: str

    @classmethod
    def open(cls, path: Path, uri: str) -> FeedbackFile:
        """Check a file of decisions.

        Raises
        ------
        InputError
            If it is not such a file.
        """
        read_feedback(path)
        return cls(path, uri, sha256_of(path))


@dataclass(frozen=True, slots=True)
class Decided:
    """What decisions say of the rows of an input.

    Attributes
    ----------
    label
        int8, shape (n,): 1 or 0 where a row is decided, else -1.
    decisions, matched
        Transactions that the file decides, and how many of them the input has.
    """

    label: Labels
    decisions: int
    matched: int


def read_feedback(path: Path) -> pa.Table:
    """Read a file of decisions.

    Returns
    -------
    pyarrow.Table
        Columns and types as :data:`FEEDBACK`.

    Raises
    ------
    InputError
        If the file is missing, is not Parquet, lacks a column, or holds a value that means nothing.
    """
    if not path.is_file():
        raise InputError(f"--feedback {path}: no such file")
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"--feedback {path} is not a Parquet file: {error}") from error
    return _shaped(table, f"--feedback {path}")


def decide(transactions: pa.Table, feedback: pa.Table) -> Decided:
    """Match decisions to canonical transactions by sender, receiver, time, and amount.

    Where a transaction was decided more than once the latest decision counts; of two at the same
    moment, the one that found fraud.

    Parameters
    ----------
    transactions
        Canonical transactions with accounts, n rows.
    feedback
        As :func:`read_feedback` gives it.

    Notes
    -----
    O(n) set look-ups; only rows whose sender, receiver, and time occur in a decision are joined.
    """
    decisions = _keyed(feedback).assign(
        label=feedback[LABEL].to_numpy(), decided_at=feedback["decided_at"].to_numpy()
    )
    latest = decisions.sort_values(["decided_at", "label"]).drop_duplicates(_KEY, keep="last")
    near = pa.array(np.ones(transactions.num_rows, bool))
    for name in (RECEIVER, TIME, SENDER):
        near = pc.and_(near, pc.is_in(transactions[name], value_set=feedback[name]))
    rows = np.flatnonzero(near.to_numpy())
    candidates = _keyed(transactions.select(_KEY).take(pa.array(rows))).assign(row=rows)
    found = candidates.merge(latest, on=_KEY)
    label = np.full(transactions.num_rows, -1, np.int8)
    label[found["row"].to_numpy()] = found["label"].to_numpy()
    return Decided(label, len(latest), len(found.drop_duplicates(_KEY)))


def with_decisions(transactions: pa.Table, decided: Labels) -> pa.Table:
    """Return the transactions with their effective labels.

    Parameters
    ----------
    decided
        int8, shape (n,): 1, 0, or -1 for a row without a decision.
    """
    if not (decided >= 0).any():
        return transactions
    own = own_labels(transactions)
    before = np.zeros(len(decided), np.int8) if own is None else own
    label = pa.array(np.where(decided >= 0, decided, before))
    if own is None:
        return transactions.append_column(LABEL, label)
    return transactions.set_column(transactions.column_names.index(LABEL), LABEL, label)


def own_labels(transactions: pa.Table) -> Labels | None:
    """Return the label column, ``None`` where there is none."""
    if LABEL not in transactions.column_names:
        return None
    return np.asarray(transactions[LABEL].to_numpy())


def keep_feedback(decisions: pd.DataFrame, folder: Path) -> Path:
    """Write decisions into a folder, named after their content; the same ones are one file.

    Parameters
    ----------
    decisions
        Columns as :data:`FEEDBACK`, in any order of rows.

    Raises
    ------
    InputError
        If a column is missing or holds a value that means nothing.
    """
    table = _shaped(pa.Table.from_pandas(decisions, preserve_index=False), "the decisions")
    table = table.sort_by([(name, "ascending") for name in FEEDBACK.names])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    if not path.exists():
        with replacing(path) as part:
            part.write_bytes(content)
    return path


def _keyed(table: pa.Table) -> pd.DataFrame:
    """Return what names a transaction; amounts are whole minor units, so that they compare."""
    return pd.DataFrame(
        {
            SENDER: table[SENDER].to_pandas(),
            RECEIVER: table[RECEIVER].to_pandas(),
            TIME: table[TIME].cast(pa.int64()).to_numpy(),
            AMOUNT: np.rint(table[AMOUNT].to_numpy() * MINOR_UNITS).astype(np.int64),
        }
    )


def _shaped(table: pa.Table, what: str) -> pa.Table:
    """Return a table of decisions as :data:`FEEDBACK`; ``what`` names it where it is wrong."""
    missing = [name for name in FEEDBACK.names if name not in table.column_names]
    if missing:
        raise InputError(
            f"{what}: missing column(s) {', '.join(missing)}; it needs {', '.join(FEEDBACK.names)}"
        )
    if table.num_rows == 0:
        raise InputError(f"{what} holds no decision; leave the option out")
    columns = [_cast(table[field.name], field, what) for field in FEEDBACK]
    shaped = pa.table(columns, schema=FEEDBACK)
    _check(shaped, what)
    return shaped


def _cast(column: pa.ChunkedArray, field: pa.Field, what: str) -> pa.ChunkedArray:
    is_time = pa.types.is_timestamp(field.type)
    if is_time and not pa.types.is_timestamp(column.type):
        raise InputError(f"{what}: {field.name} is {column.type}, not a timestamp")
    try:
        return column.cast(field.type, safe=not is_time)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"{what}: {field.name} cannot be read as {field.type}: {error}") from error


def _check(shaped: pa.Table, what: str) -> None:
    faults = [(name, "is empty", pc.is_null(shaped[name])) for name in _NEEDED]
    is_label = pc.is_in(shaped[LABEL], value_set=pa.array([0, 1], pa.int8()))
    faults.append((LABEL, "is neither 0 nor 1", pc.invert(is_label)))
    faults.append((AMOUNT, "is not a number", pc.invert(pc.is_finite(shaped[AMOUNT]))))
    for name, fault, wrong in faults:
        rows = np.flatnonzero(pc.fill_null(wrong, True).to_numpy())
        if len(rows):
            raise InputError(f"{what}: row {rows[0] + 1}: {name} {fault}")
