"""Hashes of account names, many at once: an account is found by its hash without a search tree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]

_START, _PRIME = 0xCBF29CE484222325, 0x100000001B3
_MIX = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)


def hash_names(names: pa.Array, seed: int) -> Hashes:
    """Return 64-bit hashes of the UTF-8 bytes of names, without nulls.

    Notes
    -----
    FNV-1a (Fowler, Noll, Vo) started from the seed, then the finalizer of MurmurHash3 (Appleby):
    FNV alone leaves the high bits of short names alike. A byte of all names is taken at a time.

    Examples
    --------
    >>> two = hash_names(pa.array(["A", "B"]), 0)
    >>> bool(two[0] == two[1])
    False
    """
    offsets, data = bytes_of(names.cast(pa.large_string()))
    starts, lengths = offsets[:-1], np.diff(offsets)
    hashes = np.full(len(starts), _START ^ (seed * _PRIME % 2**64), np.uint64)
    longer = np.arange(len(starts))
    for position in range(int(lengths.max(initial=0))):
        longer = longer[lengths[longer] > position]
        byte = data[starts[longer] + position].astype(np.uint64)
        hashes[longer] = (hashes[longer] ^ byte) * np.uint64(_PRIME)
    return _mixed(hashes)


def bytes_of(names: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return the buffers of a large_string array: the texts' bounds, and their bytes."""
    _, offsets, data = names.buffers()
    if not len(names):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    all_offsets = np.frombuffer(offsets, np.int64)
    part = all_offsets[names.offset : names.offset + len(names) + 1]
    return part, np.frombuffer(data or b"", np.uint8)


def _mixed(hashes: Hashes) -> Hashes:
    shift = np.uint64(33)
    for factor in _MIX:
        hashes ^= hashes >> shift
        hashes *= np.uint64(factor)
    hashes ^= hashes >> shift
    return hashes
