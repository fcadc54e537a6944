"""Runs on AWS Batch as the app sees them: submit, list, end; all calls of ``aws`` in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.ui import cache
from app.ui.engine_choice import settings
from aws import names
from aws.batch.chain import Chain, Request, chains, end, latest, submit
from aws.batch.status import Job, describe
from engine.errors import InputError
from engine.lake import Lake
from engine.plan import LabelMode, plan
from engine.working_copy import WorkingCopy

Progress = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Followed:
    """A chain with the jobs that Batch still knows, and how the lake says the run stands."""

    chain: Chain
    jobs: tuple[Job, ...]
    status: str

    @property
    def progress(self) -> Progress:
        """How the run goes as a whole; the lake's manifest has the last word."""
        if self.status == "done":
            return "done"
        if any(job.state == "FAILED" for job in self.jobs) or not self.jobs:
            return "failed"
        if any(job.state in ("STARTING", "RUNNING") for job in self.jobs):
            return "running"
        return "waiting"

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.progress in ("done", "failed") and all(job.is_over for job in self.jobs)


def remote() -> WorkingCopy | None:
    """Return the lake's store, ``None`` where the lake is in a folder and Batch is no choice."""
    return cache.lake().remote


def submit_run(path: Path, schema: str, labels: LabelMode, kind: names.Kind) -> Chain:
    """Submit a run of a file to Batch, once however often it is asked for.

    Raises
    ------
    EngineError
        If the file does not fit its schema, or AWS refuses.
    """
    lake = cache.lake()
    copy = _copy(lake)
    planned = plan(lake, path, schema, labels, "auto", settings())
    options = ["--labels", labels]
    if Path(schema).is_file():
        folder = f"runs/{planned.run_id}"
        copy.store.write(f"{folder}/schema.toml", Path(schema).read_bytes())
        options += ["--schema", f"{copy.store.address}/{folder}/schema.toml"]
    else:
        options += ["--schema", schema]
    request = Request(planned.run_id, kind, copy.send_input(path), tuple(options))
    return submit(copy.store, request)


def retry(chain: Chain) -> Chain:
    """Submit a failed run again; it goes on after its last finished stage."""
    request = Request(chain.run_id, chain.kind, chain.input_key, chain.options)
    return submit(_copy(cache.lake()).store, request)


def cancel(chain: Chain) -> None:
    """End both jobs of a run."""
    end(chain, "Ended by a user of Ringleader")


def follow(run_id: str) -> Followed | None:
    """Return where a run on Batch is now, ``None`` if it has no jobs."""
    lake = cache.lake()
    chain = latest(_copy(lake).store, run_id)
    return None if chain is None else _followed(lake, chain)


def list_followed(limit: int = 50) -> list[Followed]:
    """Return the last chain of each run, the newest first."""
    lake = cache.lake()
    last: dict[str, Chain] = {}
    for chain in chains(_copy(lake).store):
        last.setdefault(chain.run_id, chain)
    return [_followed(lake, chain) for chain in list(last.values())[:limit]]


def _followed(lake: Lake, chain: Chain) -> Followed:
    lake.refresh()
    manifest = lake.run(chain.run_id).manifest
    status = cache.manifest(chain.run_id)["status"] if manifest.exists() else ""
    return Followed(chain, tuple(describe(chain.prep, chain.graph)), str(status))


def _copy(lake: Lake) -> WorkingCopy:
    if lake.remote is None:
        raise InputError(
            "AWS Batch works on a lake on S3; start the app with RINGLEADER_LAKE=s3://BUCKET"
        )
    return lake.remote
