"""What the probe says of a driver and an installation; the driver is a fake library in C."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.backend import CpuBackend, select_backend
from engine.backend.probe import INSTALL, PACKAGES, Gpu, probe
from engine.errors import InputError

#: The functions of libcuda and libnvidia-ml that the probe calls, with values from the environment.
SOURCE = r"""
#include <stdlib.h>
#include <string.h>
static long value(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}
int cuDriverGetVersion(int *version) { *version = value("FAKE_CUDA", 13000); return 0; }
int cuInit(unsigned flags) { return value("FAKE_INIT", 0); }
int cuDeviceGetCount(int *count) { *count = value("FAKE_GPUS", 1); return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char *name, int length, int device) {
    strncpy(name, "NVIDIA A10G", length); return 0;
}
int cuDeviceGetAttribute(int *out, int attribute, int device) {
    long capability = value("FAKE_CAPABILITY", 86);
    *out = attribute == 75 ? capability / 10 : capability % 10; return 0;
}
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 24UL << 30; return 0; }
typedef struct { unsigned long long total, free, used; } memory;
int nvmlInit_v2(void) { return value("FAKE_NVML", 0); }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = value("FAKE_GPUS", 1); return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) { *handle = 0; return 0; }
int nvmlDeviceGetMemoryInfo(void *handle, memory *info) {
    info->total = 24ULL << 30; info->free = 23ULL << 30; return 0;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("the fake driver is built with a C compiler (cc), and there is none")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "fake.c").write_text(SOURCE)
    built = folder / "libcuda.so.1"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, folder / "fake.c"], check=True)
    return built


@pytest.fixture
def load(library: Path) -> Callable[[str], ctypes.CDLL]:
    return lambda name: ctypes.CDLL(str(library))


def everything(name: str) -> bool:
    return True


def none_there(name: str) -> ctypes.CDLL:
    raise OSError(name)


def test_a_gpu_with_all_packages_is_usable(load: Callable[[str], ctypes.CDLL]) -> None:
    found = probe(load, everything)
    assert found.is_usable
    assert found.gpus == (Gpu("NVIDIA A10G", (8, 6), 24 * 2**30, 23 * 2**30),)
    assert found.why == "NVIDIA A10G, 24 GiB, CUDA 13.0"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (("FAKE_CUDA", "12080"), "supports CUDA 12.8, and 13.0 is needed"),
        (("FAKE_INIT", "100"), "sees no device"),
        (("FAKE_INIT", "999"), "cuInit failed with 999"),
        (("FAKE_GPUS", "0"), "no GPU is visible"),
        (("FAKE_CAPABILITY", "70"), "NVIDIA A10G has compute capability 7.0, and 7.5 is needed"),
    ],
)
def test_what_stands_in_the_way_is_named(
    load: Callable[[str], ctypes.CDLL],
    monkeypatch: pytest.MonkeyPatch,
    setting: tuple[str, str],
    words: str,
) -> None:
    monkeypatch.setenv(*setting)
    found = probe(load, everything)
    assert not found.is_usable
    assert words in found.why
    assert found.problems[0].mend


def test_free_memory_is_told_only_where_there_is_no_doubt_about_the_device(
    load: Callable[[str], ctypes.CDLL], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_GPUS", "2")
    assert [gpu.free for gpu in probe(load, everything).gpus] == [None, None]
    monkeypatch.setenv("FAKE_GPUS", "1")
    monkeypatch.setenv("FAKE_NVML", "1")
    assert [gpu.free for gpu in probe(load, everything).gpus] == [None]


def test_without_a_driver_it_says_so() -> None:
    found = probe(none_there, everything)
    assert found.cuda is None
    assert found.why == "no NVIDIA driver (libcuda.so.1 was not found)"


def test_missing_packages_are_named_with_the_command_that_installs_them(
    load: Callable[[str], ctypes.CDLL],
) -> None:
    found = probe(load, lambda name: name != "nvforest")
    assert found.missing == ("nvforest",)
    assert found.why == "the GPU packages are not installed (nvforest)"
    assert found.problems[0].mend == INSTALL


def test_asking_imports_nothing_of_rapids() -> None:
    code = (
        "import sys; from engine.backend.probe import probe; probe(); "
        f"print([name for name in {tuple(PACKAGES)!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_auto_takes_the_cpu_and_says_why() -> None:
    backend = select_backend("auto", found=probe(none_there, everything))
    assert isinstance(backend, CpuBackend)
    assert backend.reason == "no usable GPU: no NVIDIA driver (libcuda.so.1 was not found)"
    assert select_backend("cpu").reason == "asked for"


def test_asking_for_a_gpu_that_is_not_there_says_how_to_mend_it() -> None:
    with pytest.raises(InputError, match="no NVIDIA driver") as told:
        select_backend("gpu", found=probe(none_there, lambda name: False))
    assert "install driver 580 or newer" in str(told.value)
    assert INSTALL in str(told.value)
    assert "--engine auto takes the CPU" in str(told.value)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="use auto, cpu or gpu"):
        select_backend("tpu")  # type: ignore[arg-type]


def test_the_command_line_refuses_before_it_loads_anything_heavy(tmp_path: Path) -> None:
    sample = Path(__file__).parents[1] / "data" / "paysim_sample.csv"
    command = [sys.executable, "-X", "importtime", "-m", "engine", "run", str(sample),
               "--lake", str(tmp_path), "--engine", "gpu"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "error: --engine gpu cannot run here" in done.stderr
    # The promise is two seconds; what costs seconds is never imported, whatever the machine.
    assert not any(f"| {name}\n" in done.stderr for name in ("cudf", "cupy", "sklearn", "igraph"))
