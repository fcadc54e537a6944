"""The whole way on the emulated AWS: an upload, the function, the jobs, the tables, the alerts."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from aws.costs import estimate
from engine.ingest import ingest
from engine.lake import Lake
from engine.plan import plan
from tests.aws.conftest import Subscription, subscribe
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def strong(aws: Emulated) -> Subscription:
    """A subscriber who only wants to hear of rings at high risk."""
    return subscribe(aws, "strong-alerts", {"band": ["Critical", "High"]})


@pytest.fixture(scope="module")
def big_run(lake: LakeView, paysim: Path, alerts: Subscription, strong: Subscription) -> str:
    """The run that an upload of 100,000 rows begins and the jobs end; its id."""
    lake.put(paysim, "raw/whole way.csv")
    return lake.wait_for_run("whole-way")


def test_a_large_upload_is_cleaned_by_the_function_and_computed_by_two_jobs(
    lake: LakeView, big_run: str
) -> None:
    prep, graph = lake.jobs(big_run)
    for job, step in ((prep, "prep"), (graph, "graph")):
        assert re.fullmatch(f"{step}-1-[0-9a-f]{{8}}-{big_run}", job["jobName"])
    assert graph["dependsOn"] == [{"jobId": prep["jobId"]}]
    wait_for("the last job", lambda: lake.jobs(big_run)[1]["status"] == "SUCCEEDED")
    assert lake.jobs(big_run)[0]["status"] == "SUCCEEDED"
    stages = [stage["name"] for stage in lake.manifest(big_run)["stages"]]
    assert stages == ["intake", "features", "scores", "graph", "rings", "alerts"]
    assert any("scores" in line for line in lake.log_of(prep))


def test_a_finished_run_has_every_table_with_its_checksum(lake: LakeView, big_run: str) -> None:
    manifest = lake.manifest(big_run)
    assert manifest["status"] == "done"
    assert manifest["input"] | {"sha256": ""} == {
        "uri": f"{lake.address}/raw/whole way.csv", "name": "whole way.csv", "sha256": "",
        "rows": 100_000, "rejected": 0,
    }  # fmt: skip
    for table in manifest["outputs"].values():
        assert table in manifest["checksums"]
    for key, sha256 in manifest["checksums"].items():
        assert hashlib.sha256(lake.read(key)).hexdigest() == sha256
    assert not [key for key in lake.files_of(big_run) if "/checkpoint/" in key]


def test_every_ring_alert_gives_one_message(
    lake: LakeView, big_run: str, alerts: Subscription
) -> None:
    rings = [ring for ring in _alerts(lake, big_run)["ring_id"] if ring is not None]
    assert rings
    wait_for("the messages", lambda: len(alerts.of(big_run)) >= len(rings))
    told = [json.loads(one["Message"]) for one in alerts.of(big_run)]
    assert sorted(one["ring_id"] for one in told) == sorted(rings)
    assert {one["state"] for one in told} == {"born"}
    assert len({one["key"] for one in told}) == len(rings)


def test_a_subscriber_gets_what_its_filter_lets_through(
    lake: LakeView, big_run: str, alerts: Subscription, strong: Subscription
) -> None:
    table = _alerts(lake, big_run)
    high = [r for r, s in zip(table["ring_id"], table["score"], strict=True) if r and s >= 0.75]
    wait_for("all messages", lambda: len(alerts.of(big_run)) >= sum(map(bool, table["ring_id"])))
    assert sorted(json.loads(one["Message"])["ring_id"] for one in strong.of(big_run)) == sorted(
        high
    )


def test_the_original_scenario(aws: Emulated, lake: LakeView, small_paysim: Path) -> None:
    lake.put(small_paysim, "raw/test_transactions.csv")
    prepped = wait_for(
        "the cleaned file",
        lambda: next((k for k in lake.keys("prepped/test_transactions") if "rejects" not in k), ""),
        seconds=30,
    )
    run_id = prepped.split("/")[1]
    lake.wait_for_run(run_id)
    job = _submit(aws, lake, "gpu-prep-job", prepped)
    done = _end_of(aws, job)
    assert done["status"] == "SUCCEEDED", lake.log_of(done)
    table = lake.table(f"augmented/{run_id}/transactions.parquet")
    risk, label = table["final_risk"].to_numpy(), table["label"].to_numpy()
    order = np.argsort(table["time"].to_numpy(), kind="stable")
    unseen = order[int(0.8 * len(order)) :]
    assert roc_auc_score(label, risk) > 0.90
    assert label[unseen].sum() >= 20
    assert roc_auc_score(label[unseen], risk[unseen]) > 0.90
    assert estimate(10_000, "paysim", "gpu").usd < 1.0


def test_the_jobs_of_the_gpu_queue_compute_a_cleaned_file(
    aws: Emulated, lake: LakeView, cleaned: str
) -> None:
    prep = _end_of(aws, _submit(aws, lake, "gpu-prep-job", cleaned))
    assert prep["status"] == "SUCCEEDED", lake.log_of(prep)
    run_id = cleaned.split("/")[1]
    manifest = lake.manifest(run_id)
    assert manifest["status"] == "waiting"
    # There is no GPU here; the run says what it took instead, and why.
    assert manifest["engine"]["kind"] == "cpu"
    assert manifest["engine"]["reason"]
    graph = _end_of(aws, _submit(aws, lake, "gpu-graph-job", cleaned))
    assert graph["status"] == "SUCCEEDED", lake.log_of(graph)
    assert lake.manifest(run_id)["status"] == "done"


@pytest.fixture
def cleaned(lake: LakeView, small_paysim: Path, program: pytest.MonkeyPatch) -> str:
    """Key of the cleaned transactions of a run that nobody goes on with."""
    lake.put(small_paysim.read_bytes() + b"\n", "elsewhere/cleaned.csv")
    working = Lake.open(lake.address)
    manifest = ingest(working, plan(working, f"{lake.address}/elsewhere/cleaned.csv"))
    return f"prepped/{manifest['run_id']}/transactions.parquet"


def _alerts(lake: LakeView, run_id: str) -> dict[str, list[Any]]:
    return dict(lake.table(f"alerts/{run_id}/alerts.parquet").to_pydict())


def _submit(aws: Emulated, lake: LakeView, definition: str, key: str) -> str:
    """Submit a definition as it is, as the original scenario does."""
    told = aws.client("batch").submit_job(
        jobName="by-hand", jobQueue="fraud-gpu-queue", jobDefinition=definition,
        containerOverrides={"environment": [
            {"name": "BUCKET", "value": lake.bucket}, {"name": "INPUT_KEY", "value": key},
        ]},
    )  # fmt: skip
    return str(told["jobId"])


def _end_of(aws: Emulated, job: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        told: dict[str, Any] = aws.client("batch").describe_jobs(jobs=[job])["jobs"][0]
        return told if told["status"] in ("SUCCEEDED", "FAILED") else None

    return wait_for("the end of a job", look, 90)
