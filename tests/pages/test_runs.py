"""Runs on AWS Batch: where their jobs are, why one waits, what they cost.

Batch itself is played by records; the real calls are tested against the emulated AWS.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.ui import batch_runs, cache
from app.ui.batch_runs import Followed
from aws.batch.chain import Chain, Expected, Request
from aws.batch.logs import Line
from aws.batch.status import CANCELLED, Attempt, Job
from engine.errors import InputError, RunError
from engine.feedback import keep_feedback
from engine.lake import Lake
from tests.pages.test_home import texts

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
STAGES = [{"name": name, "seconds": 2.0} for name in ("intake", "features", "scores")]


def ago(seconds: float) -> float:
    """The moment so many seconds before now, in seconds since 1970."""
    return time.time() - seconds


def chain() -> Chain:
    """A chain submitted ten minutes ago."""
    submitted = datetime.fromtimestamp(ago(600), UTC).isoformat()
    return Chain(
        "day-1", 1, "gpu", "raw/day.csv", ("--labels", "auto"), submitted, Expected(360.0, 0.012),
        prep="job-a", graph="job-b",
    )  # fmt: skip


def job(job_id: str, state: Any, **told: Any) -> Job:
    """A job created ten minutes ago."""
    plain = Job(job_id, "name", state, "", "fraud-cpu-queue", ago(600), None, None, "", ())
    return replace(plain, **told)


def attempt(start: float, stop: float | None, reason: str = "") -> Attempt:
    return Attempt(ago(-start), None if stop is None else ago(-stop), reason, None, "stream")


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake that the page takes for one on S3."""

    class Copy:
        store = None

        def fetch_manifests(self) -> None:
            pass

    lake = Lake(tmp_path, Copy())  # type: ignore[arg-type]
    monkeypatch.setattr(cache, "lake", lambda: lake)
    monkeypatch.setattr(Lake, "address", property(lambda _: "s3://bucket"))
    return lake


def show(
    monkeypatch: pytest.MonkeyPatch,
    *runs: Followed,
    logs: list[Line] | None = None,
    batch: str | None = None,
) -> AppTest:
    by_id = {run.chain.run_id: run for run in runs}
    monkeypatch.setattr("app.ui.batch_view.list_followed", lambda: list(runs))
    monkeypatch.setattr(batch_runs, "follow", by_id.get)
    monkeypatch.setattr("app.ui.batch_panel.follow", by_id.get)
    monkeypatch.setattr("app.ui.batch_panel.log_of", lambda _: logs or [])
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.switch_page("../pages/runs.py")
    page.query_params["batch" if batch else "view"] = batch or "batch"
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    more = [*page.warning, *page.metric]
    told = "\n".join(f"{getattr(e, 'label', '')} {e.value}" for e in more)
    return texts(page) + told.replace("\\", "")


def test_a_lake_in_a_folder_has_no_batch_and_the_page_says_what_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.switch_page("../pages/runs.py")
    page.query_params["view"] = "batch"
    page.run()
    assert "RINGLEADER_LAKE=s3://BUCKET" in texts(page)


