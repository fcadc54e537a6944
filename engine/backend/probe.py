"""What GPU, if any, this process could use: asked of the driver, without importing RAPIDS.

RAPIDS' own imports take seconds and succeed on a machine without a GPU, so they tell nothing.
``libcuda`` and ``libnvidia-ml`` come with the driver; asking them takes about a millisecond and
makes no context on the device.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

#: CUDA 13 wheels need driver 580 or newer and compute capability 7.5 or newer
#: (https://docs.nvidia.com/datascience/platform-support).
NEEDED_CUDA = 13000
NEEDED_CAPABILITY = (7, 5)
#: Import name to distribution of what the GPU engine imports.
PACKAGES = {
    "cupy": "cupy-cuda13x",
    "cudf": "cudf-cu13",
    "cuml": "cuml-cu13",
    "pylibcugraph": "pylibcugraph-cu13",
    "nvforest": "nvforest-cu13",
    "rmm": "rmm-cu13",
}
INSTALL = "python3 -m venv .venv-gpu && .venv-gpu/bin/pip install -r requirements-gpu.txt"

_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76  # CUdevice_attribute of cuda.h


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device: its name, compute capability, and memory in bytes (``free`` where known)."""

    name: str
    capability: tuple[int, int]
    memory: int
    free: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps the GPU from being used, and the command or step that mends it."""

    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found.

    Attributes
    ----------
    cuda
        CUDA version the driver supports, 13000 for 13.0; None without a driver.
    gpus
        Visible devices.
    missing
        Packages of the GPU engine that are not installed, by import name.
    problems
        Why the GPU engine cannot run; empty where it can.
    """

    cuda: int | None
    gpus: tuple[Gpu, ...]
    missing: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def is_usable(self) -> bool:
        """Whether the GPU engine can run here."""
        return not self.problems

    @property
    def why(self) -> str:
        """What there is, or the first thing that is missing, in one sentence."""
        if self.problems:
            return self.problems[0].what
        gpu = self.gpus[0]
        return f"{gpu.name}, {gpu.memory / 2**30:.0f} GiB, CUDA {written(self.cuda or 0)}"


def probe(
    load: Callable[[str], ctypes.CDLL] = ctypes.CDLL,
    is_installed: Callable[[str], bool] = lambda name: find_spec(name) is not None,
) -> Probe:
    """Ask the driver and the installation; never raises.

    Parameters
    ----------
    load
        Opens a shared library by name; raises OSError where there is none.
    is_installed
        Tells whether a package could be imported, without importing it.
    """
    missing = tuple(name for name in PACKAGES if not is_installed(name))
    cuda, gpus, problem = _devices(load)
    problems = [problem] if problem else []
    if missing:
        what = f"the GPU packages are not installed ({', '.join(missing)})"
        problems.append(Problem(what, INSTALL))
    return Probe(cuda, gpus, missing, tuple(problems))


def written(cuda: int) -> str:
    """Write a CUDA version number: 13020 is 13.2."""
    return f"{cuda // 1000}.{cuda % 1000 // 10}"


def _devices(
    load: Callable[[str], ctypes.CDLL],
) -> tuple[int | None, tuple[Gpu, ...], Problem | None]:
    try:
        cuda = load("libcuda.so.1")
    except OSError:
        return None, (), Problem(
            "no NVIDIA driver (libcuda.so.1 was not found)",
            "use a machine with an NVIDIA GPU and install driver 580 or newer; in a container, "
            "start it with --gpus all",
        )  # fmt: skip
    version = ctypes.c_int()
    if cuda.cuDriverGetVersion(ctypes.byref(version)):
        return None, (), Problem("the NVIDIA driver does not tell its version", "reinstall it")
    if version.value < NEEDED_CUDA:
        what = f"the NVIDIA driver supports CUDA {written(version.value)}, and 13.0 is needed"
        return version.value, (), Problem(what, "install driver 580 or newer")
    code = cuda.cuInit(0)
    if code:
        return version.value, (), Problem(
            "the NVIDIA driver sees no device" if code == 100 else f"cuInit failed with {code}",
            "check nvidia-smi, and CUDA_VISIBLE_DEVICES if it is set",
        )  # fmt: skip
    gpus = _listed(cuda, _free_memory(load))
    if not gpus:
        return version.value, (), Problem("no GPU is visible", "check CUDA_VISIBLE_DEVICES")
    first = gpus[0]
    if first.capability < NEEDED_CAPABILITY:
        what = f"{first.name} has compute capability {first.capability[0]}.{first.capability[1]}"
        return (
            version.value,
            gpus,
            Problem(f"{what}, and 7.5 is needed", "use a GPU of the Turing generation or newer"),
        )
    return version.value, gpus, None


def _listed(cuda: ctypes.CDLL, free: list[tuple[int, int]]) -> tuple[Gpu, ...]:
    count = ctypes.c_int()
    cuda.cuDeviceGetCount(ctypes.byref(count))
    gpus = []
    for index in range(count.value):
        device, memory = ctypes.c_int(), ctypes.c_size_t()
        major, minor = ctypes.c_int(), ctypes.c_int()
        name = ctypes.create_string_buffer(256)
        cuda.cuDeviceGet(ctypes.byref(device), index)
        cuda.cuDeviceGetName(name, 256, device)
        cuda.cuDeviceGetAttribute(ctypes.byref(major), _CAPABILITY_MAJOR, device)
        cuda.cuDeviceGetAttribute(ctypes.byref(minor), _CAPABILITY_MINOR, device)
        cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
        # The management library numbers devices without regard to CUDA_VISIBLE_DEVICES: its
        # figure counts only where there is no doubt which device it speaks of.
        known = free[0][1] if len(free) == 1 == count.value else None
        gpus.append(
            Gpu(
                name.value.decode(errors="replace"), (major.value, minor.value), memory.value, known
            )
        )
    return tuple(gpus)


class _Memory(ctypes.Structure):
    """``nvmlMemory_t``."""

    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


def _free_memory(load: Callable[[str], ctypes.CDLL]) -> list[tuple[int, int]]:
    """Return (total, free) bytes of every device of the machine; empty where nobody tells."""
    try:
        management = load("libnvidia-ml.so.1")
    except OSError:
        return []
    if management.nvmlInit_v2():
        return []
    count = ctypes.c_uint()
    management.nvmlDeviceGetCount_v2(ctypes.byref(count))
    found = []
    for index in range(count.value):
        handle, memory = ctypes.c_void_p(), _Memory()
        management.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle))
        if management.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0:
            found.append((memory.total, memory.free))
    management.nvmlShutdown()
    return found
