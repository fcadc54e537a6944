"""Ring alerts to the topic: one message for each change of a ring, none where nothing changed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aws import announce, names
from aws.announce import ring_news
from aws.s3_store import open_store
from engine.generate import write_rings
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan
from engine.query.lineage import trace_runs
from tests.aws.conftest import Subscription, subscribe
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.fixture(scope="module")
def transfers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Lines of 12,000 generated transactions with rings, in time order, the header first."""
    folder = tmp_path_factory.mktemp("rings")
    paths = write_rings(12_000, 3, folder / "transfers.csv", None)
    return Path(paths[0]).read_text().splitlines(keepends=True)


@pytest.fixture
def bucket(aws: Emulated, program: pytest.MonkeyPatch) -> LakeView:
    """A lake that only this test uses; it tells the topic, and keeps no profiles."""
    name = f"announce-{next(_numbers)}"
    aws.client("s3").create_bucket(Bucket=name)
    program.delenv(names.PROFILES)
    return LakeView(aws, name)


def compute(bucket: LakeView, lines: list[str], folder: Path) -> str:
    """Run the lines under one name of the input; return the run's id."""
    path = folder / "transfers.csv"
    path.write_text("".join(lines))
    lake = Lake.open(bucket.address)
    told = run(lake, plan(lake, path, labels="ignore", engine="cpu"))
    # Manifests tell the second of a start: the next run must begin in another one to be later.
    began = datetime.fromisoformat(told["started"])
    wait_for("the next second", lambda: (datetime.now(UTC) - began).total_seconds() >= 1.0)
    return str(told["run_id"])


def states(alerts: Subscription, run_id: str, expected: int) -> Counter[str]:
    wait_for("the messages", lambda: len(alerts.of(run_id)) >= expected)
    return Counter(json.loads(one["Message"])["state"] for one in alerts.of(run_id))


def test_only_what_changed_is_told(
    bucket: LakeView, alerts: Subscription, transfers: list[str], tmp_path: Path
) -> None:
    first = compute(bucket, transfers[:9001], tmp_path)
    store = open_store(bucket.address)
    born = ring_news(store, first)
    assert born
    assert states(alerts, first, len(born)) == {"born": len(born)}
    second = compute(bucket, transfers, tmp_path)
    news = ring_news(store, second)
    told = states(alerts, second, len(news))
    assert told == Counter(item.state for item in news)
    assert "same" not in told
    lake = Lake.open(bucket.address)
    traced = Counter(str(row.state) for row in trace_runs(lake, second, first))
    assert traced["same"] > 0  # rings that stayed, and gave no message
    assert all(told[state] <= traced[state] for state in told)
    keys = [json.loads(one["Message"])["key"] for one in (*alerts.of(first), *alerts.of(second))]
    assert len(keys) == len(set(keys))


def test_a_ring_that_stayed_and_is_an_alert_now_is_told_as_born(
    bucket: LakeView, transfers: list[str], tmp_path: Path, program: pytest.MonkeyPatch
) -> None:
    program.delenv(names.TOPIC)
    first = compute(bucket, transfers[:9001], tmp_path)
    second = compute(bucket, transfers, tmp_path)
    store, lake = open_store(bucket.address), Lake.open(bucket.address)
    before = {item.key for item in ring_news(store, second)}
    stayed = [row for row in trace_runs(lake, second, first) if row.state == "same"]
    alerted = announce._alerted
    now = alerted(lake, second)
    row = next(row for row in stayed if row.ring_id in now)

    def weaker(lake: Lake, run_id: str) -> dict[str, dict[str, Any]]:
        """The ring was there, and its score was too low for an alert."""
        found = alerted(lake, run_id)
        return {r: one for r, one in found.items() if run_id != first or r not in row.previous}

    program.setattr(announce, "_alerted", weaker)
    (added,) = [item for item in ring_news(store, second) if item.key not in before]
    assert (added.state, added.ring_id) == ("born", row.ring_id)


@pytest.mark.parametrize(
    ("score", "band"), [(0.95, "Critical"), (0.8, "High"), (0.6, "Medium"), (0.1, "Low")]
)
def test_a_band_has_the_name_that_it_has_elsewhere(score: float, band: str) -> None:
    item = announce.RingNews("k", "r", "born", "ring", "fan_in", score, 1.0, 3, "title")
    assert item.band == band
    assert item.entry(0)["MessageAttributes"]["band"]["StringValue"] == band


def test_a_message_tells_the_ring_and_can_be_filtered(
    aws: Emulated, bucket: LakeView, alerts: Subscription, transfers: list[str], tmp_path: Path
) -> None:
    weighty = subscribe(aws, "weighty", {"score": [{"numeric": [">=", 0.8]}], "state": ["born"]})
    run_id = compute(bucket, transfers[:8001], tmp_path)
    news = ring_news(open_store(bucket.address), run_id)
    states(alerts, run_id, len(news))
    by_ring = {item.ring_id: item for item in news}
    for one in alerts.of(run_id):
        told, attributes = json.loads(one["Message"]), one["MessageAttributes"]
        item = by_ring[told["ring_id"]]
        assert told["title"] == item.title
        assert told["accounts"] == item.accounts
        assert attributes["score"]["Type"] == "Number"
        assert attributes["band"]["Value"] == item.band
        assert one["Subject"].isascii()
        assert len(one["Subject"]) <= 100
    expected = sorted(item.ring_id for item in news if item.score >= 0.8)
    wait_for("the weighty ones", lambda: len(weighty.of(run_id)) >= len(expected))
    assert sorted(json.loads(one["Message"])["ring_id"] for one in weighty.of(run_id)) == expected


def test_the_same_run_again_tells_nothing(
    bucket: LakeView, alerts: Subscription, transfers: list[str], tmp_path: Path
) -> None:
    run_id = compute(bucket, transfers[:7001], tmp_path)
    before = len(ring_news(open_store(bucket.address), run_id))
    states(alerts, run_id, before)
    assert compute(bucket, transfers[:7001], tmp_path) == run_id
    assert len(alerts.of(run_id)) == before


def test_without_a_topic_nothing_is_told(
    bucket: LakeView, alerts: Subscription, transfers: list[str], tmp_path: Path,
    program: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    program.delenv(names.TOPIC)
    run_id = compute(bucket, transfers[:6001], tmp_path)
    assert bucket.keys(f"runs/{run_id}/announced.json") == []
    assert alerts.of(run_id) == []
