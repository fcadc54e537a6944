"""Which engine computes: the array module and what differs between CPU and GPU."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from types import ModuleType
from typing import Any, Literal, TypeVar

import numpy as np

from engine.errors import InputError

EngineChoice = Literal["auto", "cpu", "gpu"]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_RECORDED = ("numpy", "pandas", "pyarrow", "scikit-learn", "xgboost-cpu", "igraph", "numba")


@dataclass(frozen=True, slots=True)
class Backend:
    """An engine that can run the stages.

    Attributes
    ----------
    kind
        ``cpu`` or ``gpu``.
    xp
        The array module that feature code is written against.
    device
        The device in words, for people.
    reason
        Why this engine was taken.
    """

    kind: Literal["cpu", "gpu"]
    xp: ModuleType
    device: str
    reason: str

    @classmethod
    def select(cls, choice: EngineChoice = "auto") -> Backend:
        """Take the engine asked for; ``auto`` takes the CPU, the embedded default.

        Raises
        ------
        InputError
            If the GPU is asked for: its path is not part of this version.
        """
        if choice == "gpu":
            raise InputError(
                "--engine gpu: this version computes on the CPU only; use --engine cpu or auto"
            )
        if choice not in ("auto", "cpu"):
            raise InputError(f"--engine {choice}: use auto, cpu or gpu")
        reason = "asked for" if choice == "cpu" else "the embedded default"
        return cls("cpu", np, f"{threads()} CPU cores, {platform.machine()}", reason)

    def map(self, function: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
        """Apply a function to items, side by side where array calls release the interpreter."""
        if self.kind == "gpu" or threads() == 1:
            return [function(item) for item in items]
        with ThreadPoolExecutor(max_workers=min(len(items), threads())) as pool:
            return list(pool.map(function, items))

    def describe(self) -> dict[str, Any]:
        """Return kind, device, reason and library versions for ``run.json``."""
        return {
            "kind": self.kind,
            "device": self.device,
            "reason": self.reason,
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in _RECORDED},
            },
        }


def threads() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
