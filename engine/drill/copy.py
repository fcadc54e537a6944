"""The copy of the data with the rings in it, and the truth about these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from engine.columns import AMOUNT, TIME, TIME_TYPE, TX_ID
from engine.generate.ring_shapes import Shape
from engine.generate.sampling import Ints


@dataclass(frozen=True, slots=True)
class Planted:
    """A copy of the data with the rings in it, and the truth about these.

    ``truth`` has ``ring_id, typology, members`` (list of string), ``start, end`` (timestamp),
    ``n_transactions, amount``, and ``rows``, the positions of its transfers in the copy.
    """

    transactions: pa.Table
    truth: pa.Table


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring on its accounts: positions in a list of names, and a moment for each transfer."""

    typology: str
    members: Ints
    shape: Shape
    micros: Ints


def joined(transactions: pa.Table, added: pa.Table, rings: list[Ring], names: pa.Array) -> Planted:
    """Put the planted rows, ring after ring, among the others by time.

    They come after those of the same moment.
    """
    plain, more = _plain(transactions), _plain(added)
    whole = pa.concat_tables([plain, more.cast(plain.schema)])
    times = whole[TIME].cast(pa.int64()).to_numpy()
    order = np.argsort(times, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    whole = whole.take(pa.array(order))
    if TX_ID in whole.column_names:
        whole = whole.drop_columns([TX_ID])
    return Planted(whole, _truth(rings, names, added, place[transactions.num_rows :]))


def _plain(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries: those of two tables do not fit together."""
    for position, field in enumerate(table.schema):
        kind = pa.string() if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            table = table.set_column(
                position, field.name, table[field.name].cast(pa.large_string())
            )
    return table


def _truth(rings: list[Ring], names: pa.Array, added: pa.Table, rows: Ints) -> pa.Table:
    ends = np.cumsum([len(ring.micros) for ring in rings])
    own = np.split(rows, ends[:-1])
    amounts = np.split(added[AMOUNT].to_numpy(), ends[:-1])
    return pa.table(
        {
            "ring_id": pa.array(np.arange(len(rings), dtype=np.int32)),
            "typology": [ring.typology for ring in rings],
            "members": pa.array(
                [names.take(pa.array(ring.members)).to_pylist() for ring in rings],
                pa.list_(pa.string()),
            ),
            "start": pa.array([int(ring.micros[0]) for ring in rings]).cast(TIME_TYPE),
            "end": pa.array([int(ring.micros[-1]) for ring in rings]).cast(TIME_TYPE),
            "n_transactions": [len(ring.micros) for ring in rings],
            "amount": [round(float(part.sum()), 2) for part in amounts],
            "rows": pa.array([part.tolist() for part in own], pa.list_(pa.int64())),
        }
    )
