"""``python -m engine doctor``: what this machine has, what is missing, and what mends it."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from engine.backend import EngineChoice, threads
from engine.backend.probe import PACKAGES, Probe, probe, written

#: What the CPU engine imports, by distribution.
_CPU_PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "numba", "scikit-learn", "igraph", "duckdb")
_XGBOOST = ("xgboost-cpu", "xgboost")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    engine
        The engine that needs it: ``cpu`` (the GPU engine needs it too) or ``gpu``.
    mend
        The command or step that makes it right; empty where it is.
    """

    engine: str
    what: str
    found: str
    is_right: bool
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, and which engines can run."""

    findings: tuple[Finding, ...]
    cpu: bool
    gpu: bool

    def can_run(self, engine: EngineChoice) -> bool:
        """Tell whether an engine can run; ``auto`` needs any."""
        return {"cpu": self.cpu, "gpu": self.gpu, "auto": self.cpu or self.gpu}[engine]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)

    def to_text(self) -> str:
        """Write a line a finding, what mends it below, and the verdict."""
        lines = []
        for finding in self.findings:
            sign = "ok     " if finding.is_right else "MISSING"
            lines.append(f"{sign} {finding.engine}  {finding.what:<22} {finding.found}")
            if finding.mend:
                lines.append(f"             {'':<22} to mend it: {finding.mend}")
        verdicts = {"cpu": self.cpu, "gpu": self.gpu}
        lines.append("")
        lines += [
            f"--engine {name}: {'ready' if ready else 'cannot run here'}"
            for name, ready in verdicts.items()
        ]
        lines.append(f"--engine auto: {_auto(self)}")
        return "\n".join(lines)


def examine(found: Probe | None = None, lake: Path = Path("lake")) -> Report:
    """Look at the machine and the installation; nothing heavy is imported.

    Parameters
    ----------
    lake
        Folder whose disk the runs will fill; it need not exist.
    """
    seen = found or probe()
    cpu = [_python(), *_memory(), _disk(lake), *_packages()]
    gpu = [_driver(seen), *_devices(seen), *_gpu_packages(seen)]
    cpu_ready = all(finding.is_right for finding in cpu)
    return Report((*cpu, *gpu), cpu_ready, cpu_ready and seen.is_usable)


def _auto(report: Report) -> str:
    if report.gpu:
        return "takes the GPU for large inputs, the CPU for small ones"
    return "takes the CPU" if report.cpu else "cannot run here"


def _python() -> Finding:
    is_right = (3, 11) <= sys.version_info[:2] <= (3, 12)
    mend = "" if is_right else "install Python 3.11 or 3.12 and run `make app` again"
    return Finding("cpu", "Python", platform.python_version(), is_right, mend)


def _memory() -> list[Finding]:
    memory = psutil.virtual_memory()
    told = f"{memory.total / 2**30:.1f} GiB, {memory.available / 2**30:.1f} GiB free"
    return [
        Finding("cpu", "cores", str(threads()), True),
        Finding("cpu", "memory", told, True),
    ]


def _disk(lake: Path) -> Finding:
    folder = next(path for path in (lake.resolve(), *lake.resolve().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    mend = "" if free > 2**30 else f"free some space under {folder}, or put the lake elsewhere"
    return Finding("cpu", "disk for the lake", f"{free / 2**30:.1f} GiB free", not mend, mend)


def _packages() -> list[Finding]:
    missing = [name for name in _CPU_PACKAGES if _version(name) is None]
    boosting = next((name for name in _XGBOOST if _version(name)), None)
    missing += [] if boosting else ["xgboost"]
    if missing:
        mend = "pip install -r requirements.txt (or requirements-gpu.txt on a GPU machine)"
        return [Finding("cpu", "packages", f"not installed: {', '.join(missing)}", False, mend)]
    shown = [*_CPU_PACKAGES[:2], boosting or "xgboost"]
    return [Finding("cpu", "packages", ", ".join(f"{n} {_version(n)}" for n in shown), True)]


def _driver(seen: Probe) -> Finding:
    problem = next((p for p in seen.problems if "packages" not in p.what), None)
    if seen.cuda is None:
        assert problem is not None
        return Finding("gpu", "NVIDIA driver", problem.what, False, problem.mend)
    told = f"supports CUDA {written(seen.cuda)}"
    if problem is not None:
        return Finding("gpu", "NVIDIA driver and GPU", problem.what, False, problem.mend)
    return Finding("gpu", "NVIDIA driver", told, True)


def _devices(seen: Probe) -> list[Finding]:
    return [
        Finding(
            "gpu", f"GPU {index}",
            f"{gpu.name}, compute capability {gpu.capability[0]}.{gpu.capability[1]}, "
            f"{gpu.memory / 2**30:.0f} GiB"
            + ("" if gpu.free is None else f", {gpu.free / 2**30:.1f} GiB free"),
            is_right=gpu.capability >= (7, 5),
        )
        for index, gpu in enumerate(seen.gpus)
    ]  # fmt: skip


def _gpu_packages(seen: Probe) -> list[Finding]:
    problem = next((p for p in seen.problems if "packages" in p.what), None)
    if problem is not None:
        return [Finding("gpu", "GPU packages", problem.what, False, problem.mend)]
    known = [f"{name} {_version(PACKAGES[name]) or ''}".strip() for name in PACKAGES]
    return [Finding("gpu", "GPU packages", ", ".join(known), True)]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
