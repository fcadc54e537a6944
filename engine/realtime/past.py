"""A whole history -> the profiles of its accounts, by array code: what streaming it would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.features.history import make_order, pair_history
from engine.realtime.coding import BUCKET, HEADER, LAYOUT, MET, decode, encode
from engine.realtime.profile import MAX_MET, MAX_RECENT, Profile, compact
from engine.realtime.transaction import account_number

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

_SIDE = [("n", "<i8"), ("cents", "<i8"), ("distinct", "<i8"), ("last", "<i8"), ("buckets", "<u2"),
         ("known", "<u2"), ("is_full", "u1")]  # fmt: skip
_HEAD = np.dtype([("layout", "u1"), ("out", _SIDE), ("into", _SIDE)])
_BUCKET = np.dtype([("time", "<i8"), ("count", "<u4"), ("cents", "<i8")])
_MET = np.dtype([("other", "<u8"), ("count", "<u4")])
assert (_HEAD.itemsize, _BUCKET.itemsize, _MET.itemsize) == (HEADER.size, BUCKET.size, MET.size)


@dataclass(frozen=True)
class Past:
    """Transactions in time order, accounts as codes.

    Attributes
    ----------
    names
        ``names[code]`` is the account.
    sender, receiver
        int32, shape (n,).
    seconds, cents
        int64, shape (n,).
    """

    names: Sequence[str]
    sender: Int32
    receiver: Int32
    seconds: Int64
    cents: Int64

    @cached_property
    def earlier(self) -> Int64:
        """How many earlier rows have the same sender and receiver, int64, shape (n,)."""
        return np.asarray(pair_history(np, self.sender, self.receiver))

    @cached_property
    def pair_totals(self) -> Int64:
        """How often the pair of a row meets in all: at the pair's first row, zero elsewhere."""
        total = np.zeros(len(self.sender), np.int64)
        order = make_order(np, self.receiver)
        order = order[make_order(np, self.sender[order])]
        start = np.flatnonzero(self.earlier[order] == 0)
        total[order[start]] = np.diff(np.append(start, len(order)))
        return total

    @cached_property
    def numbers(self) -> npt.NDArray[np.uint64]:
        """The 64 bits that stand for each account among counterparties."""
        return np.fromiter(map(account_number, self.names), np.uint64, len(self.names))


@dataclass(frozen=True)
class SideBytes:
    """One side of all accounts: heads, and the encoded buckets and counterparties by account.

    Attributes
    ----------
    rows
        Row numbers, account by account in time order; ``starts`` tells where each account begins.
    bucket_starts, met_starts
        int64, shape (n_accounts + 1,).
    """

    heads: npt.NDArray[np.void]
    rows: Int64
    starts: Int64
    buckets: bytes
    bucket_starts: Int64
    met: bytes
    met_starts: Int64


def side_of(past: Past, code: Int32, other: Int32, keep: int) -> SideBytes:
    """Encode one side of every account.

    Parameters
    ----------
    code, other
        Account and counterparty of each row: sender and receiver, or the other way round.
    keep
        Seconds before an account's last row for which single moments are kept.
    """
    accounts = np.arange(len(past.names) + 1)
    rows = make_order(np, code)
    own = code[rows]
    starts = np.searchsorted(own, accounts)
    n = np.diff(starts)
    heads = np.zeros(len(n), np.dtype(_SIDE))
    heads["n"], heads["cents"] = n, _sums(past.cents[rows], starts)
    seconds = past.seconds[rows]
    active = np.flatnonzero(n)
    heads["last"][active] = seconds[starts[1:][active] - 1]

    is_first = past.earlier[rows] == 0
    heads["distinct"] = _sums(is_first.astype(np.int64), starts)
    met_rows = rows[is_first]
    place = np.arange(len(met_rows)) - np.searchsorted(code[met_rows], code[met_rows])
    met_rows = met_rows[place < MAX_MET]
    met = np.empty(len(met_rows), _MET)
    met["other"], met["count"] = past.numbers[other[met_rows]], past.pair_totals[met_rows]
    heads["known"] = np.minimum(heads["distinct"], MAX_MET)
    heads["is_full"] = heads["distinct"] > MAX_MET

    recent = np.flatnonzero(seconds >= heads["last"][own] - keep)
    buckets, bucket_own = _buckets(own[recent], seconds[recent], past.cents[rows[recent]])
    buckets, bucket_own = _few(buckets, bucket_own)
    heads["buckets"] = np.bincount(bucket_own, minlength=len(n))
    return SideBytes(
        heads, rows, starts, buckets.tobytes(), np.searchsorted(bucket_own, accounts),
        met.tobytes(), np.searchsorted(code[met_rows], accounts),
    )  # fmt: skip


