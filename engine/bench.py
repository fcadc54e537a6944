"""``python -m engine bench``: every stage timed on generated full-size data."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from engine.backend import EngineChoice, select_backend, threads
from engine.errors import RunError
from engine.generate import write_paysim
from engine.lake import Lake

BenchEngine = EngineChoice | Literal["both"]


def bench(rows: int, seed: int, engine: BenchEngine, given: str | None = None) -> dict[str, Any]:
    """Time a run in a process of its own, print JSON and a Markdown table.

    The run is a fresh ``python -m engine run``, so that its peak memory is its own and its seconds
    hold imports and compilation. Generating the data is not part of the time.

    Parameters
    ----------
    rows, seed
        Size and seed of the PaySim-schema CSV that is generated.
    engine
        ``both`` times the CPU and the GPU on the same file and puts their seconds side by side.
    given
        A file to time instead.

    Raises
    ------
    InputError
        If an engine is not there; nothing is generated then.
    """
    engines: tuple[EngineChoice, ...] = ("cpu", "gpu") if engine == "both" else (engine,)
    for one in engines:
        select_backend(one)
    with tempfile.TemporaryDirectory(prefix="ringleader-bench-") as folder:
        source = Path(given) if given else Path(folder) / "paysim.csv"
        if given is None:
            write_paysim(rows, seed, source)
        reports: dict[str, Any] = {
            one: timed_report(source, timed_run(source, Path(folder) / f"lake-{one}", one))
            for one in engines
        }
    report: dict[str, Any] = reports if engine == "both" else reports[engines[0]]
    print(json.dumps(report, indent=1))
    print()
    print(side_by_side(**reports) if engine == "both" else to_markdown(report))
    return report


def side_by_side(cpu: dict[str, Any], gpu: dict[str, Any]) -> str:
    """Write the reports of both engines as one table, a row a stage, with ratios."""
    where = gpu["machine"]
    lines = [
        f"{gpu['rows']:,} rows ({gpu['input_mb']:,.0f} MB), {where['cores']} cores, "
        f"{where['memory_gb']:.0f} GB, Python {where['python']}; GPU: {gpu['engine']['device']}",
        "",
        "| stage | CPU seconds | GPU seconds | CPU / GPU | GPU memory MB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for ours, theirs in zip(cpu["stages"], gpu["stages"], strict=True):
        taken_over = "" if theirs["engine"] == "gpu" else " (on the CPU)"
        memory = theirs["peak_device_mb"]
        lines.append(
            f"| {ours['name']} | {ours['seconds']:.2f} | {theirs['seconds']:.2f}{taken_over} "
            f"| {_ratio(ours['seconds'], theirs['seconds'])} "
            f"| {'–' if memory is None else f'{memory:,.0f}'} |"
        )
    walls = cpu["wall_seconds"], gpu["wall_seconds"]
    lines.append(
        f"| **file to alerts, start to exit** | **{walls[0]:.1f}** | **{walls[1]:.1f}** "
        f"| {_ratio(*walls)} | |"
    )
    return "\n".join(lines)


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / max(theirs, 1e-3):.1f}×"


def to_markdown(report: dict[str, Any]) -> str:
    """Write a bench report as a table, a row a stage."""
    where = report["machine"]
    lines = [
        f"{report['rows']:,} rows ({report['input_mb']:,.0f} MB), {report['engine']['kind']}, "
        f"{where['cores']} cores, {where['memory_gb']:.0f} GB, Python {where['python']}",
        "",
        "| stage | seconds | rows a second | peak memory MB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for stage in report["stages"]:
        rate = report["rows"] / max(stage["seconds"], 1e-3)
        lines.append(
            f"| {stage['name']} | {stage['seconds']:.1f} | {rate:,.0f} "
            f"| {stage['peak_rss_mb']:,.0f} |"
        )
    rate = report["rows"] / report["wall_seconds"]
    lines.append(
        f"| **file to alerts, start to exit** | **{report['wall_seconds']:.1f}** | {rate:,.0f} "
        f"| {report['peak_rss_mb']:,.0f} |"
    )
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class TimedRun:
    """A run in a process of its own: its last line, its manifest, seconds from start to exit."""

    last: dict[str, Any]
    manifest: dict[str, Any]
    wall_seconds: float


def timed_run(source: Path, lake: Path, engine: EngineChoice, *options: str) -> TimedRun:
    """Start ``python -m engine run`` on a file and wait for it.

    Raises
    ------
    RunError
        If the run fails; the message is what it said.
    """
    command = [sys.executable, "-m", "engine", "run", str(source), "--lake", str(lake),
               "--engine", engine, *options]  # fmt: skip
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.monotonic() - began
    if done.returncode != 0:
        raise RunError(f"the timed run failed: {done.stderr.strip()}")
    last = json.loads(done.stdout.strip().splitlines()[-1])
    return TimedRun(last, Lake.open(lake).read_manifest(last["run_id"]), round(wall, 2))


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "cores": threads(),
        "memory_gb": psutil.virtual_memory().total / 1e9,
        "python": platform.python_version(),
    }


def timed_report(source: Path, run: TimedRun) -> dict[str, Any]:
    """Return the figures of a timed run of a file."""
    return {
        "rows": run.last["rows"],
        "input_mb": source.stat().st_size / 1e6,
        "engine": run.manifest["engine"],
        "machine": machine(),
        "stages": run.manifest["stages"],
        "wall_seconds": run.wall_seconds,
        "peak_rss_mb": run.last["peak_rss_mb"],
        "rings": run.last["rings"],
        "alerts": run.last["alerts"],
        "metrics": run.last["metrics"],
    }
