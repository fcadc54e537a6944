"""Putting the stand-ins in the place of the libraries, for the time of a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec

from engine.backend.probe import Gpu, Probe
from tests.rapids.table import load_table
from tests.standins import libraries
from tests.standins.arrays import CupyStandIn, DeviceMemory

#: What the probe says where the stand-ins are at work.
FOUND = Probe(13000, (Gpu("stand-in for a GPU", (9, 0), 24 * 2**30, None),), (), ())
_OWN = "engine.backend.gpu"


@contextmanager
def stand_ins(memory: DeviceMemory) -> Iterator[None]:
    """Import the GPU engine against the stand-ins until the block ends."""
    modules = {
        "cupy": CupyStandIn(memory, load_table()),
        "pylibcugraph": libraries.pylibcugraph(),
        "nvforest": libraries.nvforest(memory),
        "cudf": libraries.cudf(memory),
        **libraries.cuml(),
        **libraries.rmm(memory),
    }
    for name, module in modules.items():
        module.__spec__ = ModuleSpec(name, None)  # without one, looking for the module fails
    saved = dict(sys.modules)
    _forget_engine()
    sys.modules.update(modules)
    try:
        from engine.backend.gpu import models

        vars(models)["xgb"] = libraries.xgboost(memory)
        yield
    finally:
        _forget_engine()
        for name in modules:
            sys.modules.pop(name, None)
        sys.modules.update({name: saved[name] for name in modules if name in saved})


def _forget_engine() -> None:
    for name in [name for name in sys.modules if name == _OWN or name.startswith(f"{_OWN}.")]:
        del sys.modules[name]
    package = sys.modules.get("engine.backend")
    if package is not None and hasattr(package, "gpu"):
        del package.gpu
