"""The truth file: true rings, and where they lie in the time of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.evaluation.ring_metrics import Bools, RingSet
from engine.intake import TimeRule, parse_mapping
from engine.intake.values import to_moments

Int64 = npt.NDArray[np.int64]

_NEEDED = {"ring_id", "typology", "members"}


@dataclass(frozen=True, slots=True)
class Truth:
    """True rings.

    Attributes
    ----------
    members, typologies
        Account ids and typology of each ring.
    start, end
        int64 microseconds since 1970 of the first and last transaction; None where the file has
        no such column.
    """

    members: tuple[frozenset[str], ...]
    typologies: tuple[str, ...]
    start: Int64 | None
    end: Int64 | None

    def rings(self, judged: Bools | None = None) -> RingSet:
        """Return the rings to compare, of which only those of ``judged`` count."""
        mask = None if judged is None else tuple(judged.tolist())
        return RingSet(self.members, self.typologies, mask)


def read_truth(path: Path, rule: TimeRule) -> Truth:
    """Read a truth file.

    Parameters
    ----------
    path
        Parquet with ``ring_id, typology, members`` (list of account ids) and, to tell which rings
        lie in the test period, ``start`` and ``end``: step numbers or moments.
    rule
        How the run read its times: it maps step numbers to moments.

    Raises
    ------
    InputError
        If the file is missing, is not Parquet, lacks a column, or its times cannot be read.
    """
    if not path.exists():
        raise InputError(f"--truth {path}: no such file")
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"--truth {path}: not a Parquet file") from error
    missing = _NEEDED - set(table.column_names)
    if missing:
        raise InputError(f"--truth {path}: missing column(s) {', '.join(sorted(missing))}")
    if not pa.types.is_list(table["members"].type) and not pa.types.is_large_list(
        table["members"].type
    ):
        raise InputError(f"--truth {path}: members must hold a list of account ids in each row")
    return Truth(
        tuple(frozenset(map(str, ring)) for ring in table["members"].to_pylist()),
        tuple(map(str, table["typology"].to_pylist())),
        _moments(table, "start", path, rule),
        _moments(table, "end", path, rule),
    )


def time_rule(mapping_toml: str) -> TimeRule:
    """Return the rule by which a run read its times, from the mapping in its manifest."""
    return parse_mapping(mapping_toml).time


def _moments(table: pa.Table, name: str, path: Path, rule: TimeRule) -> Int64 | None:
    """Return a column of the truth as microseconds since 1970."""
    if name not in table.column_names:
        return None
    column = table[name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # an empty table has no chunk to combine
        column = pa.array([], column.type)
    if _is_number(column.type) and rule.unit is None:
        raise InputError(
            f"--truth {path}: {name} holds numbers, but this run read its times as dates; "
            f"write {name} as a timestamp"
        )
    if not _is_number(column.type) and rule.unit is not None:
        rule = TimeRule(format="iso")
    moments = to_moments(column, rule)
    faulty = np.flatnonzero(moments.missing | moments.unreadable | moments.beyond)
    if len(faulty):
        row = int(faulty[0])
        raise InputError(
            f"--truth {path}: {name} of row {row + 1} is {column[row].as_py()!r}, which is no "
            "step number and no moment like 2026-01-31T23:59:00"
        )
    return moments.values


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def as_text(micros: int) -> str:
    """Write microseconds since 1970 as ``2026-01-31T23:59:00``."""
    moment = datetime.fromtimestamp(micros / 1_000_000, UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
