"""What made the anomaly scores of a run, kept to score transactions that come later.

NumPy alone: real-time scoring imports this module and neither scikit-learn nor numba.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]
Array = Any  # numpy.ndarray or cupy.ndarray

#: Steps of the table of percentiles: a share read from it is off by one part in so many at most.
STEPS = 65_536
#: The score of the only row of an input: as usual as it is unusual.
LONELY = 0.5


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as flat arrays, breadth first; the right child stands next to the left one.

    Attributes
    ----------
    feature
        int16, shape (n_trees, n_nodes): column that splits, -1 at a leaf.
    threshold
        float32: rows with a value ``<=`` it go left.
    left
        int16: position of the left child.
    length
        float32: path length at a leaf, with the expected rest of the unsplit rows.
    norm
        Expected path length of the sample, c(psi) in the paper.
    """

    feature: Int16
    threshold: Float32
    left: Int16
    length: Float32
    norm: float

    def score(self, row: Float32) -> np.float32:
        """Score one row, float32 of shape (n_columns,): all trees are walked at once.

        The lengths are summed tree by tree, as the compiled kernel does, to the last digit.
        """
        trees = np.arange(len(self.feature))
        node = np.zeros(len(trees), np.int64)
        while True:
            column = self.feature[trees, node]
            inner = column >= 0
            if not inner.any():
                break
            right = row[column] > self.threshold[trees, node]
            node = np.where(inner, self.left[trees, node] + right, node)
        depth = float(np.cumsum(self.length[trees, node], dtype=np.float64)[-1])
        return np.float32(2.0 ** (-depth / len(trees) / self.norm))


@dataclass(frozen=True, slots=True)
class Detector:
    """An isolation forest, and the percentiles of the scores it gave in a run.

    Attributes
    ----------
    columns
        Features the forest looks at, in order.
    forest
        None where the run had a single row.
    scores, shares
        float32, ascending: share of the run's rows that are scored at or below each score.
    """

    columns: tuple[str, ...]
    forest: Forest | None
    scores: Float32
    shares: Float32

    def percentile(self, row: Float32) -> np.float32:
        """Return the share of the run's rows that are no more abnormal than this one.

        Parameters
        ----------
        row
            float32, shape (n_columns,): the features named by ``columns``.
        """
        raw = np.float32(LONELY) if self.forest is None else self.forest.score(compress(np, row))
        place = int(np.searchsorted(self.scores, raw, side="right")) - 1
        if place < 0 or self.scores[place] != raw:
            # The kernel's power of two may be rounded up where ours is not: many rows can share
            # the score that is one digit higher.
            above = np.nextafter(raw, np.float32(2))
            place += bool(place + 1 < len(self.scores) and self.scores[place + 1] == above)
        return np.float32(self.shares[max(place, 0)])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to it as named arrays."""
        found: dict[str, npt.NDArray[Any]] = {
            "columns": np.array(self.columns, np.str_), "scores": self.scores,
            "shares": self.shares,
        }  # fmt: skip
        if self.forest is not None:
            tree = self.forest
            found |= {
                "feature": tree.feature, "threshold": tree.threshold, "left": tree.left,
                "length": tree.length, "norm": np.array(tree.norm),
            }  # fmt: skip
        return found

    @classmethod
    def of(cls, arrays: dict[str, npt.NDArray[Any]]) -> Detector:
        """Make a detector of what ``arrays`` returned."""
        forest = None
        if "feature" in arrays:
            forest = Forest(
                arrays["feature"], arrays["threshold"], arrays["left"], arrays["length"],
                float(arrays["norm"]),
            )  # fmt: skip
        columns = tuple(str(name) for name in arrays["columns"])
        return cls(columns, forest, arrays["scores"], arrays["shares"])

    @classmethod
    def load(cls, path: Path) -> Detector | None:
        """Read a detector from a file of named arrays; None where there is no such file."""
        if not path.exists():
            return None
        with np.load(path) as arrays:
            return cls.of({name: arrays[name] for name in arrays.files})


def compress(xp: ModuleType, values: Array) -> Array:
    """Take the logarithm of magnitudes: a forest splits ranges evenly, and money is skewed."""
    return (xp.sign(values) * xp.log1p(xp.abs(values))).astype(xp.float32)
