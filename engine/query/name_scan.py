"""Looking through all names of a ledger for a part of one: their letters lie in one array."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.query.ledger_hash import bytes_of

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

#: Names looked through at a time: their letters and what is worked out stay in a core's cache.
_CHUNK = 1 << 16
_THREADS = 2
#: So many letters are compared everywhere, the rest only where these were found.
_EVERYWHERE = 4


@dataclass(frozen=True, slots=True)
class Named:
    """Names that have a text in them: those that begin with it, and others; of each the first."""

    begin: list[str]
    inside: list[str]


def scan(names: pa.Array, text: str, limit: int) -> Named:
    """Return the names that have a text in them, each list by the alphabet.

    Parameters
    ----------
    names
        large_string, without nulls.
    text
        At least one character.
    limit
        Of either list; where so many begin with it, the rest is not looked through.
    """
    wanted = np.frombuffer(text.encode(), np.uint8)
    begin: list[str] = []
    inside: list[str] = []
    starts = range(0, len(names), _CHUNK)
    with ThreadPoolExecutor(_THREADS) as pool:
        # NumPy lets the other core look meanwhile.
        for first in range(0, len(starts), 8 * _THREADS):
            some = starts[first : first + 8 * _THREADS]
            for part in pool.map(lambda start: _scan_part(names, start, wanted, limit), some):
                begin += part.begin
                inside += part.inside
            if len(begin) >= limit:
                break
    return Named(sorted(begin[:limit]), sorted(inside[:limit]))


def _scan_part(names: pa.Array, start: int, wanted: Bytes, limit: int) -> Named:
    some = names.slice(start, _CHUNK)
    bounds, letters = bytes_of(some)
    at = bounds[0] + _positions(letters[bounds[0] : bounds[-1]], wanted)
    number = np.searchsorted(bounds, at, side="right") - 1
    # What begins in one name and ends in the next is in neither.
    is_whole = at + len(wanted) <= bounds[number + 1]
    at, number = at[is_whole], number[is_whole]
    is_begin = at == bounds[number]
    found = (np.unique(number[is_begin]), np.unique(number[~is_begin]))
    return Named(*(some.take(pa.array(one[:limit])).to_pylist() for one in found))


def _positions(letters: Bytes, wanted: Bytes) -> Ints:
    """Return where a sequence of bytes begins in a longer one."""
    count = len(letters) - len(wanted) + 1
    if count <= 0:
        return np.empty(0, np.int64)
    is_here = letters[:count] == wanted[0]
    is_equal = np.empty_like(is_here)
    for k, byte in enumerate(wanted[1:_EVERYWHERE], start=1):
        np.equal(letters[k : count + k], byte, out=is_equal)
        is_here &= is_equal
    at = np.flatnonzero(is_here)
    for k in range(_EVERYWHERE, len(wanted)):
        at = at[letters[at + k] == wanted[k]]
    return at