def test_an_empty_page_says_how_to_submit(remote: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "s3://bucket/raw/" in said(show(monkeypatch))


def test_a_job_at_work_shows_its_stage_time_and_log(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = (
        job("job-a", "SUCCEEDED", started=ago(300), stopped=ago(240),
            attempts=(attempt(-300, -240),)),
        job("job-b", "RUNNING", started=ago(30), attempts=(attempt(-30, None),)),
    )  # fmt: skip
    run = Followed(chain(), jobs, {"status": "running", "stages": STAGES})
    line = Line(datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC), "90% rings")
    page = show(monkeypatch, run, logs=[line])
    text = said(page)
    assert "**Running** · `day-1`" in text
    assert "machines at work 1 min · intake 2.0 s · features 2.0 s · scores 2.0 s" in text
    assert "12:00:05  90% rings" in text
    assert "Expected cost 0.012 USD" in text
    assert page.button(key="batch_cancel")
    assert page.query_params["batch"] == "day-1"


def test_a_job_without_a_machine_is_explained_with_a_checklist(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = (job("job-a", "RUNNABLE"), job("job-b", "PENDING"))
    text = said(show(monkeypatch, Followed(chain(), waiting, {})))
    assert "Still no machine after 1" in text
    assert "quota for G instances" in text
    new = (job("job-a", "RUNNABLE", created=ago(20)), job("job-b", "PENDING"))
    text = said(show(monkeypatch, Followed(chain(), new, {})))
    assert "takes some minutes" in text
    assert "quota" not in text


def test_waiting_counts_from_the_end_of_the_job_before(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = job("job-a", "SUCCEEDED", started=ago(500), stopped=ago(10),
                attempts=(attempt(-500, -10),))  # fmt: skip
    run = Followed(chain(), (first, job("job-b", "RUNNABLE")), {"stages": STAGES})
    assert "takes some minutes" in said(show(monkeypatch, run))


def test_what_aws_says_of_a_blocked_job_comes_first(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = job("job-a", "RUNNABLE", reason="MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")
    text = said(show(monkeypatch, Followed(chain(), (blocked, job("job-b", "PENDING")), {})))
    assert "AWS says: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT" in text


def test_a_job_that_lost_its_machine_says_that_it_was_tried_again(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = (attempt(-400, -300, "Host EC2 (instance i-1) terminated."), attempt(-200, None))
    first = job("job-a", "RUNNING", started=ago(200), attempts=tries)
    text = said(show(monkeypatch, Followed(chain(), (first, job("job-b", "PENDING")), {})))
    assert "Tried again: Host EC2 (instance i-1) terminated." in text
    assert "attempt 2" in text


def test_a_failed_run_says_why_and_can_be_submitted_again(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = (job("job-a", "FAILED", reason="Essential container in task exited"),
            job("job-b", "FAILED", reason="Dependent Job failed"))  # fmt: skip
    run = Followed(chain(), jobs, {"status": "failed", "error": "day.csv: no row can be read"})
    page = show(monkeypatch, run)
    assert "day.csv: no row can be read" in said(page)
    again: list[Chain] = []
    monkeypatch.setattr("app.ui.batch_panel.retry", again.append)
    page.button(key="batch_retry").click().run()
    assert again == [run.chain]


def test_a_cancelled_run_is_no_failure(remote: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = tuple(job(name, "FAILED", reason=CANCELLED) for name in ("job-a", "job-b"))
    text = said(show(monkeypatch, Followed(chain(), jobs, {"status": "cancelled"})))
    assert "**Cancelled**" in text
    assert "**Failed**" not in text


def test_a_refused_cancellation_is_told(remote: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Chain) -> None:
        raise RunError("AWS Batch, terminate_job: access denied")

    run = Followed(chain(), (job("job-a", "RUNNABLE"), job("job-b", "PENDING")), {})
    page = show(monkeypatch, run)
    monkeypatch.setattr("app.ui.batch_panel.cancel", refuse)
    page.button(key="batch_cancel").click().run()
    assert "access denied" in texts(page)


def test_a_done_run_shows_its_receipt_and_the_way_to_its_rings(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = tuple(
        job(name, "SUCCEEDED", started=ago(300), stopped=ago(120), attempts=(attempt(-300, -120),))
        for name in ("job-a", "job-b")
    )
    manifest = {"status": "done", "stages": STAGES,
                "counts": {"rings": 3, "alerts": 5, "transactions": 1000}}  # fmt: skip
    run = Followed(chain(), jobs, manifest)
    text = said(show(monkeypatch, run))
    assert "3 rings and 5 alerts in 1,000 transactions" in text
    assert "Took 8 min" in text  # submitted ten minutes ago, the last job ended two minutes ago
    assert run.took()[0] == pytest.approx(360.0, abs=0.1)


def test_jobs_that_batch_has_forgotten_leave_the_word_to_the_lake() -> None:
    assert Followed(chain(), (), {"status": "done"}).progress == "done"
    lost = Followed(chain(), (), {"status": "running"})
    assert lost.progress == "failed"
    assert "forgotten" in lost.failure
    being_submitted = replace(chain(), prep="", graph="")
    assert Followed(being_submitted, (), {}).progress == "waiting"


def test_results_without_their_notices_can_be_retried(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = (job("job-a", "SUCCEEDED", stopped=ago(60)),
            job("job-b", "FAILED", reason="Essential container in task exited"))  # fmt: skip
    run = Followed(chain(), jobs, {"status": "done", "counts": {"rings": 3}})
    page = show(monkeypatch, run)
    assert "The results are complete; notices or profiles are not." in said(page)
    assert page.button(key="batch_retry")


def test_a_link_to_a_run_that_is_not_listed_says_so(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = (job("job-a", "RUNNABLE"), job("job-b", "PENDING"))
    page = show(monkeypatch, Followed(chain(), waiting, {}), batch="gone")
    assert "gone is not among the latest 1 runs" in said(page).replace("`", "")


def test_a_run_is_not_deleted_while_its_jobs_are_at_work(
    remote: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = Followed(chain(), (job("job-a", "RUNNING"), job("job-b", "PENDING")), {})
    over = Followed(chain(), (job("job-a", "FAILED"), job("job-b", "FAILED")), {})
    monkeypatch.setattr(batch_runs, "follow", lambda _: at_work)
    with pytest.raises(InputError, match="cancel it on Runs"):
        batch_runs.refuse_while_at_work("day-1")
    for known in (over, None):
        monkeypatch.setattr(batch_runs, "follow", lambda _, found=known: found)
        batch_runs.refuse_while_at_work("day-1")


def test_decisions_go_to_batch_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[str, bytes] = {}

    class Store:
        address = "s3://bucket"

        def write(self, key: str, content: bytes) -> None:
            written[key] = content

    class Copy:
        store = Store()

        def send_input(self, path: Path) -> str:
            return f"inputs/{path.name}"

        def fetch_manifests(self) -> None:
            pass

        def address_of(self, path: Path) -> None:
            pass

    lake = Lake(tmp_path, Copy())  # type: ignore[arg-type]
    monkeypatch.setattr(cache, "lake", lambda: lake)
    submitted: list[Request] = []
    monkeypatch.setattr(batch_runs, "submit", lambda _, request: submitted.append(request))
    decided = pd.DataFrame(
        {"sender": ["C1"], "receiver": ["M1"], "time": [pd.Timestamp("2026-01-01")],
         "amount": [10.5], "label": [1], "alert": ["A1"], "disposition": ["fraud"],
         "decided_at": [pd.Timestamp("2026-05-01")]}
    )  # fmt: skip
    feedback = keep_feedback(decided, tmp_path / "feedback")
    source = Path(__file__).parents[1] / "data" / "paysim_sample.csv"
    batch_runs.submit_run(source, "auto", "auto", "cpu", None, feedback)
    batch_runs.submit_run(source, "auto", "auto", "cpu", None)
    with_them, without = submitted
    key = f"runs/{with_them.run_id}/feedback.parquet"
    options = dict(zip(with_them.options[::2], with_them.options[1::2], strict=True))
    assert options["--feedback"] == f"s3://bucket/{key}"
    assert written[key] == feedback.read_bytes()
    assert "--feedback" not in without.options
    assert without.run_id != with_them.run_id
