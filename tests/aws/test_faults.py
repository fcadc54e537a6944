"""Faults lose nothing and double nothing: killed jobs, taken machines, and AWS that fails."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aws.announce import announce
from aws.batch.chain import Chain, Request, submit
from aws.batch.status import Job, describe
from aws.s3_store import S3Store, open_store
from engine.compare import content_hash
from engine.errors import RunError
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan
from tests.aws.conftest import Subscription
from tests.aws.emulator.fault_rules import Rule
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_numbers = count(1)
_STAGES = ["intake", "features", "scores", "graph", "rings", "alerts"]


@pytest.fixture(scope="module")
def rows(paysim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 rows of PaySim: enough for some rings."""
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    with paysim.open() as whole:
        path.write_text("".join(line for _, line in zip(range(5_001), whole, strict=False)))
    return path


@pytest.fixture(scope="module")
def undisturbed(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Hashes of the tables of the run where nothing goes wrong, without AWS."""
    lake = Lake.open(tmp_path_factory.mktemp("undisturbed"))
    run_id = run(lake, plan(lake, rows, engine="cpu"))["run_id"]
    outputs = lake.run(run_id).outputs()
    return {name: content_hash(path) for name, path in outputs.items() if path.exists()}


@pytest.fixture
def store(lake: LakeView, program: pytest.MonkeyPatch) -> S3Store:
    return open_store(lake.address)


@pytest.fixture
def wanted(lake: LakeView, rows: Path) -> Request:
    """The run on Batch, under a name of its own; ingestion does not see its input."""
    number = next(_numbers)
    lake.put(rows, f"raw/.faults-{number}.csv")
    return Request(f"faults-{number}", "cpu", f"raw/.faults-{number}.csv")


def wait_for_end(chain: Chain) -> tuple[Job, Job]:
    def look() -> list[Job] | None:
        jobs = describe(chain.prep, chain.graph)
        return jobs if all(job.is_over for job in jobs) else None

    prep, graph = wait_for("the end of both jobs", look, 120)
    return prep, graph


def check_nothing_is_lost_or_doubled(
    lake: LakeView, run_id: str, undisturbed: dict[str, str], alerts: Subscription, tmp_path: Path
) -> None:
    """The tables are those of the undisturbed run, and every ring was told of once."""
    manifest = lake.manifest(run_id)
    assert manifest["status"] == "done"
    assert [stage["name"] for stage in manifest["stages"]] == _STAGES
    for key, sha256 in manifest["checksums"].items():
        assert hashlib.sha256(lake.read(key)).hexdigest() == sha256
    made = {}
    for name, key in manifest["outputs"].items():
        path = tmp_path / f"{name}.parquet"
        path.write_bytes(lake.read(key))
        made[name] = content_hash(path)
    assert made == undisturbed
    rings = [r for r in lake.table(manifest["outputs"]["alerts"])["ring_id"].to_pylist() if r]
    assert rings
    wait_for("the messages", lambda: len(alerts.of(run_id)) >= len(rings))
    told = [json.loads(one["Message"])["ring_id"] for one in alerts.of(run_id)]
    assert sorted(told) == sorted(rings)


def before(path: str, do: str, skip: int = 0) -> Rule:
    """Return what happens when a job is about to write an object."""
    return Rule(service="s3", method="PUT", path=path, do=do, skip=skip)


def test_a_job_killed_in_any_stage_is_gone_on_with(
    aws: Emulated, lake: LakeView, store: S3Store, wanted: Request, faults: Emulated,
    undisturbed: dict[str, str], alerts: Subscription, tmp_path: Path,
) -> None:  # fmt: skip
    """Once in each stage, when a part of its files is in the lake; then somebody tries again."""
    name = wanted.run_id
    parts = [
        f"/prepped/{name}/transactions", "/checkpoint/features.npy", "/checkpoint/scores.npz",
        f"/graphs/{name}/accounts", f"/graphs/{name}/rings", f"/alerts/{name}/alerts",
    ]  # fmt: skip
    for attempt, part in enumerate(parts, start=1):
        faults.fail([before(part, "kill")])
        chain = submit(store, wanted)
        assert chain.attempt == attempt
        prep, graph = wait_for_end(chain)
        assert faults.failed() == [1]
        killed = prep if attempt <= 3 else graph
        assert (killed.state, killed.attempts[-1].exit_code) == ("FAILED", 137)
        assert lake.manifest(name).get("status") != "done"
    faults.fail([])
    prep, graph = wait_for_end(submit(store, wanted))
    assert (prep.state, graph.state) == ("SUCCEEDED", "SUCCEEDED")
    check_nothing_is_lost_or_doubled(lake, name, undisturbed, alerts, tmp_path)


def test_a_machine_that_is_taken_away_is_replaced_and_the_job_goes_on(
    lake: LakeView, store: S3Store, wanted: Request, faults: Emulated,
    undisturbed: dict[str, str], alerts: Subscription, tmp_path: Path,
) -> None:  # fmt: skip
    """Twice in each job, between the files of a stage and the manifest; Batch tries again."""
    manifest = f"/runs/{wanted.run_id}/run.json"
    faults.fail([
        before(manifest, "interrupt", skip=1),  # after features
        before(manifest, "interrupt", skip=3),
        before(manifest, "interrupt", skip=4),  # the second job's first stage
        Rule(service="sns", do="interrupt", skip=0),  # when it tells of the rings
    ])  # fmt: skip
    prep, graph = wait_for_end(submit(store, wanted))
    assert faults.failed() == [1, 1, 1, 1]
    for job in (prep, graph):
        assert job.state == "SUCCEEDED"
        reasons = [attempt.reason for attempt in job.attempts]
        assert [reason.startswith("Host EC2") for reason in reasons] == [True, True, False]
        assert len({attempt.log_stream for attempt in job.attempts}) == 3
    check_nothing_is_lost_or_doubled(lake, wanted.run_id, undisturbed, alerts, tmp_path)


#: What happens during a storm; every rule hits one request in so many.
STORM = [
    Rule(service="s3", method="PUT", every=11, times=9, code="SlowDown"),
    Rule(service="s3", method="GET", every=7, times=9, code="InternalError", status=500),
    Rule(service="s3", method="PUT", skip=4, every=11, times=9, do="lose"),
    Rule(service="s3", method="GET", skip=2, every=7, times=9, do="cut"),
    Rule(service="s3", skip=5, every=17, times=4, do="slow", seconds=1.0),
    Rule(service="sns", times=2, code="Throttling", status=429),
    Rule(service="sns", times=2, code="InternalFailure", status=500),
    Rule(service="batch", every=2, times=5, code="TooManyRequestsException", status=429),
]


def test_a_storm_during_a_run_changes_nothing(
    lake: LakeView, store: S3Store, wanted: Request, faults: Emulated,
    undisturbed: dict[str, str], alerts: Subscription, tmp_path: Path,
) -> None:  # fmt: skip
    faults.fail(STORM)
    chain = submit(store, wanted)
    prep, graph = wait_for_end(chain)
    hit = faults.failed()
    faults.fail([])
    assert (prep.state, graph.state) == ("SUCCEEDED", "SUCCEEDED")
    assert [job["jobId"] for job in lake.jobs(wanted.run_id)] == [chain.prep, chain.graph]
    assert min(hit[:5]) >= 1
    assert hit[5:7] == [2, 2]
    check_nothing_is_lost_or_doubled(lake, wanted.run_id, undisturbed, alerts, tmp_path)


def test_a_storm_during_ingestion_changes_nothing(
    lake: LakeView, rows: Path, faults: Emulated, undisturbed: dict[str, str],
    alerts: Subscription, tmp_path: Path,
) -> None:  # fmt: skip
    faults.fail(STORM)
    lake.put(rows.read_bytes() + b"\n", "raw/in-a-storm.csv")
    run_id = lake.wait_for_run("in-a-storm")
    wait_for("the last message", lambda: lake.keys(f"runs/{run_id}/announced.json"))
    faults.fail([])
    assert lake.jobs(run_id) == []
    made = lake.table(f"prepped/{run_id}/transactions.parquet")
    assert made.num_rows == 5_000
    streamed = {**undisturbed, "prepped": _hash_of_prepped(lake, run_id, tmp_path)}
    check_nothing_is_lost_or_doubled(lake, run_id, streamed, alerts, tmp_path)


def _hash_of_prepped(lake: LakeView, run_id: str, tmp_path: Path) -> str:
    # A file that was cleaned in a stream has the first score in it; the rest is the same.
    path = tmp_path / "streamed.parquet"
    path.write_bytes(lake.read(f"prepped/{run_id}/transactions.parquet"))
    return content_hash(path)


def test_telling_goes_on_where_it_was_broken_off(
    aws: Emulated, lake: LakeView, store: S3Store, done_run: str, faults: Emulated,
    alerts: Subscription, program: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Ten messages go at a time: what has gone is not sent again, what has not is."""
    _forget_announcement(lake, done_run)
    before_that = len(alerts.of(done_run))
    rings = _rings(lake, done_run)
    assert len(rings) > 10
    program.setattr("aws.clients._TRIES", 1)
    faults.fail([Rule(service="sns", skip=1, times=99, code="InternalFailure", status=500)])
    topic = aws.variables["RINGLEADER_TOPIC"]
    with pytest.raises(RunError, match="InternalFailure"):
        announce(store, done_run, topic)
    faults.fail([])
    assert announce(store, done_run, topic) == len(rings) - 10
    assert announce(store, done_run, topic) == 0
    new = alerts.of(done_run)[before_that:]
    assert sorted(json.loads(one["Message"])["ring_id"] for one in new) == sorted(rings)


def test_who_is_told_by_another_one_waits(
    aws: Emulated, lake: LakeView, store: S3Store, done_run: str, program: pytest.MonkeyPatch
) -> None:
    record = {"at": 9e9, "by": "somebody", "sent": [], "is_complete": False}
    lake.put(json.dumps(record).encode(), f"runs/{done_run}/announced.json")
    with pytest.raises(RunError, match="is being announced by somebody; try again later"):
        announce(store, done_run, aws.variables["RINGLEADER_TOPIC"])
    # Two minutes later whoever it was has died.
    lake.put(json.dumps({**record, "at": 0.0}).encode(), f"runs/{done_run}/announced.json")
    assert announce(store, done_run, aws.variables["RINGLEADER_TOPIC"]) == len(
        _rings(lake, done_run)
    )


@pytest.fixture(scope="module")
def done_run(lake: LakeView, paysim: Path) -> str:
    """A finished run with many rings, computed in place by the function."""
    with paysim.open() as whole:
        lines = [line for _, line in zip(range(45_001), whole, strict=False)]
    lake.put("".join(lines).encode(), "raw/many-rings.csv")
    run_id = lake.wait_for_run("many-rings")
    wait_for("its messages", lambda: _is_announced(lake, run_id))
    return run_id


def _is_announced(lake: LakeView, run_id: str) -> bool:
    key = f"runs/{run_id}/announced.json"
    return bool(lake.keys(key)) and bool(json.loads(lake.read(key))["is_complete"])


def _forget_announcement(lake: LakeView, run_id: str) -> None:
    lake.s3.delete_object(Bucket=lake.bucket, Key=f"runs/{run_id}/announced.json")


def _rings(lake: LakeView, run_id: str) -> list[Any]:
    alerts = lake.table(f"alerts/{run_id}/alerts.parquet")
    return [ring for ring in alerts["ring_id"].to_pylist() if ring]


def test_rules_say_which_requests_they_hit() -> None:
    rule = Rule(service="s3", skip=1, times=2, every=2)
    hits = [rule.takes("s3", "GET", "/x") for _ in range(7)]
    assert hits == [False, True, False, True, False, False, False]
    assert asdict(rule)["hit"] == 2
