"""Plant rings into transactions: more rows among accounts that are there already."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.accounts import encode_accounts
from engine.columns import (
    AMOUNT,
    LABEL,
    RECEIVER,
    RECEIVER_AFTER,
    RECEIVER_BEFORE,
    RING_LABEL,
    SENDER,
    SENDER_AFTER,
    SENDER_BEFORE,
    TIME,
    TIME_TYPE,
    TYPE,
)
from engine.config import ModelConfig
from engine.drill.copy import Planted, Ring, joined
from engine.drill.order import Order, Planting, moment
from engine.errors import InputError
from engine.generate.ring_shapes import TYPOLOGIES, Shape
from engine.generate.sampling import Floats, Ints
from engine.generate.transfers import MEDIAN_AMOUNT
from engine.scoring.split import split_in_time

_DAY = 86_400_000_000
#: Times of a file are whole days, hours, minutes or seconds; planted ones are as coarse.
_GRAINS = (_DAY, 3_600_000_000, 60_000_000, 1_000_000)

#: Accounts with more transactions than this quantile are no members: shops, banks, employers.
_BUSIEST = 0.99

#: Draws until a ring has a size that was asked for; each size of a shape comes up far sooner.
_MOST_DRAWS = 2000


def plant(transactions: pa.Table, order: Order, model: ModelConfig | None = None) -> Planted:
    """Plant the rings of an order into canonical transactions.

    Members are drawn from the accounts of rows of one type (``TRANSFER`` where there is one, else
    the most frequent), but for the busiest 1 %, each ring with accounts of its own while they
    last. A planted row copies all that a ring does not say (currency, further columns) from such a
    row; balances are drawn so that they pay for the transfer and are not emptied by it. Labels, if
    the data have some, are 1 in planted rows.

    Parameters
    ----------
    transactions
        Canonical, in time order, with accounts.
    order
        Which rings; see :class:`engine.drill.order.Order`.
    model
        How rows are split in time, for an order with labels.

    Raises
    ------
    InputError
        If the data have no accounts, too few of them, or the period holds no transaction.
    """
    order.check()
    rng = np.random.default_rng(order.seed)
    if SENDER not in transactions.column_names:
        raise InputError("these transactions name no accounts: no ring can be planted")
    like = _rows_alike(transactions)
    shapes = [
        (planting.typology, _shape(rng, planting))
        for planting in order.plantings
        for _ in range(planting.count)
    ]
    n_planted = sum(len(shape.sender) for _, shape in shapes)
    period = _period(transactions, order, n_planted, model or ModelConfig())
    names, members = _members(rng, transactions.take(like), [shape.members for _, shape in shapes])
    grain = _grain(transactions)
    rings = [
        Ring(typology, own, shape, _moments(rng, shape, period, grain))
        for (typology, shape), own in zip(shapes, members, strict=True)
    ]
    scale = (order.amount or _median_amount(transactions, like)) / MEDIAN_AMOUNT
    added = _rows(rng, transactions, like, rings, names, scale)
    return joined(transactions, added, rings, names)


def _rows_alike(transactions: pa.Table) -> pa.Array:
    """Return the rows of the type that rings are made of."""
    every = pa.array(np.arange(transactions.num_rows))
    if TYPE not in transactions.column_names:
        return every
    types = transactions[TYPE].cast(pa.string())
    counts = sorted(
        types.value_counts().to_pylist(), key=lambda one: (-one["counts"], str(one["values"]))
    )
    named = [one["values"] for one in counts if str(one["values"]).upper() == "TRANSFER"]
    wanted = named[0] if named else counts[0]["values"]
    if wanted is None:
        return every
    return every.filter(pc.fill_null(pc.equal(types, wanted), False).combine_chunks())


def _shape(rng: np.random.Generator, planting: Planting) -> Shape:
    for _ in range(_MOST_DRAWS):
        shape = TYPOLOGIES[planting.typology](rng)
        if planting.smallest <= shape.members <= planting.largest:
            return shape
    raise InputError(
        f"no {planting.typology} with {planting.smallest} to {planting.largest} accounts came up; "
        "allow more sizes"
    )


def _period(
    transactions: pa.Table, order: Order, n_planted: int, model: ModelConfig
) -> tuple[int, int]:
    """Return the first and the last microsecond that planted transfers may have."""
    times = transactions[TIME].cast(pa.int64()).to_numpy()
    first, last = int(times[0]), int(times[-1])
    if order.labels == "auto" and LABEL in transactions.column_names:
        # What the model learned from is no test. Planted rows move the split to later rows.
        whole = len(times) + n_planted
        first = int(times[min(split_in_time(whole, model).choose_end, len(times) - 1)])
    if order.start is not None:
        first = max(first, int(moment(order.start).timestamp()) * 1_000_000)
    if order.end is not None:
        last = min(last, (int(moment(order.end).timestamp()) + 86_400) * 1_000_000 - 1)
    if last < first:
        raise InputError(
            "no ring can be planted in that period: the data it may lie in go from "
            f"{_date(int(times[0]))} to {_date(int(times[-1]))}"
            + (", of which a run with labels is judged on the last part" if order.labels == "auto"
               else "")
        )  # fmt: skip
    return first, last


def _members(
    rng: np.random.Generator, rows: pa.Table, sizes: list[int]
) -> tuple[pa.Array, list[Ints]]:
    """Draw the accounts of every ring: different ones in a ring, and among rings while they last.

    Returns the names of accounts, and of each ring the positions of its members in them.
    """
    accounts = encode_accounts(rows)
    assert accounts is not None
    count = np.bincount(np.concatenate([accounts.sender, accounts.receiver]))
    able = rng.permutation(np.flatnonzero(count <= np.quantile(count, _BUSIEST)))
    if len(able) < max(sizes):
        raise InputError(
            f"a ring of {max(sizes)} accounts needs as many in the data, which have {len(able)}"
        )
    members, used = [], 0
    for size in sizes:
        if used + size > len(able):
            able, used = rng.permutation(able), 0
        members.append(able[used : used + size].astype(np.int64))
        used += size
    return accounts.names, members


def _grain(transactions: pa.Table) -> int:
    times = transactions[TIME].cast(pa.int64()).to_numpy()
    return next((grain for grain in _GRAINS if not (times % grain).any()), 1)


def _moments(rng: np.random.Generator, shape: Shape, period: tuple[int, int], grain: int) -> Ints:
    """Place the days of a ring in the period, in the order of its flow; a long one is squeezed."""
    within = 0.0 if grain == _DAY else rng.random(len(shape.day))
    days = np.sort(shape.day + within)
    first, last = -(-period[0] // grain), period[1] // grain
    room = max(last - first, 0)
    steps = days * (_DAY / grain)
    if steps[-1] > room:
        steps = steps * (room / steps[-1])
    begin = first + rng.integers(0, room - int(steps[-1]), endpoint=True)
    placed: Ints = (begin + steps.astype(np.int64)) * grain
    return placed


def _median_amount(transactions: pa.Table, like: pa.Array) -> float:
    amounts = transactions[AMOUNT].take(like).to_numpy()
    return max(float(np.median(amounts)), 0.01)


def _rows(
    rng: np.random.Generator,
    transactions: pa.Table,
    like: pa.Array,
    rings: list[Ring],
    names: pa.Array,
    scale: float,
) -> pa.Table:
    """Return the planted rows, ring after ring, with the columns of the data."""
    amount = np.concatenate([ring.shape.amount for ring in rings]) * scale
    amount = np.maximum(np.round(amount, 2), 0.01)
    own = {
        TIME: pa.array(np.concatenate([ring.micros for ring in rings])).cast(TIME_TYPE),
        SENDER: names.take(
            pa.array(np.concatenate([ring.members[ring.shape.sender] for ring in rings]))
        ),
        RECEIVER: names.take(
            pa.array(np.concatenate([ring.members[ring.shape.receiver] for ring in rings]))
        ),
        AMOUNT: pa.array(amount),
        LABEL: pa.array(np.ones(len(amount), np.int8)),
        RING_LABEL: pa.array(
            [f"drill {n}" for n, ring in enumerate(rings) for _ in ring.shape.sender]
        ),
        **_balances(rng, amount),
    }
    table = transactions.take(like.take(pa.array(rng.integers(0, len(like), len(amount)))))
    for position, field in enumerate(table.schema):
        if field.name in own:
            table = table.set_column(position, field.name, own[field.name].cast(pa.string())
                                     if field.name == RING_LABEL else own[field.name])  # fmt: skip
    return table


def _balances(rng: np.random.Generator, amount: Floats) -> dict[str, pa.Array]:
    before = np.round(amount * rng.uniform(1.2, 6.0, len(amount)), 2)
    received = np.round(amount * rng.uniform(0.0, 4.0, len(amount)), 2)
    return {
        SENDER_BEFORE: pa.array(before),
        SENDER_AFTER: pa.array(np.round(before - amount, 2)),
        RECEIVER_BEFORE: pa.array(received),
        RECEIVER_AFTER: pa.array(np.round(received + amount, 2)),
    }


def _date(micros: int) -> str:
    return str(np.datetime64(micros, "us"))[:10]
