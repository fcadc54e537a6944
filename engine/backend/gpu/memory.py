"""Device memory: one pool for CuPy, cuDF and cuGraph, its high mark, and what running out means.

``cudaMallocAsync`` is the driver's own pool; RMM hands it to every library, so that memory one of
them frees serves the others. Managed memory is not used: oversubscribing it can stall the card.
"""

from __future__ import annotations

from typing import Any

import cupy
import rmm.mr
from rmm.allocators.cupy import rmm_cupy_allocator


def set_up(limit: int | None = None) -> None:
    """Make RMM's pool the source of all device memory; a second call changes nothing.

    Parameters
    ----------
    limit
        Most bytes that may be held at once; None takes what the device has.
    """
    if _counting() is not None:
        return
    pool = rmm.mr.CudaAsyncMemoryResource()
    if limit is not None:
        pool = rmm.mr.LimitingResourceAdaptor(pool, limit)
    rmm.mr.set_current_device_resource(rmm.mr.StatisticsResourceAdaptor(pool))
    cupy.cuda.set_allocator(rmm_cupy_allocator)


def peak_mb() -> float:
    """Return the most memory held at once since the process began, in MiB."""
    counting = _counting()
    return 0.0 if counting is None else round(counting.allocation_counts.peak_bytes / 2**20, 1)


def _counting() -> Any | None:
    """Return the layer that counts; cuDF, told to spill, lays another over it."""
    layer: Any | None = rmm.mr.get_current_device_resource()
    while layer is not None and not isinstance(layer, rmm.mr.StatisticsResourceAdaptor):
        layer = getattr(layer, "upstream_mr", None)
    return layer


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error of CuPy, RMM, XGBoost or cuGraph says that memory ran out."""
    if isinstance(error, MemoryError):  # CuPy's OutOfMemoryError and RMM's error are such
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError | ValueError) and (
        "out of memory" in words or "out_of_memory" in words or "bad_alloc" in words
    )
