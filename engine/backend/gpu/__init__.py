"""The GPU engine: RAPIDS 26.10. Nothing outside this package imports CuPy or a RAPIDS library."""

from engine.backend.gpu.backend import GpuBackend

__all__ = ["GpuBackend"]
