"""Transfers of a year with planted laundering rings, and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from engine.errors import InputError
from engine.generate.innocent import LOOKALIKES, STANDING_SHARE, one_off, standing
from engine.generate.output import checked_path, write_table
from engine.generate.ring_shapes import TYPOLOGIES
from engine.generate.sampling import Ints, random_source, to_cents, to_units
from engine.generate.transfers import DAYS, Population, Transfers, join, no_transfers

ROWS_PER_RING = 2000


class RingData(NamedTuple):
    """A generated set: the transactions, its rings, and the innocent groups that look like some."""

    transactions: pa.Table
    rings: pa.Table
    lookalikes: pa.Table


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Transfers with the ring (-1: none) and the kind of look-alike (-1: none) of each row.

    The group of a row is its ring, or its look-alike of this kind.
    """

    transfers: Transfers
    ring: Ints
    kind: Ints


def generate_rings(rows: int, seed: int, rings: int | None = None) -> RingData:
    """Generate a year of transfers with laundering rings planted among innocent look-alikes.

    Parameters
    ----------
    rows
        Exact number of transactions, at least 1.
    seed
        Same seed, same tables.
    rings
        Number of rings; ``None`` plants one per 2,000 rows, 0 leaves the look-alikes alone.
        Typologies take turns.

    Returns
    -------
    transactions : pyarrow.Table
        ``step`` (int32, days 0 to 359, rising), ``type`` (string), ``amount`` (float64, currency
        units), ``sender``, ``receiver`` (int32), and the truth: ``is_laundering`` (int8),
        ``ring_id`` (int32, -1 for none). Rows of one ring are in the order of its flow.
    rings : pyarrow.Table
        ``ring_id`` (int32), ``typology`` (string), ``members`` (list of string), ``start``,
        ``end`` (int32, days), ``n_tx``, ``n_members`` (int64).
    lookalikes : pyarrow.Table
        Payrolls, merchants, rents and so on (:data:`engine.generate.innocent.LOOKALIKES`):
        ``lookalike_id`` (int32), ``kind``, then as for rings, and ``rows`` (list of int64), the
        positions of its transactions.

    Raises
    ------
    InputError
        If ``rows`` is below 1, ``seed`` or ``rings`` is negative, or the rings need more rows.

    Notes
    -----
    O(n log n) in time, for the sort by day.
    """
    rng = random_source(rows, seed)
    population = Population.for_rows(rng, rows)
    count = rows // ROWS_PER_RING if rings is None else rings
    planted, typologies = _plant(rng, population, count, rows)
    labelled = _in_time_order(
        rng, [planted, *_innocent(rng, population, rows - len(planted.transfers))]
    )
    return RingData(
        _transactions(labelled),
        _ring_table(labelled, typologies),
        _lookalike_table(labelled),
    )


def write_rings(rows: int, seed: int, out: str | Path, rings: int | None = None) -> list[Path]:
    """Generate transfers with rings and write them, and the truth beside them.

    Returns
    -------
    list of Path
        ``out`` with the transactions, ``<stem>.rings.parquet`` and ``<stem>.lookalikes.parquet``.

    Raises
    ------
    InputError
        If an argument is wrong; nothing is written then.
    """
    path = checked_path(out)
    stem = path.name.removesuffix(".gz").rpartition(".")[0]
    data = generate_rings(rows, seed, rings)
    return [
        write_table(data.transactions, path),
        write_table(data.rings, path.with_name(f"{stem}.rings.parquet")),
        write_table(data.lookalikes, path.with_name(f"{stem}.lookalikes.parquet")),
    ]


def _plant(
    rng: np.random.Generator, population: Population, count: int, rows: int
) -> tuple[_Labelled, list[str]]:
    """Draw the rings and place each on people and days; also return their typologies."""
    if count < 0:
        raise InputError(f"rings {count}: use 0 or a positive whole number")
    names = list(TYPOLOGIES)
    typologies = [names[ring % len(names)] for ring in range(min(count, rows))]
    parts: list[Transfers] = [no_transfers()]
    used = 0
    for ring, typology in enumerate(typologies):
        shape = TYPOLOGIES[typology](rng)
        used += len(shape.sender)
        if used > rows:
            raise InputError(
                f"{count} rings need more than {rows} rows; "
                f"ask for fewer rings, or for about {count * ROWS_PER_RING} rows"
            )
        members = rng.choice(population.people.accounts, shape.members, replace=False)
        day = shape.day + rng.integers(0, DAYS - int(shape.day[-1]))
        group = np.full(len(day), ring, dtype=np.int64)
        parts.append(
            Transfers(members[shape.sender], members[shape.receiver], day, shape.amount, group)
        )
    planted = join(parts)
    return _Labelled(planted, ring=planted.group, kind=_none(len(planted))), typologies


