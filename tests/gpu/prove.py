"""Show on a machine with a GPU all that nothing else can show, and write it down.

::

    python3 -m venv .venv-gpu && .venv-gpu/bin/pip install -r requirements-gpu.txt pytest
    .venv-gpu/bin/python -m tests.gpu.prove

Runs the GPU tests, times both engines on full-size data (CSV and Parquet), judges parity, and, with
``--memory-rows``, runs a file within ``--memory-gb`` of device memory. Writes
``tests/gpu/parity.json`` and ``tests/gpu/parity.md``; exits with 1 if anything did not hold.

A GPU costs by the minute: with ``--work DIR`` every step leaves its result there and is not done
again, and ``--only STEP …`` does single steps. A step that fails is named; the others go on.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
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

STEPS = ("tests", "data", "cpu", "gpu", "parquet", "parity", "one_model", "memory")
#: Steps that need no GPU.
_ON_THE_CPU = {"data", "cpu"}


def main() -> int:
    """Run every step; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=6_362_620)
    parser.add_argument("--memory-rows", type=int, default=0)
    parser.add_argument("--memory-gb", type=float, default=24.0)
    parser.add_argument("--out", type=Path, default=RECORD)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--only", nargs="+", choices=STEPS, default=STEPS)
    arguments = parser.parse_args()
    found = probe()
    if not found.is_usable and not set(arguments.only) <= _ON_THE_CPU:
        for problem in found.problems:
            print(f"{problem.what}\n  to mend it: {problem.mend}", file=sys.stderr)
        return 2
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    kept = nullcontext(str(arguments.work)) if arguments.work else None
    with kept or tempfile.TemporaryDirectory(prefix="ringleader-gpu-") as folder:
        proof = Proof(Path(folder), arguments.rows, arguments.memory_rows, arguments.memory_gb)
        done = {name: proof.step(name) for name in STEPS if name in arguments.only}
        if set(done) != set(STEPS):
            return 0 if all(result is not None for result in done.values()) else 1
        record = proof.record(found.why, done)
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if record["table"]:
        arguments.out.with_suffix(".md").write_text(record["table"] + "\n", encoding="utf-8")
        print(record["table"])
    print(f"written to {arguments.out}; within all bounds: {record['within']}")
    return 0 if record["within"] else 1


