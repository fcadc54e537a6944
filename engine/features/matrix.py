"""The feature matrix that the scoring stage reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import RunError
from engine.lake import read_json, replacing, write_json

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """Named float32 columns, one row a transaction in time order.

    Attributes
    ----------
    names
        Column names. Names that start with ``batch_`` use both sides of a transaction within the
        run; every other column uses earlier rows only.
    values
        float32, shape (n_transactions, n_features), Fortran order: a column is contiguous.
    types
        The vocabulary behind the column ``type_code``.
    """

    names: tuple[str, ...]
    values: Float32
    types: tuple[str, ...]

    def column(self, name: str) -> Float32:
        """Return one column (a view)."""
        return self.values[:, self.names.index(name)]

    def rows(self, select: slice | npt.NDArray[np.int64], names: Sequence[str]) -> Float32:
        """Return chosen rows and columns as a C-ordered copy."""
        return np.ascontiguousarray(self.values[select][:, [self.names.index(n) for n in names]])

    def chunks(self, names: Sequence[str], size: int = 262_144) -> Iterator[tuple[slice, Float32]]:
        """Yield row ranges with their chosen columns."""
        for start in range(0, len(self.values), size):
            part = slice(start, min(start + size, len(self.values)))
            yield part, self.rows(part, names)

    def save(self, folder: Path) -> None:
        """Write the matrix into a checkpoint folder."""
        with replacing(folder / "features.npy") as part, part.open("wb") as stream:
            np.save(stream, self.values)
        write_json(folder / "features.json", {"names": list(self.names), "types": list(self.types)})

    @classmethod
    def load(cls, folder: Path) -> FeatureMatrix:
        """Read the matrix back, mapped into memory.

        Raises
        ------
        RunError
            If the checkpoint does not fit its list of names.
        """
        meta = read_json(folder / "features.json")
        values = np.load(folder / "features.npy", mmap_mode="r")
        if values.shape[1] != len(meta["names"]):
            raise RunError(f"{folder}: the checkpoint is damaged; delete the run and start again")
        return cls(tuple(meta["names"]), values, tuple(meta["types"]))
