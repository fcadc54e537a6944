"""Boosted trees as boxes: a leaf is reached where every feature on its path lies in an interval.

So all leaves are tested at once by array code, and TreeSHAP has a closed form. Take a leaf of
value ``v`` with the features ``D`` on its path; ``o_j`` says whether feature ``j`` lies in its
interval, and ``z_j`` is the share of the training rows that would take the path at the splits on
``j``. A set ``S`` of known features gives ``v * prod_S o_j * prod_(D-S) z_j``, whose Shapley value
(in Owen's form) is::

    phi_i = v * (o_i - z_i) * integral from 0 to 1 of prod_(j in D, j != i) (t o_j + (1 - t) z_j) dt

The integrand is a polynomial in ``t`` of degree ``len(D) - 1``, which Gauss and Legendre integrate
exactly. Lundberg et al., "From local explanations to global understanding with explainable AI for
trees", 2020 (path dependent); Owen, "Multilinear extensions of games", 1972.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Shares are kept above this, so that a product can be divided by one of its factors.
_LEAST_SHARE = 1e-12


@dataclass(frozen=True)
class Boosting:
    """Trees of a model, leaf by leaf. Unused places of short paths hold the whole line.

    Attributes
    ----------
    base
        Log-odds where no tree says anything.
    value
        float32, shape (n_leaves,).
    feature
        int16, shape (depth, n_leaves): column.
    low, high
        float32: the interval ``[low, high)``.
    share
        float64: the product of the cover ratios.
    """

    base: float
    value: Float32
    feature: npt.NDArray[np.int16]
    low: Float32
    high: Float32
    share: Float64

    def margin(self, row: Float32) -> float:
        """Return the log-odds of a row, float32 of shape (n_features,)."""
        return self.base + float(self.value[self._inside(row).all(axis=0)].sum(dtype=np.float64))

    def contributions(self, row: Float32) -> Float64:
        """Return the TreeSHAP contributions to the log-odds of a row, shape (n_features,)."""
        weight = np.zeros_like(self.share)
        towards = self._inside(row) - self.share
        for at, part in zip(*self._nodes, strict=True):
            factors = self.share + at * towards
            weight += part * factors.prod(axis=0) / factors
        weight *= towards
        weight *= self.value
        found = np.bincount(self._columns, weight.ravel(), minlength=len(row))
        return found.astype(np.float64, copy=False)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to it as named arrays."""
        return {
            "base": np.array(self.base), "value": self.value, "feature": self.feature,
            "low": self.low, "high": self.high, "share": self.share,
        }  # fmt: skip

    @classmethod
    def of(cls, arrays: dict[str, npt.NDArray[Any]]) -> Boosting:
        """Make the trees of what ``arrays`` returned."""
        return cls(
            float(arrays["base"]), arrays["value"], arrays["feature"], arrays["low"],
            arrays["high"], arrays["share"],
        )  # fmt: skip

    def _inside(self, row: Float32) -> npt.NDArray[np.bool_]:
        values = row[self.feature]
        return np.asarray((values >= self.low) & (values < self.high))

    @cached_property
    def _columns(self) -> npt.NDArray[np.int64]:
        return self.feature.astype(np.int64).ravel()

    @cached_property
    def _nodes(self) -> tuple[Float64, Float64]:
        """Return nodes and weights on [0, 1]: n of them are exact up to degree 2 n - 1."""
        depth = max(len(self.feature), 1)
        nodes, weights = np.polynomial.legendre.leggauss((depth + 1) // 2)
        return (nodes + 1) / 2, weights / 2


def boxes_of(trees: list[dict[str, Any]], base: float) -> Boosting:
    """Make boxes of the trees of an XGBoost model in its JSON form."""
    leaves = [leaf for tree in trees for leaf in _leaves(tree)]
    depth = max((len(path) for _, path in leaves), default=0)
    shape = (max(depth, 1), len(leaves))
    value = np.array([value for value, _ in leaves], np.float32)
    feature, share = np.zeros(shape, np.int16), np.ones(shape)
    low, high = np.full(shape, -np.inf, np.float32), np.full(shape, np.inf, np.float32)
    for leaf, (_, path) in enumerate(leaves):
        for place, (column, (at_least, below, part)) in enumerate(path.items()):
            feature[place, leaf], share[place, leaf] = column, max(part, _LEAST_SHARE)
            low[place, leaf], high[place, leaf] = at_least, below
    return Boosting(base, value, feature, low, high, share)


#: Column to its interval and share.
_Path = dict[int, tuple[float, float, float]]


def _leaves(tree: dict[str, Any]) -> list[tuple[float, _Path]]:
    left, right = tree["left_children"], tree["right_children"]
    cut, column, cover = tree["split_conditions"], tree["split_indices"], tree["sum_hessian"]
    found: list[tuple[float, _Path]] = []
    waiting: list[tuple[int, _Path]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if left[node] < 0:
            found.append((cut[node], path))
            continue
        own, here = column[node], float(np.float32(cut[node]))
        low, high, share = path.get(own, (-np.inf, np.inf, 1.0))
        below, above = (
            share * cover[left[node]] / cover[node],
            share * cover[right[node]] / cover[node],
        )
        waiting.append((left[node], {**path, own: (low, min(high, here), below)}))
        waiting.append((right[node], {**path, own: (max(low, here), high, above)}))
    return found
