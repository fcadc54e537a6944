"""The features that the scoring stage reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from engine.backend import Array, to_host
from engine.errors import RunError
from engine.lake import read_json, replacing, write_json


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """Named float32 columns, one row a transaction in time order.

    Attributes
    ----------
    names
        Column names. Names that start with ``batch_`` use both sides of a transaction within the
        run; every other column uses earlier rows only.
    columns
        float32, each of shape (n_transactions,).
    types
        The vocabulary behind the column ``type_code``.
    xp
        Where the columns live: NumPy's or CuPy's arrays.
    """

    names: tuple[str, ...]
    columns: tuple[Array, ...]
    types: tuple[str, ...]
    xp: ModuleType = np

    @classmethod
    def of(
        cls, names: Sequence[str], values: npt.NDArray[np.float32], types: Sequence[str]
    ) -> FeatureMatrix:
        """Make a matrix of a float32 array, shape (n_transactions, n_features)."""
        columns = tuple(values[:, index] for index in range(values.shape[1]))
        return cls(tuple(names), columns, tuple(types))

    @property
    def n_rows(self) -> int:
        """Number of transactions."""
        return len(self.columns[0])

    def column(self, name: str) -> Array:
        """Return one column."""
        return self.columns[self.names.index(name)]

    def rows(self, select: slice | npt.NDArray[np.int64], names: Sequence[str]) -> Array:
        """Return chosen rows and columns as a C-ordered copy, where the columns live."""
        wanted = self.xp.asarray(select) if isinstance(select, np.ndarray) else select
        picked = [self.column(name)[wanted] for name in names]
        out = self.xp.empty((len(picked[0]), len(names)), dtype=self.xp.float32)
        for index, values in enumerate(picked):
            out[:, index] = values
        return out

    def chunks(self, names: Sequence[str], size: int = 262_144) -> Iterator[tuple[slice, Array]]:
        """Yield row ranges with their chosen columns."""
        for start in range(0, self.n_rows, size):
            part = slice(start, min(start + size, self.n_rows))
            yield part, self.rows(part, names)

    def on_host(self) -> FeatureMatrix:
        """Return the matrix with its columns in the CPU's memory."""
        if self.xp is np:
            return self
        return FeatureMatrix(self.names, tuple(map(to_host, self.columns)), self.types)

    def save(self, folder: Path) -> None:
        """Write the matrix into a checkpoint folder."""
        shape = (self.n_rows, len(self.names))
        with replacing(folder / "features.npy") as part:
            values = np.lib.format.open_memmap(
                part, mode="w+", dtype=np.float32, shape=shape, fortran_order=True
            )
            for index, column in enumerate(self.columns):
                values[:, index] = to_host(column)
            del values
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
        return cls.of(meta["names"], values, meta["types"])
