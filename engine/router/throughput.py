"""How long a run takes on an engine, and how much memory: from what was measured, nothing else.

Runs of this lake come first, because they were measured on this very machine; where there is none,
the figures of the project's own benchmark (``measured.json``) serve, and the estimate says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from engine.backend import Kind

_MEASURED = Path(__file__).with_name("measured.json")
#: Smaller runs are all start-up and tell nothing about larger ones.
_LEAST_ROWS = 20_000
_LAST_RUNS = 10


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds and memory as straight lines over the rows.

    Attributes
    ----------
    fixed_seconds, seconds_a_row
        Start-up, and what each row adds.
    fixed_mb, mb_a_row
        The same for memory, in MiB.
    basis
        Where the figures come from, for people.
    """

    fixed_seconds: float
    seconds_a_row: float
    fixed_mb: float
    mb_a_row: float
    basis: str

    def seconds(self, rows: int) -> float:
        """Return the estimated seconds of a run."""
        return self.fixed_seconds + self.seconds_a_row * rows

    def memory_mb(self, rows: int) -> float:
        """Return the estimated peak memory of a run, in MiB."""
        return self.fixed_mb + self.mb_a_row * rows


def throughput(
    kind: Kind, schema: str, manifests: Sequence[dict[str, Any]], where: str = "on this machine"
) -> Throughput | None:
    """Return what is known of an engine; None where nothing was ever measured.

    Parameters
    ----------
    schema
        Schema of the input: runs of the same schema tell more than others.
    manifests
        Runs of the machine in question, the newest first.
    where
        Names that machine, for people.
    """
    shipped = _shipped(kind)
    own = [
        run for run in manifests
        if run.get("status") == "done" and run["engine"]["kind"] == kind
        and (run["input"]["rows"] or 0) >= _LEAST_ROWS and run.get("stages")
    ]  # fmt: skip
    alike = [run for run in own if run.get("schema") == schema] or own
    if not alike:
        return shipped
    base = shipped or Throughput(0.0, 0.0, 0.0, 0.0, "")
    latest = alike[:_LAST_RUNS]
    rows = [int(run["input"]["rows"]) for run in latest]
    seconds = [float(run["seconds"]) for run in latest]
    memory = [max(float(stage["peak_rss_mb"]) for stage in run["stages"]) for run in latest]
    # One run cannot tell start-up from rows: a fast machine's start-up is shorter than ours.
    fixed_seconds = min([base.fixed_seconds, *(value / 2 for value in seconds)])
    fixed_mb = min([base.fixed_mb, *(value / 2 for value in memory)])
    many = "1 run" if len(latest) == 1 else f"{len(latest)} runs"
    return Throughput(
        fixed_seconds,
        median((value - fixed_seconds) / n for value, n in zip(seconds, rows, strict=True)),
        fixed_mb,
        median((value - fixed_mb) / n for value, n in zip(memory, rows, strict=True)),
        f"{many} {where}",
    )


@cache
def _shipped(kind: Kind) -> Throughput | None:
    told = json.loads(_MEASURED.read_text(encoding="utf-8"))[kind]
    if told is None:
        return None
    rows, seconds, memory = (
        np.array([run[key] for run in told["runs"]], np.float64)
        for key in ("rows", "seconds", "memory_mb")
    )
    slope, fixed = np.polyfit(rows, seconds, 1)
    mb_a_row, fixed_mb = np.polyfit(rows, memory, 1)
    basis = f"the benchmark on {told['machine']}"
    return Throughput(float(fixed), float(slope), float(fixed_mb), float(mb_a_row), basis)