@dataclass(frozen=True, slots=True)
class Proof:
    """The steps; each leaves its result in the folder, as ``<step>.json``."""

    folder: Path
    rows: int
    memory_rows: int
    memory_gb: float

    def step(self, name: str) -> dict[str, Any] | None:
        """Do a step that has no result yet; return the result, None where the step failed."""
        note = self.folder / f"{name}.json"
        if note.exists():
            before: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
            return before
        work: dict[str, Callable[[], dict[str, Any]]] = {
            "tests": run_tests, "data": self.data, "cpu": self.cpu, "gpu": self.gpu,
            "parquet": self.parquet, "parity": self.parity, "one_model": self.one_model,
            "memory": self.memory,
        }  # fmt: skip
        began = time.monotonic()
        try:
            found = work[name]()
        except Exception:  # a step that fails must not cost the others
            print(f"{name}: FAILED", traceback.format_exc(), sep="\n", flush=True)
            return None
        found["took_seconds"] = round(time.monotonic() - began, 1)
        print(f"{name}: {found['took_seconds']} s", flush=True)
        if found.get("passed", True) and found.get("done", True):
            note.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return found

    def result(self, name: str) -> dict[str, Any]:
        """Return what an earlier step left."""
        found = self.step(name)
        if found is None:
            raise RunError(f"the step {name} has failed")
        return found

    @property
    def source(self) -> Path:
        return self.folder / "paysim.csv"

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def data(self) -> dict[str, Any]:
        """Generate the full-size file."""
        write_paysim(self.rows, 1, self.source)
        return {"rows": self.rows}

    def cpu(self) -> dict[str, Any]:
        return self._timed("cpu", self.source)

    def gpu(self) -> dict[str, Any]:
        return self._timed("gpu", self.source)

    def parquet(self) -> dict[str, Any]:
        """Time the GPU on the file's Parquet twin."""
        twin = self.folder / "paysim.parquet"
        if not twin.exists():
            run_id = self.result("cpu")["run_id"]
            twin.hardlink_to(Lake.open(self.lake).run(run_id).prepped)
        return self._timed("gpu", twin, "--schema", "canonical")

    def _timed(self, engine: Any, source: Path, *options: str) -> dict[str, Any]:
        self.result("data")
        # A name of its own each time: a run that was broken off would go on, and its seconds lie.
        run_id = f"{source.stem}-{engine}-{time.time():.0f}"
        run = timed_run(source, self.lake, engine, "--run-id", run_id, *options)
        return {"run_id": run_id, "notes": run.manifest["notes"], **timed_report(source, run)}

    def parity(self) -> dict[str, Any]:
        """Judge the GPU's run of the full-size file against the CPU's, each with its own model."""
        return self._judged(*(self.result(name)["run_id"] for name in ("cpu", "gpu")))

    def one_model(self) -> dict[str, Any]:
        """Judge both engines where the CPU's model scores for both."""
        settings = self.folder / "model.toml"
        model = Lake.open(self.lake).run(self.result("cpu")["run_id"]).model
        settings.write_text(f"[model]\nuse = {json.dumps(str(model))}\n", encoding="utf-8")
        engines = ("cpu", "gpu")
        runs = [self._timed(one, self.source, "--config", str(settings)) for one in engines]
        return self._judged(*(run["run_id"] for run in runs))

    def _judged(self, run_a: str, run_b: str) -> dict[str, Any]:
        compared = compare_runs(Lake.open(self.lake), run_a, run_b)
        return {
            "agree": compared["agree"],
            "differ": {name: t.get("differ") for name, t in compared["tables"].items()},
            **(compared["parity"] or {"same": True}),
        }

    def memory(self) -> dict[str, Any]:
        """Run a file within a share of the device's memory."""
        if self.memory_rows == 0:
            return {"asked": False, "done": True}
        source, settings = self.source, self.folder / "limit.toml"
        if self.memory_rows != self.rows:
            source = self.folder / "large.csv"
            write_paysim(self.memory_rows, 2, source)
        settings.write_text(f"[compute]\ngpu_memory_gb = {self.memory_gb}\n", encoding="utf-8")
        told = {"asked": True, "rows": self.memory_rows, "gpu_memory_gb": self.memory_gb}
        try:
            return {**told, "done": True, **self._timed("gpu", source, "--config", str(settings))}
        except RunError as error:
            return {**told, "done": False, "error": str(error)}

    def record(self, gpu: str, found: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
        """Put the results of all steps together."""
        cpu, on_gpu, twin = (found[name] for name in ("cpu", "gpu", "parquet"))
        table = side_by_side(cpu, on_gpu) if cpu and on_gpu else ""
        if table and twin:
            table += f"\n\nfrom Parquet, start to exit: {twin['wall_seconds']:.1f} s"
        return {
            "gpu": gpu,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "versions": on_gpu["engine"]["versions"] if on_gpu else None,
            "tests": found["tests"],
            "bench": {"cpu": cpu, "gpu": on_gpu, "gpu_parquet": twin},
            "parity": found["parity"],
            "one_model": found["one_model"],
            "memory": found["memory"],
            "table": table,
            "failed": [name for name in STEPS if found[name] is None],
            "within": all(
                result is not None and result.get(word, True)
                for result in found.values()
                for word in ("passed", "agree", "done")
            ),
            "sources": source_hashes(),
        }  # fmt: skip


def run_tests() -> dict[str, Any]:
    """Run ``pytest -m gpu``, print what it says, and return how it ended."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "--durations=20", "tests/gpu"]
    said = []
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        for line in tests.stdout:
            print(line, end="", flush=True)
            said.append(line.strip())
    last = [line for line in said if re.match(r"\d+ \w+.* in [\d.]+s", line)]
    return {"passed": tests.returncode == 0, "summary": last[-1:]}


if __name__ == "__main__":
    sys.exit(main())
