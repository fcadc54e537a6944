"""Profiles as bytes: a header of fixed size, then the buckets and counterparties of each side."""

from __future__ import annotations

import struct

from engine.errors import RunError
from engine.realtime.profile import Profile, Side

#: First byte of every profile; a new layout gets a new number.
LAYOUT = 1
#: Of each side: n, cents, distinct, last, buckets, counterparties, whether ``met`` is full.
HEADER = struct.Struct("<B" + 2 * "qqqqHHB")
BUCKET = struct.Struct("<qIq")
MET = struct.Struct("<QI")
_MOST_COUNT = 2**32 - 1


def encode(profile: Profile) -> bytes:
    """Return a profile as bytes."""
    heads: list[int] = []
    parts: list[bytes] = []
    for side in (profile.out, profile.into):
        heads += [side.n, side.cents, side.distinct, side.last, len(side.times), len(side.met),
                  side.is_full]  # fmt: skip
        counts = (min(count, _MOST_COUNT) for count in side.counts)
        parts += map(BUCKET.pack, side.times, counts, side.sums)
        parts += (MET.pack(other, min(count, _MOST_COUNT)) for other, count in side.met.items())
    return HEADER.pack(LAYOUT, *heads) + b"".join(parts)


def decode(body: bytes) -> Profile:
    """Return the profile that ``encode`` wrote.

    Raises
    ------
    RunError
        If the bytes are of another layout, or cut off.
    """
    try:
        layout, *heads = HEADER.unpack_from(body)
        if layout != LAYOUT:
            raise RunError(f"a profile has the layout {layout}, not {LAYOUT}: publish a run anew")
        at, sides = HEADER.size, []
        for first in (0, 7):
            n, cents, distinct, last, buckets, known, is_full = heads[first : first + 7]
            middle = at + buckets * BUCKET.size
            end = middle + known * MET.size
            recent = list(BUCKET.iter_unpack(body[at:middle]))
            times, counts, sums = zip(*recent, strict=True) if recent else ((), (), ())
            met = dict(MET.iter_unpack(body[middle:end]))
            if len(times) != buckets or len(met) != known:
                raise RunError("a profile is cut off: publish a run anew")
            sides.append(Side(n, cents, distinct, last, times, counts, sums, met, bool(is_full)))
            at = end
    except struct.error as error:
        raise RunError("a profile cannot be read: publish a run anew") from error
    return Profile(*sides)


def watermark(body: bytes) -> int | None:
    """Return the watermark of an encoded profile without decoding all of it."""
    heads = HEADER.unpack_from(body)
    known = [heads[i + 3] for i in (1, 8) if heads[i]]
    return max(known, default=None)
