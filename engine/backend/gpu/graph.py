"""cuGraph's algorithms, through pylibcugraph: Louvain, PageRank, components.

pylibcugraph takes CuPy arrays as they are; the Python package ``cugraph`` would first make cuDF
frames of them. Every function returns one value an account, in the order of the account codes:
vertices come back in an order of their own, and accounts without an edge not at all.
"""

from __future__ import annotations

import cupy
import numpy as np
import numpy.typing as npt
import pylibcugraph

from engine.backend.base import Array, to_host
from engine.columns import MINOR_UNITS
from engine.config import GraphConfig

_MAX_LEVELS = 100  # cuGraph's own default
_LEAST_GAIN = 1e-7
_TOLERANCE = 1e-6  # as the CPU's: the sum of changes
_MAX_STEPS = 100


def page_rank(source: Array, target: Array, amount: Array, n: int, damping: float) -> Array:
    """Return the PageRank of each account; see ``engine.graph.pagerank``."""
    handle = pylibcugraph.ResourceHandle()
    network = pylibcugraph.SGGraph(
        handle,
        pylibcugraph.GraphProperties(is_symmetric=False, is_multigraph=False),
        source,
        target,
        weight_array=cupy.maximum(amount, 0.01),
        store_transposed=True,
        renumber=True,
        do_expensive_check=False,
        vertices_array=cupy.arange(n, dtype=cupy.int32),
    )
    vertices, found, _ = pylibcugraph.pagerank(
        handle, network, None, None, None, None, damping, _TOLERANCE, _MAX_STEPS, False,
        fail_on_nonconvergence=False,
    )  # fmt: skip
    rank = cupy.zeros(n, dtype=cupy.float64)
    rank[vertices] = found
    return rank / rank.sum()


def components(source: Array, target: Array, n: int) -> Array:
    """Return the weakly connected component of each account, numbered by smallest code."""
    apart = source != target
    a, b = source[apart], target[apart]
    if len(a) == 0:
        return cupy.arange(n, dtype=cupy.int32)
    handle, network = _undirected(a, b, cupy.ones(len(a), dtype=cupy.float64))
    vertices, labels = pylibcugraph.weakly_connected_components(
        handle, network, None, None, None, None, False
    )
    return numbered(smallest_members(vertices, labels, n))


def communities(source: Array, target: Array, amount: Array, n: int, config: GraphConfig) -> Array:
    """Return the Louvain community of each account; see ``engine.graph.communities``."""
    weight = cupy.maximum(amount, 0.01)
    apart = source != target
    own = ~apart
    loop = cupy.bincount(source[own], weights=weight[own], minlength=n)
    return numbered(_louvain(source[apart], target[apart], weight[apart], loop, n, config))


def cluster_on_device(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    w: npt.NDArray[np.float64],
    loop: npt.NDArray[np.float64],
    n: int,
    config: GraphConfig,
) -> npt.NDArray[np.int64]:
    """Cluster edges that lie on the CPU; accounts outside them keep a label of their own."""
    ends = cupy.asarray(a), cupy.asarray(b)
    return to_host(_louvain(*ends, cupy.asarray(w), cupy.asarray(loop), n, config))


def _louvain(a: Array, b: Array, w: Array, loop: Array, n: int, config: GraphConfig) -> Array:
    """Return labels; edges have no loops, ``loop`` holds the weight of each account's own."""
    if len(a) == 0:
        return cupy.arange(n, dtype=cupy.int64)
    low, high, total = _merged(a, b, w)
    has_edge = cupy.zeros(n, dtype=bool)
    has_edge[low] = True
    has_edge[high] = True
    looped = cupy.flatnonzero((loop > 0) & has_edge).astype(cupy.int32)
    # A loop counts at both of its ends, so its entry in the matrix is twice its weight.
    handle, network = _symmetric(
        cupy.concatenate([low, high, looped]),
        cupy.concatenate([high, low, looped]),
        cupy.concatenate([total, total, 2 * loop[looped]]),
    )
    vertices, clusters, _ = pylibcugraph.louvain(
        handle, network, _MAX_LEVELS, _LEAST_GAIN, config.resolution, False
    )
    return smallest_members(vertices, clusters, n)


def _undirected(a: Array, b: Array, w: Array) -> tuple[Array, Array]:
    low, high, total = _merged(a, b, w)
    return _symmetric(
        cupy.concatenate([low, high]),
        cupy.concatenate([high, low]),
        cupy.concatenate([total, total]),
    )


def _merged(a: Array, b: Array, w: Array) -> tuple[Array, Array, Array]:
    """Fold opposite payments to one edge a pair.

    Sums of whole minor units do not depend on the order of adding.
    """
    key = (cupy.minimum(a, b).astype(cupy.int64) << 32) | cupy.maximum(a, b)
    order = cupy.argsort(key)
    key = key[order]
    new = cupy.ones(len(key), dtype=bool)
    new[1:] = key[1:] != key[:-1]
    group = cupy.cumsum(new) - 1
    total = cupy.bincount(group, weights=cupy.rint(w[order] * MINOR_UNITS)) / MINOR_UNITS
    pairs = key[cupy.flatnonzero(new)]
    return (pairs >> 32).astype(cupy.int32), (pairs & 0xFFFFFFFF).astype(cupy.int32), total


def _symmetric(source: Array, target: Array, weight: Array) -> tuple[Array, Array]:
    """Make the undirected graph that Louvain and components ask for: each edge in both ways."""
    handle = pylibcugraph.ResourceHandle()
    network = pylibcugraph.SGGraph(
        handle,
        pylibcugraph.GraphProperties(is_symmetric=True, is_multigraph=False),
        source,
        target,
        weight_array=weight,
        store_transposed=False,
        renumber=True,
        do_expensive_check=False,
    )
    return handle, network


def smallest_members(vertices: Array, groups: Array, n: int) -> Array:
    """Label each account with the smallest code of its group; one in no group with its own."""
    label = cupy.arange(n, dtype=cupy.int64)
    key = cupy.sort((groups.astype(cupy.int64) << 32) | vertices)
    if len(key) == 0:
        return label
    group, member = key >> 32, key & 0xFFFFFFFF
    new = cupy.ones(len(key), dtype=bool)
    new[1:] = group[1:] != group[:-1]
    smallest = member[cupy.flatnonzero(new)]
    label[member] = smallest[cupy.cumsum(new) - 1]
    return label


def numbered(label: Array) -> Array:
    """Number groups from 0 by their smallest code, from labels that are those codes."""
    is_first = label == cupy.arange(len(label), dtype=cupy.int64)
    return (cupy.cumsum(is_first) - 1)[label].astype(cupy.int32)
