"""Taking the engine that was asked for."""

from __future__ import annotations

from typing import get_args

from engine.backend.base import Backend, EngineChoice
from engine.backend.cpu import CpuBackend
from engine.backend.probe import Probe, probe
from engine.errors import InputError


def select_backend(
    choice: EngineChoice = "auto",
    reason: str | None = None,
    found: Probe | None = None,
    gpu_memory_gb: float = 0.0,
) -> Backend:
    """Take the engine asked for; ``auto`` takes a usable GPU, else the CPU and says why.

    Parameters
    ----------
    reason
        Why this engine is taken, where the caller knows better.
    found
        What the probe found, where it was asked already.
    gpu_memory_gb
        Most device memory to take, in GiB; zero takes what there is.

    Raises
    ------
    InputError
        If the GPU is asked for and cannot be used; the message says what is missing and how to
        mend it. RAPIDS is not imported for that.
    """
    if choice not in get_args(EngineChoice):
        raise InputError(f"--engine {choice}: use auto, cpu or gpu")
    if choice == "cpu":
        return CpuBackend(reason or "asked for")
    seen = found or probe()
    if not seen.is_usable:
        if choice == "gpu":
            steps = "\n".join(f"  {p.what}\n    to mend it: {p.mend}" for p in seen.problems)
            raise InputError(
                f"--engine gpu cannot run here:\n{steps}\n"
                "  python -m engine doctor shows more; --engine auto takes the CPU meanwhile"
            )
        return CpuBackend(reason or f"no usable GPU: {seen.why}")
    from engine.backend.gpu.backend import GpuBackend

    limit = round(gpu_memory_gb * 2**30) or None
    return GpuBackend(seen, reason or ("asked for" if choice == "gpu" else "a GPU is here"), limit)
