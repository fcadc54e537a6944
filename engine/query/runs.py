"""Runs of a lake as tables: what was run, how it ended, what it found."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.errors import RunError
from engine.job_state import run_state, started_input
from engine.lake import Lake, RunPaths, read_json
from engine.query.database import fetch, require

#: Columns of :func:`list_runs` with their dtypes.
RUN_COLUMNS = {
    "run_id": "string",
    "state": "string",
    "input": "string",
    "rows": "Int64",
    "rejected": "Int64",
    "alerts": "Int64",
    "rings": "Int64",
    "seconds": "Float64",
    "engine": "string",
    "started": "datetime64[us, UTC]",
    "sha256": "string",
    "error": "string",
}


def list_runs(lake: Lake) -> pd.DataFrame:
    """List all runs of a lake, the newest first.

    Returns
    -------
    DataFrame
        Columns and dtypes as :data:`RUN_COLUMNS`; ``state`` is that of
        :class:`engine.job_state.RunState`, or ``unreadable`` (``error`` says why).
    """
    lake.refresh()
    rows = [
        _summary(lake, folder.name)
        for folder in (lake.root / "runs").glob("*")
        if (folder / "run.json").exists() or (folder / "progress.json").exists()
    ]
    runs = pd.DataFrame(rows, columns=list(RUN_COLUMNS)).astype(
        {name: dtype for name, dtype in RUN_COLUMNS.items() if name != "started"}
    )
    runs["started"] = pd.to_datetime(runs["started"], utc=True, format="ISO8601").astype(
        "datetime64[us, UTC]"
    )
    newest_first = runs.sort_values(
        ["started", "run_id"], ascending=[False, True], na_position="last"
    )
    return newest_first.reset_index(drop=True)


def done_runs(runs: pd.DataFrame) -> list[str]:
    """Return the ids of the runs that are done, in the order of :func:`list_runs`."""
    return [str(run_id) for run_id in runs.loc[runs["state"] == "done", "run_id"]]


def runs_of_input(runs: pd.DataFrame, sha256: str) -> list[str]:
    """Return the ids of the done runs made from an input with this hash."""
    same = (runs["sha256"] == sha256).fillna(False) & (runs["state"] == "done")
    return [str(run_id) for run_id in runs.loc[same, "run_id"]]


def rejects(paths: RunPaths, limit: int) -> pd.DataFrame:
    """Return the first rejected rows of a run: ``row`` (position in the input), ``reason, raw``."""
    return fetch(
        "SELECT row, reason, raw FROM read_parquet($rejects) ORDER BY row LIMIT $limit",
        {"rejects": require(paths.rejects), "limit": limit},
    )


def _summary(lake: Lake, run_id: str) -> dict[str, Any]:
    paths = lake.run(run_id)
    try:
        state = run_state(paths)
        manifest = read_json(paths.manifest) if paths.manifest.exists() else {}
        progress = read_json(paths.progress) if paths.progress.exists() else {}
    except RunError as error:
        return {"run_id": run_id, "state": "unreadable", "error": str(error)}
    source, counts = manifest.get("input") or {}, manifest.get("counts") or {}
    return {
        "run_id": run_id,
        "state": state.state,
        "input": source.get("name") or started_input(paths),
        "rows": source.get("rows"),
        "rejected": source.get("rejected"),
        "alerts": counts.get("alerts"),
        "rings": counts.get("rings"),
        "seconds": state.elapsed,
        "engine": (manifest.get("engine") or {}).get("kind"),
        "started": manifest.get("started") or progress.get("started"),
        "sha256": source.get("sha256"),
        "error": state.error,
    }
