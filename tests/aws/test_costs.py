"""What runs on Batch cost, against answers worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aws import names
from aws.batch.status import Attempt, Job
from aws.costs import estimate, receipt
from aws.prices import Machine, machine, prices
from engine.processes import BATCH_JOB
from engine.router import throughput
from tests.aws.emulator.launcher import Emulated

#: An hour of it costs a dollar; five minutes are paid beside the run.
_DOLLAR = Machine("one-dollar", 1.0, 300.0, "a test")


def attempt(started: float | None, stopped: float | None) -> Attempt:
    return Attempt(started, stopped, "", 0, "")


def job(*attempts: Attempt, state: str = "SUCCEEDED", started: float | None = None) -> Job:
    return Job("id", "prep-1-x", state, "", "q", 0.0, started, None, "", attempts)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bench took 20 s for 100,000 rows and 40 s for 1,100,000: 20 µs a row, 18 s at least."""
    runs = [{"rows": 100_000, "seconds": 20.0, "memory_mb": 500, "command": "bench"},
            {"rows": 1_100_000, "seconds": 40.0, "memory_mb": 900, "command": "bench"}]  # fmt: skip
    told = {"cpu": {"machine": "a test", "measured": "2026-01-01", "runs": runs}, "gpu": None}
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(told))
    monkeypatch.setattr(throughput, "_MEASURED", path)
    throughput._shipped.cache_clear()
    yield
    throughput._shipped.cache_clear()


@pytest.mark.parametrize(("kind", "starts"), [("cpu", 2), ("gpu", 1)])
def test_an_estimate_is_the_starts_and_the_measured_run_at_the_machines_price(
    kind: names.Kind, starts: int
) -> None:
    told = estimate(1_000_000, "paysim", kind, _DOLLAR)
    assert told.seconds == pytest.approx(starts * 300 + 18 + 20)
    assert told.usd == pytest.approx((starts * 300 + 38) / 3600)
    assert "one-dollar, a test" in told.basis


def test_an_estimate_for_the_gpu_says_that_none_was_measured() -> None:
    assert "no GPU run measured yet" in estimate(1000, "paysim", "gpu", _DOLLAR).basis


def test_runs_of_the_lake_on_batch_make_the_estimate() -> None:
    run = {
        "status": "done", "machine": f"{BATCH_JOB}1", "engine": {"kind": "cpu"},
        "schema": "paysim", "input": {"rows": 100_000}, "seconds": 58.0,
        "stages": [{"peak_rss_mb": 500.0}],
    }  # fmt: skip
    elsewhere = {**run, "machine": "a laptop", "seconds": 900.0}
    # 18 s are the start, as before: 40 s for 100,000 rows.
    told = estimate(1_000_000, "paysim", "cpu", _DOLLAR, [elsewhere, run])
    assert told.seconds == pytest.approx(2 * 300 + 18 + 400)


@pytest.fixture
def dollar(monkeypatch: pytest.MonkeyPatch) -> None:
    """All machines cost a dollar an hour."""
    monkeypatch.setattr("aws.costs.machine", lambda kind: _DOLLAR)


@pytest.mark.usefixtures("dollar")
@pytest.mark.parametrize(("kind", "starts"), [("cpu", 3), ("gpu", 2)])
def test_a_receipt_counts_every_attempt_of_both_jobs(kind: names.Kind, starts: int) -> None:
    prep = job(attempt(1000.0, 1100.0), attempt(1200.0, 1260.0), attempt(None, None))
    graph = job(attempt(1300.0, 1340.0))
    seconds, usd = receipt([prep, graph], kind)
    assert seconds == 200.0
    # On a GPU the graph job finds the machine of the second attempt still there.
    assert usd == pytest.approx((200 + starts * 300) / 3600)


@pytest.mark.usefixtures("dollar")
@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_a_receipt_of_a_job_that_runs_counts_its_start(kind: names.Kind) -> None:
    began = datetime.now(UTC).timestamp() - 100
    seconds, usd = receipt([job(state="RUNNING", started=began), job(state="PENDING")], kind)
    assert seconds == pytest.approx(100, abs=5)
    assert usd == pytest.approx((seconds + 300) / 3600)
    again = job(attempt(1000.0, 1100.0), state="RUNNING", started=began)
    seconds, usd = receipt([again], kind)
    assert usd == pytest.approx((seconds + 2 * 300) / 3600)


@pytest.mark.usefixtures("dollar")
def test_jobs_that_never_ran_cost_nothing() -> None:
    assert receipt([job(), job(attempt(None, None), state="FAILED")], "cpu") == (0.0, 0.0)


def test_the_price_of_an_hour_is_the_machine_its_disk_and_its_address() -> None:
    told = prices()["machines"]
    # g5.xlarge on spot 0.49, 100 GB of disk 0.011, an address 0.005
    assert machine("gpu").usd_per_hour == pytest.approx(0.506, abs=0.001)
    assert machine("gpu").start_seconds == 60 * told["gpu"]["start_minutes"]


def test_where_ec2_tells_no_price_the_file_serves_and_says_so(
    aws: Emulated, program: pytest.MonkeyPatch
) -> None:
    """The emulator knows no spot prices, as an account without the permission."""
    asked = machine("gpu", ask=True)
    assert asked.usd_per_hour == machine("gpu").usd_per_hour
    assert "EC2 told no spot price" in asked.source
    assert str(prices()["date"]) in asked.source


def test_a_run_of_the_original_sample_costs_less_than_a_dollar() -> None:
    assert estimate(10_000, "paysim", "gpu").usd < 1.0
    assert estimate(6_362_620, "paysim", "gpu").usd < 1.0
