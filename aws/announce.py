"""Ring alerts to the SNS topic: one message per ring and change of its state.

A run is compared with the previous one of the same input name. A ring that is new, grew, shrank,
merged, split, or is seen no more gives one message; one that stayed as it was gives none, unless it
was no alert before: then it is told as new. What was sent is written down in
``runs/<run_id>/announced.json``, so a second call sends what is missing.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from botocore.exceptions import BotoCoreError, ClientError

from aws.clients import client, translated
from engine.errors import RunError
from engine.lake import Lake
from engine.query.lineage import previous_run, trace_runs
from engine.risk_bands import Band, band_of
from engine.storage import Store
from engine.working_copy import WorkingCopy, working_folder

#: SNS takes ten messages at a time.
_BATCH = 10
#: Somebody who wrote less than this many seconds ago is still at it.
BUSY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class RingNews:
    """What became of a ring.

    Attributes
    ----------
    key
        Stable name of this piece of news; subscribers that must act once can remember it.
    state
        ``born``, ``grew``, ``shrank``, ``merged``, ``split`` or ``dormant``.
    amount
        In currency units.
    """

    key: str
    run_id: str
    state: str
    ring_id: str
    typology: str
    score: float
    amount: float
    accounts: int
    title: str

    @property
    def band(self) -> Band:
        """The band of the score, as the app and ``POST /infer`` name it."""
        return band_of(self.score)

    def entry(self, index: int) -> dict[str, Any]:
        """Return the message as an entry of ``PublishBatch``."""
        attributes = {
            "state": ("String", self.state), "typology": ("String", self.typology),
            "band": ("String", self.band), "run_id": ("String", self.run_id),
            "score": ("Number", f"{self.score:.4f}"), "amount": ("Number", f"{self.amount:.2f}"),
            "key": ("String", self.key),
        }  # fmt: skip
        body = {
            name: getattr(self, name)
            for name in ("key", "run_id", "state", "ring_id", "typology", "score", "amount",
                         "accounts", "title")
        }  # fmt: skip
        return {
            "Id": str(index),
            "Subject": f"Ring {self.state}: {self.title}"[:100].encode("ascii", "replace").decode(),
            "Message": json.dumps(body, ensure_ascii=False),
            "MessageAttributes": {
                name: {"DataType": kind, "StringValue": value}
                for name, (kind, value) in attributes.items()
            },
        }


def announce(store: Store, run_id: str, topic: str) -> int:
    """Send what is new in a finished run, once; return how many messages went out now.

    Raises
    ------
    RunError
        If a message could not be sent; what is missing is sent by the next call.
    """
    record = f"runs/{run_id}/announced.json"
    sent: list[str] = []
    if not store.create(record, _record(sent, is_complete=False)):
        told = json.loads(store.read(record) or _record(sent, is_complete=False))
        if told["is_complete"]:
            return 0
        if told["by"] != _myself() and time.time() - told["at"] < BUSY_SECONDS:
            raise RunError(f"run {run_id} is being announced by {told['by']}; try again later")
        sent = told["sent"]
    news = [item for item in ring_news(store, run_id) if item.key not in set(sent)]
    for start in range(0, len(news), _BATCH):
        part = news[start : start + _BATCH]
        _publish(topic, part)
        sent += [item.key for item in part]
        store.write(record, _record(sent, is_complete=False))
    store.write(record, _record(sent, is_complete=True))
    return len(news)


def ring_news(store: Store, run_id: str) -> list[RingNews]:
    """Return the rings of a run that are alerts and are not as they were, the riskiest first."""
    lake = Lake(working_folder(store.address), WorkingCopy(store, working_folder(store.address)))
    lake.fetch(run_id)
    previous = previous_run(lake, run_id)
    now = _alerted(lake, run_id)
    if previous is None:
        news = [_news(run_id, "born", ring) for ring in now.values()]
    else:
        lake.fetch(previous)
        before = _alerted(lake, previous)
        news = []
        for row in trace_runs(lake, run_id, previous):
            ring = now.get(row.ring_id) if row.ring_id else before.get(str(row.previous[0]))
            if ring is None:
                continue
            if row.state != "same":
                news.append(_news(run_id, row.state, ring))
            elif not before.keys() & set(row.previous):
                news.append(_news(run_id, "born", ring))
    return sorted(news, key=lambda item: (-item.score, item.key))


def _alerted(lake: Lake, run_id: str) -> dict[str, dict[str, Any]]:
    """Return the alerts of a run that hold a ring, by ring id, with the ring's fingerprint."""
    paths = lake.run(run_id)
    if not paths.rings.exists():
        return {}
    prints = pq.read_table(paths.rings, columns=["ring_id", "fingerprint"]).to_pylist()
    by_ring = {row["ring_id"]: row["fingerprint"] for row in prints}
    alerts = pq.read_table(paths.alerts, columns=[
        "ring_id", "title", "typology", "score", "amount", "n_accounts"]).to_pylist()  # fmt: skip
    return {
        row["ring_id"]: row | {"fingerprint": by_ring[row["ring_id"]]}
        for row in alerts
        if row["ring_id"] is not None
    }


def _news(run_id: str, state: str, ring: dict[str, Any]) -> RingNews:
    return RingNews(
        f"{ring['fingerprint']}:{state}:{run_id}", run_id, state, ring["ring_id"], ring["typology"],
        float(ring["score"]), float(ring["amount"]), int(ring["n_accounts"]), ring["title"],
    )  # fmt: skip


def _publish(topic: str, news: Sequence[RingNews]) -> None:
    entries = [item.entry(index) for index, item in enumerate(news)]
    try:
        answer = client("sns").publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    except (ClientError, BotoCoreError) as error:
        raise translated(error, f"SNS topic {topic}") from error
    refused = answer.get("Failed", ())
    if refused:
        raise RunError(f"SNS topic {topic} refused {len(refused)} messages: {refused[0]}")


def _record(sent: Sequence[str], *, is_complete: bool) -> bytes:
    told = {"at": time.time(), "by": _myself(), "sent": list(sent), "is_complete": is_complete}
    return json.dumps(told).encode()


def _myself() -> str:
    """Return who is announcing: a Batch job keeps its name when it is tried again.

    Two of Lambda's environments may have the same host name and process id, but not the same log.
    """
    job = os.environ.get("AWS_BATCH_JOB_ID") or os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
    return job or f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
