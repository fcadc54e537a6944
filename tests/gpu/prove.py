"""Show on a machine with a GPU all that nothing else can show, and write it down.

::

    python3 -m venv .venv-gpu && .venv-gpu/bin/pip install -r requirements-gpu.txt pytest
    .venv-gpu/bin/python -m tests.gpu.prove

Runs the GPU tests, times both engines on full-size data (CSV and Parquet), judges parity, and, with
``--memory-rows``, a larger file within ``--memory-gb`` of device memory. Writes
``tests/gpu/parity.json`` and ``tests/gpu/parity.md``; exits with 1 if anything did not hold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.backend.probe import probe
from engine.bench import machine, side_by_side, timed_report, timed_run
from engine.compare import compare_runs
from engine.errors import RunError
from engine.generate import write_paysim
from engine.lake import Lake
from tests.gpu.evidence import RECORD, REPOSITORY, source_hashes


def main() -> int:
    """Run every step; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=6_362_620)
    parser.add_argument("--memory-rows", type=int, default=0)
    parser.add_argument("--memory-gb", type=float, default=24.0)
    parser.add_argument("--out", type=Path, default=RECORD)
    arguments = parser.parse_args()
    found = probe()
    if not found.is_usable:
        for problem in found.problems:
            print(f"{problem.what}\n  to mend it: {problem.mend}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="ringleader-gpu-") as folder:
        record = {
            "gpu": found.why,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "tests": run_tests(),
            **full_size(Path(folder), arguments.rows),
            "memory": within_memory(Path(folder), arguments.memory_rows, arguments.memory_gb),
            "sources": source_hashes(),
        }
    record["within"] = (
        record["tests"]["passed"]
        and record["parity"]["agree"]
        and (record["memory"] is None or record["memory"]["done"])
    )
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    arguments.out.with_suffix(".md").write_text(record["table"] + "\n", encoding="utf-8")
    print(record["table"])
    print(f"written to {arguments.out}; within all bounds: {record['within']}")
    return 0 if record["within"] else 1


def run_tests() -> dict[str, Any]:
    """Run ``pytest -m gpu`` and return how it ended."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests/gpu"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(done.stdout, done.stderr, flush=True)
    return {"passed": done.returncode == 0, "summary": done.stdout.strip().splitlines()[-1:]}


def full_size(folder: Path, rows: int) -> dict[str, Any]:
    """Time both engines on one file, the GPU on its Parquet twin too, and judge parity."""
    source, lake = folder / "paysim.csv", folder / "lake"
    write_paysim(rows, 1, source)
    runs = {
        engine: timed_run(source, lake, engine, "--run-id", engine) for engine in ("cpu", "gpu")
    }
    reports = {engine: timed_report(source, run) for engine, run in runs.items()}
    parquet = folder / "paysim.parquet"
    lake_of = Lake.open(lake)
    lake_of.run("cpu").prepped.rename(parquet)
    second = timed_run(parquet, folder / "lake-parquet", "gpu", "--schema", "canonical")
    parquet.rename(lake_of.run("cpu").prepped)
    compared = compare_runs(lake_of, "cpu", "gpu")
    return {
        "bench": {**reports, "gpu_parquet": timed_report(lake_of.run("cpu").prepped, second)},
        "versions": runs["gpu"].manifest["engine"]["versions"],
        "parity": {"agree": compared["agree"], **(compared["parity"] or {"same": True})},
        "table": side_by_side(reports["cpu"], reports["gpu"])
        + f"\n\nfrom Parquet, start to exit: {second.wall_seconds:.1f} s",
    }


def within_memory(folder: Path, rows: int, memory_gb: float) -> dict[str, Any] | None:
    """Run a larger file within a share of the device's memory."""
    if rows == 0:
        return None
    source, settings = folder / "large.csv", folder / "limit.toml"
    began = time.monotonic()
    write_paysim(rows, 2, source)
    generated = time.monotonic() - began
    settings.write_text(f"[compute]\ngpu_memory_gb = {memory_gb}\n", encoding="utf-8")
    told = {"rows": rows, "gpu_memory_gb": memory_gb, "generated_seconds": round(generated)}
    try:
        run = timed_run(source, folder / "lake-large", "gpu", "--config", str(settings))
    except RunError as error:
        return {**told, "done": False, "error": str(error)}
    return {**told, "done": True, "notes": run.manifest["notes"], **timed_report(source, run)}


if __name__ == "__main__":
    sys.exit(main())
