"""The names of a ledger's accounts: read piece by piece, kept in two files, mapped as one array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.query.ledger_hash import Hashes, bytes_of, hash_names

Ints = npt.NDArray[np.int64]

#: Names handled at a time.
_CHUNK = 1 << 18
_BYTES, _ENDS = "names.bin", "name_ends.bin"


def read_names(file: pq.ParquetFile, column: str, seed: int) -> tuple[pa.Array, Hashes]:
    """Return the texts of a column and their hashes, without a second copy of them in memory.

    Returns
    -------
    pyarrow.Array, numpy.ndarray
        large_string and uint64, shape (n_rows,).
    """
    count = file.metadata.num_rows
    ends, hashes = np.zeros(count + 1, np.int64), np.empty(count, np.uint64)
    letters, row = bytearray(), 0
    for batch in file.iter_batches(_CHUNK, columns=[column]):
        texts = batch.column(0).cast(pa.large_string())
        part = slice(row, row + len(texts))
        offsets, data = bytes_of(texts)
        ends[row + 1 : part.stop + 1] = offsets[1:] - offsets[0] + len(letters)
        letters += data[offsets[0] : offsets[-1]].data
        hashes[part] = hash_names(texts, seed)
        row = part.stop
    return _array(ends, np.frombuffer(letters, np.uint8)), hashes


def save_names(names: pa.Array, order: Ints, folder: Path) -> list[int]:
    """Write names in another order; return which bytes occur in them."""
    written, counts = 0, np.zeros(256, np.int64)
    with (folder / _BYTES).open("wb") as letters, (folder / _ENDS).open("wb") as ends:
        ends.write(np.zeros(1, np.int64).data)
        for start in range(0, len(order), _CHUNK):
            offsets, data = bytes_of(names.take(pa.array(order[start : start + _CHUNK])))
            piece = data[offsets[0] : offsets[-1]]
            counts += np.bincount(piece, minlength=256)
            letters.write(piece.data)
            ends.write((offsets[1:] - offsets[0] + written).data)
            written += len(piece)
    return [int(byte) for byte in np.flatnonzero(counts)]


def map_names(folder: Path) -> pa.Array:
    """Return the written names as an array that lies in the files: large_string."""
    ends: Ints = np.memmap(folder / _ENDS, np.int64, mode="r")
    # A file without a single letter cannot be mapped.
    letters = np.memmap(folder / _BYTES, np.uint8, mode="r") if ends[-1] else np.empty(0, np.uint8)
    return _array(ends, letters)


def _array(ends: Ints, letters: npt.NDArray[np.uint8]) -> pa.Array:
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.large_string(), len(ends) - 1, buffers)
