"""Which engine computes: one contract, a CPU engine, and a GPU engine on RAPIDS."""

from engine.backend.base import Array, Backend, EngineChoice, Kind, threads, to_host
from engine.backend.cpu import CPU, CpuBackend
from engine.backend.select import select_backend

__all__ = [
    "CPU",
    "Array",
    "Backend",
    "CpuBackend",
    "EngineChoice",
    "Kind",
    "select_backend",
    "threads",
    "to_host",
]
