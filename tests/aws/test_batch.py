"""Chains of Batch jobs: submitted once, followed, ended, taken over, and tried again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from aws.batch.chain import Chain, Request, end, latest, latest_chains, submit
from aws.batch.logs import tail
from aws.batch.status import CANCELLED, Job, describe, why_waiting
from aws.s3_store import S3Store, open_store
from engine.errors import InputError, RunError
from tests.aws.emulator.fault_rules import Rule
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_numbers = count(1)
_CPU = "fraud-cpu-queue"


@pytest.fixture
def store(lake: LakeView, program: pytest.MonkeyPatch) -> S3Store:
    return open_store(lake.address)


@pytest.fixture
def held(aws: Emulated) -> Iterator[Emulated]:
    """The CPU queue has no machine while the test runs."""
    aws.jobs("hold", queue=_CPU)
    yield aws
    aws.jobs("release", queue=_CPU)


@pytest.fixture
def request_of_new_run(lake: LakeView, paysim: Path) -> Request:
    """A run of 3,000 rows that nobody has begun, out of the sight of ingestion."""
    number = next(_numbers)
    with paysim.open() as whole:
        rows = "".join(line for _, line in zip(range(3001), whole, strict=False))
    lake.put(rows.encode() + b"\n" * number, f"raw/.batch-{number}.csv")
    return Request(f"by-batch-{number}", "cpu", f"raw/.batch-{number}.csv")


def jobs_of(chain: Chain) -> tuple[Job, Job]:
    prep, graph = describe(chain.prep, chain.graph)
    return prep, graph


def wait_for_end(chain: Chain) -> tuple[Job, Job]:
    wait_for("the end of both jobs", lambda: all(job.is_over for job in jobs_of(chain)), 90)
    return jobs_of(chain)


def claim(request: Request, age_seconds: float, attempt: int = 1) -> Chain:
    """Return the record of somebody who is submitting, or has died over it."""
    at = datetime.now(UTC) - timedelta(seconds=age_seconds)
    return Chain(
        request.run_id, attempt, request.kind, request.input_key, request.options, at.isoformat()
    )


def write_claim(store: S3Store, claimed: Chain) -> None:
    store.write(claimed.key, json.dumps(asdict(claimed)).encode())


def test_many_who_submit_the_same_run_submit_one_chain(
    held: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request
) -> None:
    with ThreadPoolExecutor(8) as pool:
        chains = list(pool.map(lambda _: submit(store, request_of_new_run), range(8)))
    assert len({(chain.prep, chain.graph) for chain in chains}) == 1
    assert len(lake.jobs(request_of_new_run.run_id)) == 2
    end(chains[0], CANCELLED)


def test_a_chain_computes_the_run_and_is_submitted_no_second_time(
    lake: LakeView, store: S3Store, request_of_new_run: Request
) -> None:
    chain = submit(store, replace(request_of_new_run, options=("--labels", "ignore")))
    prep, graph = wait_for_end(chain)
    assert (prep.state, graph.state) == ("SUCCEEDED", "SUCCEEDED")
    manifest = lake.manifest(chain.run_id)
    assert (manifest["status"], manifest["labels"]["mode"]) == ("done", "ignore")
    assert manifest["input"]["rows"] == 3000
    assert submit(store, request_of_new_run) == chain
    assert latest(store, chain.run_id) == chain
    assert [found.run_id for found in latest_chains(store, 100)].count(chain.run_id) == 1
    assert prep.seconds_run() > 0
    assert why_waiting(prep) == ""


def test_the_lines_of_a_job_come_while_it_runs(store: S3Store, request_of_new_run: Request) -> None:
    chain = submit(store, request_of_new_run)
    seen: set[tuple[str, bool]] = set()

    def look() -> bool:
        (prep,) = describe(chain.prep)
        seen.update((line.text.split()[-1], prep.is_over) for line in tail(prep))
        return prep.is_over

    assert tail(replace(jobs_of(chain)[1], log_stream="", attempts=())) == []
    wait_for("the end of the first job", look, step=0.02)
    assert ("intake", False) in seen
    wait_for_end(chain)


def test_who_comes_second_waits_for_who_is_submitting(
    held: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request
) -> None:
    claimed = claim(request_of_new_run, age_seconds=1)
    write_claim(store, claimed)
    done = replace(claimed, prep="a", graph="b")

    def sleep(_: float) -> None:
        store.write(done.key, json.dumps(asdict(done)).encode())

    assert submit(store, request_of_new_run, sleep) == done
    assert lake.jobs(request_of_new_run.run_id) == []


def test_who_waits_too_long_is_told(store: S3Store, request_of_new_run: Request) -> None:
    write_claim(store, claim(request_of_new_run, age_seconds=1))
    with pytest.raises(RunError, match="is being submitted by somebody else"):
        submit(store, request_of_new_run, sleep=lambda _: None)


@pytest.mark.parametrize("has_submitted_prep", [False, True])
def test_the_claim_of_a_dead_submitter_is_taken_over(
    held: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request,
    has_submitted_prep: bool,
) -> None:  # fmt: skip
    if has_submitted_prep:  # it died between its two calls
        held.fail([Rule(service="batch", path="submitjob", skip=1, times=9, status=403,
                        code="AccessDeniedException")])  # fmt: skip
        with pytest.raises(InputError, match="submit_job: access denied"):
            submit(store, request_of_new_run)
        held.fail([])
        begun = latest(store, request_of_new_run.run_id)
        assert begun is not None
    else:
        begun = claim(request_of_new_run, age_seconds=240)
    # Whoever took it over first died as well.
    died = datetime.now(UTC) - timedelta(seconds=120)
    write_claim(store, replace(begun, claimed=died.isoformat()))
    chain = submit(store, request_of_new_run)
    assert chain.is_complete
    assert [job["jobId"] for job in lake.jobs(chain.run_id)] == [chain.prep, chain.graph]
    end(chain, CANCELLED)


def test_many_take_a_dead_submitters_claim_over_once(
    held: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request
) -> None:
    write_claim(store, claim(request_of_new_run, age_seconds=120))
    with ThreadPoolExecutor(4) as pool:
        chains = list(pool.map(lambda _: submit(store, request_of_new_run), range(4)))
    assert len({(chain.prep, chain.graph) for chain in chains}) == 1
    assert len(lake.jobs(request_of_new_run.run_id)) == 2
    end(chains[0], CANCELLED)


def test_a_cancelled_chain_ends_and_the_next_one_goes_on(
    aws: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request
) -> None:
    aws.jobs("hold", queue=_CPU)
    first = submit(store, request_of_new_run)
    end(first, CANCELLED)
    assert all(job.is_cancelled for job in wait_for_end(first))
    aws.jobs("release", queue=_CPU)
    second = submit(store, request_of_new_run)
    assert (second.attempt, len({first.prep, first.graph, second.prep, second.graph})) == (2, 4)
    assert [job.state for job in wait_for_end(second)] == ["SUCCEEDED", "SUCCEEDED"]
    assert latest(store, first.run_id) == second


def test_a_running_job_is_cancelled_too(
    aws: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request, faults: Emulated
) -> None:
    faults.fail([Rule(service="s3", method="PUT", do="slow", seconds=1.0, times=1000)])
    chain = submit(store, request_of_new_run)
    wait_for("the first job to run", lambda: jobs_of(chain)[0].state == "RUNNING")
    end(chain, CANCELLED)
    faults.fail([])
    prep, graph = wait_for_end(chain)
    assert (prep.is_cancelled, graph.is_cancelled) == (True, True)
    assert lake.manifest(chain.run_id).get("status") != "done"


def test_a_job_without_a_machine_says_why_it_waits(
    held: Emulated, store: S3Store, request_of_new_run: Request
) -> None:
    chain = submit(store, request_of_new_run)
    wait_for("the job to wait", lambda: jobs_of(chain)[0].state == "RUNNABLE")
    prep = jobs_of(chain)[0]
    assert why_waiting(prep).startswith("Waiting for a machine")
    later = datetime.now(UTC) + timedelta(minutes=20)
    assert why_waiting(prep, now=later).startswith("Still no machine after 20 minutes")
    reason = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
    held.jobs("hold", queue=_CPU, reason=reason)
    wait_for("the reason", lambda: jobs_of(chain)[0].reason == reason)
    assert why_waiting(jobs_of(chain)[0]) == f"AWS says: {reason}"
    end(chain, CANCELLED)


def test_a_missing_queue_is_told(
    aws: Emulated, store: S3Store, request_of_new_run: Request, program: pytest.MonkeyPatch
) -> None:
    program.setattr("aws.names.QUEUES", {"cpu": "no-queue", "gpu": "no-queue"})
    with pytest.raises((InputError, RunError), match="JobQueue no-queue does not exist"):
        submit(store, request_of_new_run)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(
            service="batch", path="submitjob", status=429, code="TooManyRequestsException", times=2
        ),
        Rule(service="batch", path="submitjob", status=500, code="ServerException", times=2),
        Rule(service="batch", path="submitjob", do="lose", times=2),
    ],
    ids=["throttled", "500", "answer lost"],
)
def test_a_passing_failure_of_batch_makes_no_second_job(
    held: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request,
    faults: Emulated, rule: Rule,
) -> None:  # fmt: skip
    faults.fail([rule])
    chain = submit(store, request_of_new_run)
    assert faults.failed() == [2]
    assert [job["jobId"] for job in lake.jobs(chain.run_id)] == [chain.prep, chain.graph]
    end(chain, CANCELLED)


def test_jobs_of_a_deleted_run_are_not_taken_for_those_of_the_new_one(
    held: Emulated, lake: LakeView, store: S3Store, request_of_new_run: Request,
    faults: Emulated,
) -> None:  # fmt: skip
    old = submit(store, request_of_new_run)
    end(old, CANCELLED)
    wait_for_end(old)
    store.delete(old.key)
    faults.fail([Rule(service="batch", path="submitjob", do="lose", times=2)])
    new = submit(store, request_of_new_run)
    assert faults.failed() == [2]
    assert len({old.prep, old.graph, new.prep, new.graph}) == 4
    assert [job["jobId"] for job in lake.jobs(new.run_id)][2:] == [new.prep, new.graph]
    end(new, CANCELLED)


def test_a_claim_whose_answer_is_lost_is_ones_own(
    held: Emulated, store: S3Store, request_of_new_run: Request, faults: Emulated
) -> None:
    faults.fail([Rule(service="s3", method="PUT", path="/runs/.*/batch-1.json", do="lose")])
    chain = submit(store, request_of_new_run, sleep=lambda _: None)
    assert faults.failed() == [1]
    end(chain, CANCELLED)


def test_a_forgotten_job_is_not_described(store: S3Store) -> None:
    assert describe("") == []
    assert describe("no-such-job") == []