def _innocent(rng: np.random.Generator, population: Population, rows: int) -> list[_Labelled]:
    """Make exactly ``rows`` innocent transfers."""
    parts = []
    for code, (share, make) in enumerate(LOOKALIKES.values()):
        made = make(rng, population, round(share * rows))
        kind = np.full(len(made), code, dtype=np.int64)
        parts.append(_Labelled(made, ring=_none(len(made)), kind=kind))
    repeated = standing(rng, population, round(STANDING_SHARE * rows))
    missing = rows - len(repeated) - sum(len(part.transfers) for part in parts)
    plain = join([repeated, one_off(rng, population, missing)])
    return [*parts, _Labelled(plain, ring=_none(len(plain)), kind=_none(len(plain)))]


def _in_time_order(rng: np.random.Generator, parts: list[_Labelled]) -> _Labelled:
    """Sort by day, at random within a day, and leave the rows of a ring in the order they have."""
    transfers = join([part.transfers for part in parts])
    ring = np.concatenate([part.ring for part in parts])
    kind = np.concatenate([part.kind for part in parts])
    within = rng.random(len(transfers))
    # Rings come first, each in one piece: sorted times within a piece keep its order of flow.
    planted = ring[ring >= 0]
    within[: len(planted)] = within[np.lexsort((within[: len(planted)], planted))]
    order = np.argsort(transfers.day + within, kind="stable")
    return _Labelled(transfers.take(order), ring[order], kind[order])


def _transactions(labelled: _Labelled) -> pa.Table:
    transfers = labelled.transfers
    cents = np.maximum(to_cents(transfers.amount), 1)
    return pa.table(
        {
            "step": transfers.day.astype(np.int32),
            "type": pa.repeat("TRANSFER", len(transfers)),
            "amount": to_units(cents),
            "sender": transfers.sender.astype(np.int32),
            "receiver": transfers.receiver.astype(np.int32),
            "is_laundering": (labelled.ring >= 0).astype(np.int8),
            "ring_id": labelled.ring.astype(np.int32),
        }
    )


def _ring_table(labelled: _Labelled, typologies: list[str]) -> pa.Table:
    columns = _group_columns(labelled.transfers, labelled.ring)
    del columns["rows"]
    return pa.table(
        {
            "ring_id": np.arange(len(typologies), dtype=np.int32),
            "typology": pa.array(typologies, pa.string()),
            **columns,
        }
    )


def _lookalike_table(labelled: _Labelled) -> pa.Table:
    # One number per kind and group: groups of a kind are below ``span``.
    kind, group = labelled.kind, labelled.transfers.group
    span = int(group.max()) + 1 if len(group) else 1
    numbers, lookalike = np.unique(
        np.where(kind >= 0, kind * span + group, -1), return_inverse=True
    )
    has_plain_rows = int(numbers[0] < 0)
    numbers, lookalike = numbers[has_plain_rows:], lookalike - has_plain_rows
    return pa.table(
        {
            "lookalike_id": np.arange(len(numbers), dtype=np.int32),
            "kind": pa.array(list(LOOKALIKES), pa.string()).take(pa.array(numbers // span)),
            **_group_columns(labelled.transfers, lookalike),
        }
    )


def _group_columns(transfers: Transfers, group: Ints) -> dict[str, pa.Array]:
    """Describe each group of rows; groups are numbered from 0 without gaps, -1 is no group."""
    rows = np.flatnonzero(group >= 0)
    rows = rows[np.argsort(group[rows], kind="stable")]
    of_row = group[rows]
    count = int(of_row[-1]) + 1 if len(rows) else 0
    bounds = np.searchsorted(of_row, np.arange(count + 1))
    span = int(max(transfers.sender.max(), transfers.receiver.max())) + 1
    parties = np.concatenate([transfers.sender[rows], transfers.receiver[rows]])
    pairs = np.unique(np.tile(of_row, 2) * span + parties)
    member_bounds = np.searchsorted(pairs // span, np.arange(count + 1))
    day = transfers.day[rows].astype(np.int32)
    return {
        "members": _lists(member_bounds, pa.array(pairs % span).cast(pa.string())),
        "start": pa.array(day[bounds[:-1]]),
        "end": pa.array(day[bounds[1:] - 1]),
        "n_tx": pa.array(np.diff(bounds), pa.int64()),
        "n_members": pa.array(np.diff(member_bounds), pa.int64()),
        "rows": _lists(bounds, pa.array(rows)),
    }


def _lists(bounds: Ints, values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), values)


def _none(rows: int) -> Ints:
    return np.full(rows, -1, dtype=np.int64)