def bodies_of(out: SideBytes, into: SideBytes, codes: Sequence[int]) -> list[bytes]:
    """Return the encoded profiles of some accounts."""
    heads = np.zeros(len(codes), _HEAD)
    heads["layout"] = LAYOUT
    heads["out"], heads["into"] = out.heads[codes], into.heads[codes]
    packed, size = heads.tobytes(), _HEAD.itemsize
    return [
        b"".join((packed[i * size : (i + 1) * size], *_parts(out, code), *_parts(into, code)))
        for i, code in enumerate(codes)
    ]


def _parts(side: SideBytes, code: int) -> tuple[bytes, bytes]:
    def cut(content: bytes, starts: Int64, size: int) -> bytes:
        return content[int(starts[code]) * size : int(starts[code + 1]) * size]

    return (
        cut(side.buckets, side.bucket_starts, _BUCKET.itemsize),
        cut(side.met, side.met_starts, _MET.itemsize),
    )


def _buckets(own: Int32, seconds: Int64, cents: Int64) -> tuple[npt.NDArray[np.void], Int32]:
    """Sum rows of the same account and second."""
    if len(own) == 0:
        return np.empty(0, _BUCKET), own
    is_new = np.ones(len(own), bool)
    is_new[1:] = (own[1:] != own[:-1]) | (seconds[1:] != seconds[:-1])
    first = np.flatnonzero(is_new)
    buckets = np.empty(len(first), _BUCKET)
    buckets["time"], buckets["count"] = seconds[first], np.diff(np.append(first, len(own)))
    buckets["cents"] = np.add.reduceat(cents, first)
    return buckets, own[first]


def _few(buckets: npt.NDArray[np.void], own: Int32) -> tuple[npt.NDArray[np.void], Int32]:
    """Merge the buckets of accounts that have too many."""
    count = np.bincount(own) if len(own) else np.empty(0, np.int64)
    busy = np.flatnonzero(count > MAX_RECENT)
    if len(busy) == 0:
        return buckets, own
    starts = np.searchsorted(own, busy)
    kept, owners, done = [], [], 0
    for account, start in zip(busy.tolist(), starts.tolist(), strict=True):
        end = start + int(count[account])
        part = buckets[start:end]
        lists = (tuple(part[name].tolist()) for name in ("time", "count", "cents"))
        merged = np.array(list(zip(*compact(*lists), strict=True)), _BUCKET)
        kept += [buckets[done:start], merged]
        owners += [own[done:start], np.full(len(merged), account, np.int32)]
        done = end
    return np.concatenate([*kept, buckets[done:]]), np.concatenate([*owners, own[done:]])


def _sums(values: Int64, starts: Int64) -> Int64:
    total = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=total[1:])
    return np.asarray(total[starts[1:]] - total[starts[:-1]])


def with_later(
    past: Past, out: SideBytes, into: SideBytes, code: int, body: bytes, after: int, keep: int
) -> bytes:
    """Return a profile after an account's own rows later than ``after`` (seconds)."""
    profile = decode(body)
    sides = []
    for known, side, other in (
        (profile.out, out, past.receiver),
        (profile.into, into, past.sender),
    ):
        rows = side.rows[int(side.starts[code]) : int(side.starts[code + 1])]
        for row in rows[past.seconds[rows] > after].tolist():
            number = int(past.numbers[other[row]])
            is_new = bool(past.earlier[row] == 0)
            known = known.add(
                int(past.seconds[row]), int(past.cents[row]), number, is_new=is_new, keep=keep
            )
        sides.append(known)
    return encode(Profile(*sides))
