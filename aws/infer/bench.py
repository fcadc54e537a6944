"""How quick real-time scoring is on this machine.

``python -m aws.infer.bench [--lake DIR] [--run RUN_ID] [--rate 50] [--seconds 60]`` starts the
local server in a process of its own and sends transactions between accounts of the run at a fixed
rate, whether or not earlier ones are answered (open loop): a latency counts from the moment a
request was due. Then it measures cold starts: a fresh interpreter to its first answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from aws import names
from engine.lake import Lake
from engine.realtime.publish import publish
from engine.realtime.store import open_profiles

#: Senders of requests: enough that one is always free.
_WORKERS = 16
_COLD_STARTS = 5
_FIRST_ANSWER = """
import json, sys
from types import SimpleNamespace
from aws.infer.handler import handler
answer = handler(json.loads(sys.stdin.read()), SimpleNamespace(
    function_name="f", memory_limit_in_mb=0, invoked_function_arn="", aws_request_id=""))
assert answer["statusCode"] == 200, answer
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m aws.infer.bench", description=__doc__)
    parser.add_argument("--lake", default="lake")
    parser.add_argument("--run", default="sample")
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args(arguments)
    paths = Lake.open(given.lake).run(given.run)
    table = pq.read_table(paths.accounts, columns=["account"])
    accounts = table["account"].to_pylist()
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'profiles.sqlite'}"
        began = time.perf_counter()
        publish(paths, open_profiles(address))
        published = time.perf_counter() - began
        environment = {**os.environ, names.PROFILES: address, names.LAKE: str(paths.root.resolve())}
        with served(environment) as port:
            drive(port, accounts, given.rate, min(2.0, given.seconds))  # warm
            latencies = drive(port, accounts, given.rate, given.seconds)
        cold = sorted(_cold_start(environment, accounts) for _ in range(_COLD_STARTS))
    print(json.dumps({
        "requests": len(latencies), "rate": given.rate,
        **{f"p{p}_ms": round(_percentile(latencies, p), 2) for p in (50, 95, 99)},
        "max_ms": round(max(latencies), 2), "cold_best_s": round(cold[0], 3),
        "cold_median_s": round(statistics.median(cold), 3), "accounts": len(accounts),
        "publish_s": round(published, 2), "cores": len(os.sched_getaffinity(0)),
        "load_average": round(os.getloadavg()[0], 2),
    }))  # fmt: skip
    return 0


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """Run the local server over profiles that are there already; give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    code = (
        "import uvicorn; from aws.infer.local import application; "
        f"uvicorn.run(application(), host='127.0.0.1', port={port}, log_level='warning')"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def drive(port: int, accounts: Sequence[str], rate: float, seconds: float) -> list[float]:
    """Send requests at a fixed rate; return the milliseconds from when each was due."""
    total = int(rate * seconds)
    chance = random.Random(7)
    bodies = [json.dumps(_payment(accounts, chance)) for _ in range(total)]
    numbers, lock = iter(range(total)), threading.Lock()
    latencies: list[float] = []
    began = time.perf_counter()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            due = began + number / rate
            time.sleep(max(due - time.perf_counter(), 0))
            connection.request(
                "POST", "/infer", bodies[number], {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            content = answer.read()
            latencies.append(1000 * (time.perf_counter() - due))
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {content[:200]!r}")

    workers = [threading.Thread(target=work) for _ in range(_WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if len(latencies) != total:
        raise RuntimeError(f"{total - len(latencies)} of {total} requests failed")
    return latencies


def _payment(accounts: Sequence[str], chance: random.Random) -> dict[str, object]:
    sender, receiver = chance.choice(accounts), chance.choice(accounts)
    return {
        "transaction_id": f"bench-{chance.getrandbits(64):x}", "sender": sender,
        "receiver": receiver, "amount": round(chance.lognormvariate(5, 1.5) + 0.01, 2),
        "type": "TRANSFER",
    }  # fmt: skip


def _cold_start(environment: dict[str, str], accounts: Sequence[str]) -> float:
    payment = json.dumps({"sender": accounts[0], "receiver": accounts[-1], "amount": 5000})
    http_part = {"method": "POST", "path": "/infer", "protocol": "", "sourceIp": ""}
    event = {
        "version": "2.0", "rawPath": "/infer", "rawQueryString": "", "headers": {},
        "body": payment, "isBase64Encoded": False,
        "requestContext": {"http": http_part, "stage": "$default"},
    }  # fmt: skip
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", _FIRST_ANSWER], input=json.dumps(event), text=True, check=True,
        env=environment,
    )  # fmt: skip
    return time.perf_counter() - began


def _percentile(values: Sequence[float], share: int) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share / 100))]


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/health")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start within 30 s")


if __name__ == "__main__":
    sys.exit(main())
