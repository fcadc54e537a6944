"""Runs on AWS Batch as the app sees them: submit, list, end; all calls of ``aws`` in one place."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from app.ui import cache, run_settings
from aws import names
from aws.batch.chain import Chain, Expected, Request, end, latest, latest_chains, submit
from aws.batch.logs import Line, tail
from aws.batch.status import CANCELLED, Job, describe
from aws.costs import receipt
from engine.errors import InputError
from engine.job_state import read_if_there
from engine.label_record import LabelMode
from engine.lake import Lake
from engine.plan import plan
from engine.working_copy import WorkingCopy

Progress = Literal["waiting", "running", "done", "cancelled", "failed"]

#: Most runs that are listed: Batch describes a hundred jobs at a time, and each run has two.
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Followed:
    """A chain with the jobs that Batch still knows, and the run's manifest so far."""

    chain: Chain
    jobs: tuple[Job, ...]
    manifest: dict[str, Any]

    @property
    def progress(self) -> Progress:
        """How the run goes as a whole; the lake's manifest has the last word."""
        if self.manifest.get("status") == "done":
            return "done"
        failed = [job for job in self.jobs if job.state == "FAILED"]
        if any(job.is_cancelled for job in failed):
            return "cancelled"
        if failed or (self.chain.is_complete and not self.jobs):
            return "failed"
        if any(job.state in ("STARTING", "RUNNING") for job in self.jobs):
            return "running"
        return "waiting"

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.progress in ("done", "cancelled", "failed") and all(
            job.is_over for job in self.jobs
        )

    @property
    def needs_retry(self) -> bool:
        """Whether a job failed, be it after the run itself was done: notices are sent last."""
        return self.is_over and (
            self.progress != "done" or any(job.state == "FAILED" for job in self.jobs)
        )

    @property
    def failure(self) -> str:
        """Why it failed: what the engine says first, then what AWS says; empty if it did not."""
        if not self.needs_retry or self.progress == "cancelled":
            return ""
        if not self.jobs:
            return "AWS Batch has forgotten its jobs, and they did not finish the run."
        told = next(job for job in self.jobs if job.state == "FAILED")
        why = str(self.manifest.get("error") or told.reason or "AWS Batch gives no reason.")
        if self.progress == "done":
            return f"The results are complete; notices or profiles are not. {why}"
        return why

    def job(self, step: names.Step) -> Job | None:
        """Return the job of a step, ``None`` if Batch does not know it any more."""
        wanted = self.chain.prep if step == "prep" else self.chain.graph
        return next((job for job in self.jobs if job.job_id == wanted), None)

    def elapsed(self) -> float:
        """Return the seconds from submission to the end, or until now while it is not over."""
        stopped = [job.stopped for job in self.jobs if job.stopped is not None]
        end = max(stopped) if self.is_over and stopped else datetime.now(UTC).timestamp()
        return max(end - datetime.fromisoformat(self.chain.submitted).timestamp(), 0.0)

    def took(self) -> tuple[float, float]:
        """Return the seconds that machines have worked, and what they cost in USD, so far."""
        return receipt(self.jobs, self.chain.kind)


def submit_run(
    path: Path,
    schema: str,
    labels: LabelMode,
    kind: names.Kind,
    expected: Expected | None,
    feedback: Path | None = None,
) -> Chain:
    """Submit a run of a file to Batch, once however often it is asked for.

    Parameters
    ----------
    feedback
        File of analysts' decisions; it is copied beside the run's records.

    Raises
    ------
    EngineError
        If the file does not fit its schema, or AWS refuses.
    """
    lake = cache.lake()
    copy = _copy(lake)
    key = copy.send_input(path)
    # The run is named as ingestion names it when it sees the same upload: it is one run then.
    in_lake = lake.root / key
    if not in_lake.exists():
        in_lake.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, in_lake)
    settings = run_settings.settings()
    planned = plan(lake, in_lake, schema, labels, "auto", settings, feedback=feedback)
    options = ["--labels", labels, "--schema", schema]
    if Path(schema).is_file():
        options[-1] = _sent(copy, planned.run_id, "schema.toml", Path(schema))
    if feedback is not None:
        options += ["--feedback", _sent(copy, planned.run_id, "feedback.parquet", feedback)]
    chosen = run_settings.settings_file()
    if chosen is not None:
        options += ["--config", _sent(copy, planned.run_id, "config.toml", chosen)]
    return submit(copy.store, Request(planned.run_id, kind, key, tuple(options), expected))


def _sent(copy: WorkingCopy, run_id: str, name: str, path: Path) -> str:
    """Put a small file beside the run's records; return its address."""
    key = f"runs/{run_id}/{name}"
    copy.store.write(key, path.read_bytes())
    return f"{copy.store.address}/{key}"


def refuse_while_at_work(run_id: str) -> None:
    """Refuse to delete a run whose jobs are not over.

    Raises
    ------
    InputError
        If they are not: nobody could end them any more, and they would go on costing.
    """
    if cache.lake().remote is None:
        return
    followed = follow(run_id)
    if followed is not None and not followed.is_over:
        raise InputError(f"run {run_id} is at work on AWS Batch; cancel it on Runs, then delete it")


def retry(chain: Chain) -> Chain:
    """Submit a failed run again; it goes on after its last finished stage."""
    request = Request(chain.run_id, chain.kind, chain.input_key, chain.options, chain.expected)
    return submit(_copy(cache.lake()).store, request)


def cancel(chain: Chain) -> None:
    """End both jobs of a run."""
    end(chain, CANCELLED)


def log_of(job: Job) -> list[Line]:
    """Return the last lines that a job has written."""
    return tail(job)


def follow(run_id: str) -> Followed | None:
    """Return where a run on Batch is now, ``None`` if it has no jobs."""
    lake = cache.lake()
    chain = latest(_copy(lake).store, run_id)
    return None if chain is None else _followed(lake, [chain])[0]


def list_followed() -> list[Followed]:
    """Return the last chain of each of the latest runs, the newest first."""
    lake = cache.lake()
    return _followed(lake, latest_chains(_copy(lake).store, MOST_LISTED))


def _followed(lake: Lake, chains: list[Chain]) -> list[Followed]:
    lake.refresh()
    jobs = {
        job.job_id: job for job in describe(*(id_ for c in chains for id_ in (c.prep, c.graph)))
    }
    return [
        Followed(
            chain,
            tuple(jobs[id_] for id_ in (chain.prep, chain.graph) if id_ in jobs),
            read_if_there(lake.run(chain.run_id).manifest) or {},
        )
        for chain in chains
    ]


def _copy(lake: Lake) -> WorkingCopy:
    if lake.remote is None:
        raise InputError(
            "AWS Batch works on a lake on S3; start the app with RINGLEADER_LAKE=s3://BUCKET"
        )
    return lake.remote
