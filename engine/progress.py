"""How a run tells where it is: a callback for the stages, and a small file for other processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil

from engine.lake import write_json

#: Called by a stage with the done share of that stage (0 to 1) and a few words.
Progress = Callable[[float, str], None]

#: The stages of a run in order, with their share of the time on a full-size PaySim file.
STAGES: dict[str, float] = {
    "intake": 0.10,
    "features": 0.21,
    "scores": 0.42,
    "graph": 0.17,
    "rings": 0.03,
    "alerts": 0.07,
}

#: Done part of a run whose transactions are scored.
SCORED_SHARE = sum(
    share for name, share in STAGES.items() if name in ("intake", "features", "scores")
)

State = Literal["starting", "running", "waiting", "done", "failed", "cancelled"]


def silent(share: float, message: str) -> None:
    """Progress callback that tells nobody."""


@dataclass
class ProgressFile:
    """Writes ``progress.json`` of a run, at most five times a second.

    The file holds ``run_id, pid, process_started, state, stage, stage_share, share, message,
    started, updated``; ``share`` is the done part of the whole run, 0 to 1. The process is alive
    if a process with this pid started at ``process_started`` (seconds since the epoch).
    """

    path: Path
    run_id: str
    listener: Progress = silent
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _written: float = 0.0

    def stage(self, name: str) -> Progress:
        """Return the callback for one stage."""
        before = sum(share for stage, share in STAGES.items() if _index(stage) < _index(name))

        def report(share: float, message: str) -> None:
            whole = min(before + STAGES[name] * share, 1.0)
            self.listener(whole, f"{name}: {message}")
            if time.monotonic() - self._written > 0.2 or share in (0.0, 1.0):
                self.write("running", name, share, whole, message)

        return report

    def write(
        self, state: State, stage: str, stage_share: float, share: float, message: str
    ) -> None:
        """Write the file now."""
        self._written = time.monotonic()
        write_json(
            self.path,
            {
                "run_id": self.run_id,
                "pid": os.getpid(),
                "process_started": psutil.Process().create_time(),
                "state": state,
                "stage": stage,
                "stage_share": round(stage_share, 4),
                "share": round(share, 4),
                "message": message,
                "started": self.started,
                "updated": datetime.now(UTC).isoformat(timespec="seconds"),
            },
        )


def _index(stage: str) -> int:
    return list(STAGES).index(stage)
