"""The isolation forest on the CPU: fitted by scikit-learn, scored by a compiled kernel.

Liu, Ting and Zhou, "Isolation Forest", ICDM 2008. The kernel walks the very trees that
scikit-learn grew and agrees with its ``score_samples``.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from engine.config import AnomalyConfig
from engine.scoring.detector import Forest

Float32 = npt.NDArray[np.float32]

_EULER_GAMMA = 0.5772156649015329


def fit_forest(sample: Float32, config: AnomalyConfig) -> IsolationForest:
    """Fit an isolation forest.

    Parameters
    ----------
    sample
        float32, shape (n_sample, n_columns).
    """
    return IsolationForest(
        n_estimators=config.trees,
        max_samples=min(config.rows_per_tree, len(sample)),
        random_state=config.seed,
    ).fit(sample)


def flatten(model: IsolationForest) -> Forest:
    """Copy a fitted scikit-learn forest into flat arrays."""
    nodes = max(tree.tree_.node_count for tree in model.estimators_)
    shape = (len(model.estimators_), nodes)
    feature, left = np.full(shape, -1, np.int16), np.zeros(shape, np.int16)
    threshold, length = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for k, (tree, columns) in enumerate(
        zip(model.estimators_, model.estimators_features_, strict=True)
    ):
        _flatten_tree(tree.tree_, columns, feature[k], threshold[k], left[k], length[k])
    return Forest(feature, threshold, left, length, float(mean_path(model.max_samples_)))


def score_rows(forest: Forest, values: Float32) -> Float32:
    """Score rows, float32 of shape (n, n_columns): ``2 ** (-mean path length / norm)``."""
    return np.asarray(
        _score(
            np.ascontiguousarray(values), forest.feature, forest.threshold, forest.left,
            forest.length, forest.norm,
        ),
    )  # fmt: skip


def mean_path(rows: float) -> float:
    """Return c(n), the mean path length of an unsuccessful search in a tree of ``rows`` rows."""
    if rows <= 1:
        return 0.0
    if rows == 2:
        return 1.0
    return float(2.0 * (np.log(rows - 1.0) + _EULER_GAMMA) - 2.0 * (rows - 1.0) / rows)


def _flatten_tree(
    tree: object,
    columns: npt.NDArray[np.int64],
    feature: npt.NDArray[np.int16],
    threshold: Float32,
    left: npt.NDArray[np.int16],
    length: Float32,
) -> None:
    queue, placed, depth = [0], {0: 0}, {0: 0}
    for node in queue:
        here = placed[node]
        low, high = tree.children_left[node], tree.children_right[node]  # type: ignore[attr-defined]
        if low < 0:
            length[here] = depth[node] + mean_path(tree.n_node_samples[node])  # type: ignore[attr-defined]
            continue
        cut = tree.threshold[node]  # type: ignore[attr-defined]
        single = np.float32(cut)
        # For float32 values, x <= cut holds exactly when x <= the largest float32 not above it.
        threshold[here] = single if single <= cut else np.nextafter(single, np.float32(-np.inf))
        feature[here] = columns[tree.feature[node]]  # type: ignore[attr-defined]
        left[here] = len(queue)
        for child in (low, high):
            placed[child], depth[child] = len(queue), depth[node] + 1
            queue.append(child)


@numba.njit(parallel=True, cache=True)  # type: ignore[untyped-decorator]
def _score(
    values: Float32,
    feature: npt.NDArray[np.int16],
    threshold: Float32,
    left: npt.NDArray[np.int16],
    length: Float32,
    norm: float,
) -> Float32:
    rows, trees, block = values.shape[0], feature.shape[0], 64
    out = np.empty(rows, np.float32)
    for b in numba.prange((rows + block - 1) // block):
        first = b * block
        last = min(rows, first + block)
        depth = np.zeros(block, np.float64)
        for k in range(trees):
            for i in range(first, last):
                node = 0
                while feature[k, node] >= 0:
                    go_right = values[i, feature[k, node]] > threshold[k, node]
                    node = left[k, node] + (1 if go_right else 0)
                depth[i - first] += length[k, node]
        for i in range(first, last):
            out[i] = 2.0 ** (-depth[i - first] / trees / norm)
    return out
